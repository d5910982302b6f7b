/**
 * One question to a chat server, its answer as it is written.
 *
 * POST /chat/completions with `stream`, as in https://platform.openai.com/docs/api-reference/chat/create and served alike by DashScope,
 * vLLM, Ollama, llama.cpp and others. A client of our own over the room `service`: the package `openai` needs a newer Node than this house and writes
 * what it cannot parse to the console, and of its many routes this is one.
 *
 * An abort closes the connection in the same turn of the event loop. Two deadlines watch the server: until its first word, and
 * between two of them; a thought counts as a word, a comment that keeps the line open does not.
 */
import { TalkError } from '../../element/error.js';
import { bearer, json } from '../../service/body.js';
import { type Answer, atMost, beginning, type Call, type HttpClient } from '../../service/http.js';
import { broken, type Party, wrongType } from '../../service/refusal.js';
import { events } from '../../service/sse.js';
import { Calls, type ToolCall } from './calls.js';
import { type Delta, readDelta, wholeAnswer } from './delta.js';
import { partyOf } from './refusal.js';
import type { ChatServer } from './server.js';

/** Bytes an answer may have, all fields included: far more than anybody listens to. */
const LONGEST = 16 << 20;

/** A turn, as the server is told of it. */
export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly calls?: readonly ToolCall[] }
  /** What came of the call with this id. */
  | { readonly role: 'tool'; readonly id: string; readonly content: string };

/** A tool, as the server is told of it. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly parameters: object;
}

export interface ChatRequest {
  /** Its connections. */
  readonly http: HttpClient;
  readonly messages: readonly ChatMessage[];
  readonly signal: AbortSignal;
  /** ms until the first word. */
  readonly firstMs: number;
  /** ms between two words. */
  readonly stallMs: number;
  /** 0 to 2; the server's own where absent. */
  readonly temperature?: number;
  /** Longest answer in tokens; the server's own where absent. */
  readonly maxTokens?: number;
  readonly tools?: readonly OfferedTool[];
  /** False: it must answer without calling one of them. */
  readonly callable?: boolean;
}

/** Why an answer ended: by itself, at the longest that was asked for, or because the server will not say more. */
export type Finish = 'stop' | 'length' | 'content_filter';

/** The end of an answer. `calls`: tools that it wants called before it goes on. */
export interface Ended {
  readonly finish: Finish;
  readonly calls: readonly ToolCall[];
}

/**
 * The parts of the answer in order, none empty. Returns how it ended, or undefined when the signal aborted, which is no error. Throws
 * TalkError: `retryable` says whether asking again could help, `details.retryAfterMs` when.
 */
export async function* chat(
  server: ChatServer,
  request: ChatRequest,
): AsyncGenerator<string, Ended | undefined, undefined> {
  const { http, signal } = request;
  if (signal.aborted) return undefined;
  const party = partyOf(
    server,
    request.messages.map(({ content }) => content),
  );
  const watch = new Watch(party, request.firstMs);
  const both = AbortSignal.any([signal, watch.signal]);
  let answer: Answer | undefined;
  try {
    answer = await http.open(call(server, request), party, both);
    let finish: Finish | undefined;
    const calls = new Calls();
    for await (const delta of deltas(party, answer)) {
      if (delta.alive) watch.again(request.stallMs);
      calls.take(delta.calls);
      if (delta.text !== '') yield delta.text;
      finish = delta.finish ?? finish;
    }
    if (finish === undefined) throw cutShort(party);
    return { finish, calls: calls.list };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw watch.late ?? broken(party, error, 'answer');
  } finally {
    watch.end();
    answer?.close();
  }
}

function call(server: ChatServer, request: ChatRequest): Call {
  const { messages, temperature, maxTokens, tools = [], callable = true } = request;
  const { headers, body } = json({
    model: server.model,
    messages: messages.map(told),
    stream: true,
    ...(tools.length > 0 && { tools: tools.map((one) => ({ type: 'function', function: one })) }),
    ...(!callable && tools.length > 0 && { tool_choice: 'none' }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { [server.lengthField]: maxTokens }),
  });
  return {
    url: new URL(`${server.url}/chat/completions`),
    headers: { ...headers, accept: 'text/event-stream', ...bearer(server.key) },
    body,
  };
}

/** A message in the words of the protocol. */
function told(message: ChatMessage): object {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.id, content: message.content };
  if (message.role !== 'assistant' || message.calls === undefined) return message;
  const calls = message.calls.map(({ id, name, args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  }));
  return { role: 'assistant', content: message.content, tool_calls: calls };
}

/** What the server writes. One that does not stream has the whole answer in one piece. */
async function* deltas(party: Party, answer: Answer): AsyncGenerator<Delta, void, undefined> {
  const { type } = answer;
  const body = atMost(answer.body, LONGEST, party);
  if (type === 'application/json') {
    yield wholeAnswer(party, await beginning(body, LONGEST));
    return;
  }
  if (type !== 'text/event-stream') throw wrongType(party, type || 'no type', '');
  for await (const { data } of events(body)) {
    if (data === '[DONE]') return;
    yield readDelta(party, data);
  }
}

function cutShort({ host }: Party): TalkError {
  return new TalkError('resource/read', `The language model at ${host} stopped in mid-answer.`, {
    retryable: true,
  });
}

/** Waits for words. Aborts when one does not come in time. */
class Watch {
  readonly #party: Party;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout;
  /** Set once it is too late. */
  late: TalkError | undefined;

  constructor(party: Party, firstMs: number) {
    this.#party = party;
    this.#timer = this.#start(firstMs, 'did not begin to answer');
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** A word came: the next one is waited for so long. */
  again(ms: number): void {
    clearTimeout(this.#timer);
    if (this.late === undefined) this.#timer = this.#start(ms, 'said no more');
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #start(ms: number, what: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.late = new TalkError(
        'resource/unreachable',
        `The language model at ${this.#party.host} ${what} for ${ms / 1000} s.`,
        { retryable: true, details: { limitMs: ms } },
      );
      this.#abort.abort();
    }, ms);
  }
}
