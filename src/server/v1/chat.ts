/**
 * `POST /v1/chat/completions`: OpenAI's chat interface in front of a session. Its language model answers, its face says the answer, and the
 * client reads along as it is written. Who hangs up before the end silences the session.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Session } from '../../session/session.js';
import { mayAskFor } from '../../session/voices.js';
import { type WrittenEnd, written } from '../../session/written.js';
import { Chat, type ChatChunk, ChatCompletion } from '../contract/chat.js';
import { whenGone } from '../gone.js';
import { sentence } from '../problem.js';
import { type Api, Refusal } from './api.js';
import type { Found } from './found.js';

export function chatRoutes(api: Api, found: Found): void {
  api.route(
    {
      method: 'POST',
      path: '/v1/chat/completions',
      summary: 'Has a session answer and say it, as OpenAI’s clients ask for it',
      body: Chat,
      status: 200,
      answer: ChatCompletion,
      streams: true,
    },
    async (chat, request, reply) => {
      const named = chat.session ?? request.caller.session ?? chat.model;
      if (named === undefined)
        throw new Refusal(400, 'session: Expected the id of the session whose face is to say it');
      const session = found.running(request, named);
      if (!session.answers) throw new Refusal(409, 'No language model answers in this session.');
      if (chat.voice !== undefined && !(await mayAskFor(chat.voice)))
        throw new Refusal(422, `Expected the name of a voice but received '${chat.voice}'.`);
      const answer = new Answer(session, chat);
      whenGone(reply).addEventListener('abort', () => answer.giveUp());
      // What fails before the first word is an answer with a status.
      await answer.begin();
      reply.header('cache-control', 'no-store');
      if (!chat.stream) return await answer.whole();
      return await reply.type('text/event-stream').send(Readable.from(answer.events()));
    },
  );
}

/** One answer, read along. */
class Answer {
  readonly #session: Session;
  readonly #parts: AsyncGenerator<string, WrittenEnd, undefined>;
  readonly #head: Omit<ChatChunk, 'object' | 'choices'>;
  #first: IteratorResult<string, WrittenEnd> | undefined;
  #ended = false;

  constructor(session: Session, chat: z.output<typeof Chat>) {
    const id = randomUUID();
    const { messages, voice, interrupt, temperature } = chat;
    const maxTokens = chat.max_completion_tokens ?? chat.max_tokens;
    const before = messages.slice(0, -1).map(({ role, content }) => ({
      role: role === 'developer' ? ('system' as const) : role,
      content,
    }));
    const wish = {
      before,
      ...(temperature != null && { temperature }),
      ...(maxTokens != null && { maxTokens }),
    };
    const text = messages.at(-1)?.content ?? '';
    if (text.trim() === '') throw new Refusal(400, 'messages: Expected a question at the end');
    this.#session = session;
    this.#parts = written(session, { id, text, voice, interrupt, wish });
    const created = Math.floor(Date.now() / 1000);
    this.#head = { id: `chatcmpl-${id}`, created, model: chat.model ?? session.id };
  }

  /** Asks, and waits for the first word. */
  async begin(): Promise<void> {
    this.#first = await this.#next();
  }

  async whole(): Promise<z.output<typeof ChatCompletion>> {
    let content = '';
    for (let next = this.#first ?? (await this.#next()); ; next = await this.#next()) {
      if (next.done !== true) {
        content += next.value;
        continue;
      }
      const message = { role: 'assistant' as const, content, refusal: null };
      const choice = { index: 0, message, finish_reason: reason(next.value), logprobs: null };
      return { ...this.#head, object: 'chat.completion', choices: [choice] };
    }
  }

  /** Server-sent events; what fails on the way is told as OpenAI tells it. */
  async *events(): AsyncGenerator<string, void, undefined> {
    yield this.#event({ role: 'assistant', content: '' });
    try {
      for (let next = this.#first ?? (await this.#next()); ; next = await this.#next()) {
        if (next.done !== true) yield this.#event({ content: next.value });
        else {
          yield this.#event({}, reason(next.value));
          break;
        }
      }
      yield 'data: [DONE]\n\n';
    } catch (error) {
      yield `data: ${JSON.stringify({ error: { message: sentence(error), type: 'server_error' } })}\n\n`;
    }
  }

  /** The client has gone: nobody is to say what nobody asks for any more. */
  giveUp(): void {
    if (!this.#ended && this.#session.state === 'running') this.#session.cut();
  }

  async #next(): Promise<IteratorResult<string, WrittenEnd>> {
    try {
      const next = await this.#parts.next();
      if (next.done === true) this.#ended = true;
      return next;
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }

  #event(
    delta: ChatChunk['choices'][0]['delta'],
    finish_reason: ChatChunk['choices'][0]['finish_reason'] = null,
  ): string {
    const choices = [{ index: 0, delta, finish_reason, logprobs: null }];
    const chunk: ChatChunk = { ...this.#head, object: 'chat.completion.chunk', choices };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  }
}

/** OpenAI has no word for an answer that was cut. */
const reason = (end: WrittenEnd) => (end === 'cut' ? 'stop' : end);
