/**
 * An answer for which the model may use tools: it is asked, its calls are made, it is told what came of them, and asked again.
 *
 * Bounded: so many rounds, then it must answer with what it knows; each call has its own limits (`tools/use.ts`).
 */
import type { Tool } from '../tools/file.js';
import { type Used, useTool } from '../tools/use.js';
import type { ToolCall } from './calls.js';
import type { ChatMessage, ChatRequest, Finish } from './chat.js';
import { patientChat } from './patient.js';
import type { ChatServer } from './server.js';

/** Rounds of calls in one answer. */
const ROUNDS = 4;

/** What happens on the way to an answer. */
export type Step =
  /** More of the answer. */
  | { readonly say: string }
  /** Tools are called; `meanwhile` is to be said at once, if it is not empty. */
  | { readonly calls: readonly ToolCall[]; readonly meanwhile: string }
  /** One of them has answered. */
  | { readonly call: ToolCall; readonly used: Used };

/** As `patientChat`, with tools. */
export async function* answer(
  server: ChatServer,
  request: ChatRequest,
  tools: readonly Tool[],
): AsyncGenerator<Step, Finish | undefined, undefined> {
  const { http, signal } = request;
  const messages: ChatMessage[] = [...request.messages];
  const offered = tools.map(({ name, description, parameters }) => ({ name, description, parameters }));
  let silent = true;
  for (let round = 0; ; round++) {
    let said = '';
    // One that calls for ever is not offered to call again; it keeps the list, which its calls so far refer to.
    const asked = { ...request, messages, tools: offered, callable: round < ROUNDS };
    const parts = patientChat(server, asked);
    let next = await parts.next();
    try {
      for (; !next.done; next = await parts.next()) {
        said += next.value;
        yield { say: next.value };
      }
    } finally {
      // Not awaited: a server that is stopped in mid-word need not notice first.
      parts.return(undefined).catch(() => undefined);
    }
    const ended = next.value;
    if (ended === undefined) return undefined;
    const { finish, calls } = ended;
    if (calls.length === 0 || round === ROUNDS) return finish;
    silent &&= said.trim() === '';
    yield { calls, meanwhile: silent ? fillerOf(tools, calls) : '' };
    silent = false;
    messages.push({ role: 'assistant', content: said, calls });
    for await (const { call, used } of results(http, tools, calls, signal)) {
      if (signal.aborted) return undefined;
      messages.push({ role: 'tool', id: call.id, content: used.content });
      yield { call, used };
    }
  }
}

/** All calls at once, told in their order. */
async function* results(
  http: ChatRequest['http'],
  tools: readonly Tool[],
  calls: readonly ToolCall[],
  signal: AbortSignal,
): AsyncGenerator<{ call: ToolCall; used: Used }, void, undefined> {
  const asked = calls.map((call) => ({ call, used: useTool(http, tools, call, signal) }));
  for (const { call, used } of asked) yield { call, used: await used };
}

/** What the first of the called tools that says something wants said while one waits. */
function fillerOf(tools: readonly Tool[], calls: readonly ToolCall[]): string {
  const called = calls.map(({ name }) => tools.find((tool) => tool.name === name)?.say ?? '');
  return called.find((say) => say !== '') ?? '';
}
