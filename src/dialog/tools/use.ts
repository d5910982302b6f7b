/**
 * One call of a tool: the arguments are posted to its address as JSON, what comes back is what the model is told.
 *
 * Only addresses that stand in the file of tools are asked. A model chooses arguments, never an address; they go into the body, and
 * nobody is followed to another host. A call that fails is told to the model in a sentence, so that it can say so.
 */
import { TalkError, toTalkError } from '../../element/error.js';
import { bearer } from '../../service/body.js';
import { atMost, type HttpClient } from '../../service/http.js';
import type { Party } from '../../service/refusal.js';
import type { ToolCall } from '../llm/calls.js';
import type { Tool } from './file.js';

/** Bytes that a tool may tell. */
const LONGEST = 64 << 10;

/** What came of a call. */
export interface Used {
  /** For the model. */
  readonly content: string;
  /** For everybody else: why there is no result. */
  readonly error?: TalkError;
}

/** Calls a tool. Never rejects; an abort ends it at once, with whatever. */
export async function useTool(
  http: HttpClient,
  tools: readonly Tool[],
  { name, args }: ToolCall,
  signal: AbortSignal,
): Promise<Used> {
  try {
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) throw new TalkError('resource/not-found', `There is no tool ${name}.`);
    return { content: await asked(http, tool, checked(args), signal) };
  } catch (thrown) {
    const error = toTalkError(thrown);
    return { content: JSON.stringify({ error: error.message }), error };
  }
}

async function asked(http: HttpClient, tool: Tool, body: string, signal: AbortSignal): Promise<string> {
  const key = tool.key === undefined ? undefined : process.env[tool.key];
  const party: Party = {
    what: `the tool ${tool.name}`,
    host: tool.url.host,
    hide: key === undefined ? [] : [key],
    ...(tool.key !== undefined && { keys: [tool.key] }),
  };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), tool.timeout * 1000);
  try {
    const headers = { 'content-type': 'application/json', ...bearer(key) };
    const both = AbortSignal.any([signal, late.signal]);
    const answer = await http.open({ url: tool.url, headers, body }, party, both);
    try {
      const parts: Uint8Array[] = [];
      for await (const part of atMost(answer.body, LONGEST, party)) parts.push(part);
      // A body that was called off ends quietly.
      if (late.signal.aborted) throw tooLate(tool);
      return Buffer.concat(parts).toString('utf8');
    } finally {
      answer.close();
    }
  } catch (error) {
    throw late.signal.aborted ? tooLate(tool) : error;
  } finally {
    clearTimeout(timer);
  }
}

function tooLate({ name, url, timeout }: Tool): TalkError {
  return new TalkError(
    'resource/unreachable',
    `The tool ${name} at ${url.host} took longer than ${timeout} s.`,
    {
      retryable: true,
      details: { limitMs: timeout * 1000 },
    },
  );
}

/** Arguments as they are posted. Models write JSON that is none, and nothing at all where there are no arguments. */
function checked(args: string): string {
  let value: unknown;
  try {
    value = args.trim() === '' ? {} : JSON.parse(args);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return JSON.stringify(value);
  throw new TalkError('stream/format', 'Expected the arguments as one JSON object.');
}
