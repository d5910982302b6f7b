/**
 * One question to a chat server, its answer as it is written.
 *
 * POST /chat/completions with `stream`, as in https://platform.openai.com/docs/api-reference/chat/create and served alike by DashScope,
 * vLLM, Ollama, llama.cpp and others. A client of our own over `fetch`: the package `openai` needs a newer Node than this house and writes
 * what it cannot parse to the console, and of its many routes this is one.
 *
 * An abort closes the connection in the same turn of the event loop. Two deadlines watch the server: until its first word, and
 * between two of them; a thought counts as a word, a comment that keeps the line open does not.
 */
import { TalkError, toTalkError } from '../../element/error.js';
import { type Delta, readDelta, wholeAnswer } from './delta.js';
import { checkAnswer } from './refusal.js';
import { type ChatServer, host } from './server.js';
import { serverEvents } from './sse.js';

/** A turn, as the server is told of it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatRequest {
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
}

/** Why an answer ended: by itself, at the longest that was asked for, or because the server will not say more. */
export type Finish = 'stop' | 'length' | 'content_filter';

/**
 * The parts of the answer in order, none empty. Returns why it ended, or undefined when the signal aborted, which is no error. Throws
 * TalkError: `retryable` says whether asking again could help, `details.retryAfterMs` when.
 */
export async function* chat(
  server: ChatServer,
  request: ChatRequest,
): AsyncGenerator<string, Finish | undefined, undefined> {
  const { signal } = request;
  if (signal.aborted) return undefined;
  const watch = new Watch(server, request.firstMs);
  const both = AbortSignal.any([signal, watch.signal]);
  try {
    const response = await ask(server, request, both);
    let finish: Finish | undefined;
    for await (const delta of deltas(server, response)) {
      if (delta.alive) watch.again(request.stallMs);
      if (delta.text !== '') yield delta.text;
      finish = delta.finish ?? finish;
    }
    if (finish === undefined) throw cutShort(server);
    return finish;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw watch.late ?? told(server, error);
  } finally {
    watch.end();
  }
}

async function ask(server: ChatServer, request: ChatRequest, signal: AbortSignal): Promise<Response> {
  const { messages, temperature, maxTokens } = request;
  const body = {
    model: server.model,
    messages,
    stream: true,
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { [server.lengthField]: maxTokens }),
  };
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(server.key !== undefined && { authorization: `Bearer ${server.key}` }),
    },
    body: JSON.stringify(body),
    // A key is for one host, not for where that sends us.
    redirect: 'manual',
    signal,
  });
  await checkAnswer(server, response);
  return response;
}

/** What the server writes. One that does not stream has the whole answer in one piece. */
async function* deltas(server: ChatServer, response: Response): AsyncGenerator<Delta, void, undefined> {
  if (/^application\/json\b/i.test(response.headers.get('content-type') ?? '')) {
    yield wholeAnswer(server, await response.text());
    return;
  }
  for await (const data of serverEvents(server, response)) {
    if (data === '[DONE]') return;
    yield readDelta(server, data);
  }
}

function cutShort(server: ChatServer): TalkError {
  return new TalkError('resource/read', `The language model at ${host(server.url)} stopped in mid-answer.`, {
    retryable: true,
  });
}

/** An error of the connection, without the address (which may hold a password) or what was said. */
function told(server: ChatServer, error: unknown): TalkError {
  if (error instanceof TalkError) return error;
  const { cause } = error as { cause?: { code?: string } };
  const code = cause?.code ?? (error as { code?: string }).code;
  return new TalkError(
    'resource/unreachable',
    `The language model at ${host(server.url)} cannot be reached${code === undefined ? '' : ` (${code})`}.`,
    { retryable: true, debug: toTalkError(error).debug },
  );
}

/** Waits for words. Aborts when one does not come in time. */
class Watch {
  readonly #server: ChatServer;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout;
  /** Set once it is too late. */
  late: TalkError | undefined;

  constructor(server: ChatServer, firstMs: number) {
    this.#server = server;
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
        `The language model at ${host(this.#server.url)} ${what} for ${ms / 1000} s.`,
        { retryable: true, details: { limitMs: ms } },
      );
      this.#abort.abort();
    }, ms);
  }
}
