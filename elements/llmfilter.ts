/**
 * A language model in the graph: turns of a listener go in, what is to be said comes out while the model writes it.
 *
 * Each buffer that comes in is a turn; its meta `TalkgraphTurn` {id, voice, cut, by}, if it has one, names the answer. Out go `text-start` {id, voice, cuts}, the parts,
 * and `text-end`: what `ttssrc` says as one utterance. Any cut (`barge-in` from upstream, `interrupted` from the voice) closes the
 * connection to the model at once. The history holds what was heard, which the voice tells. docs/conversation.md has it all.
 *
 * A turn that is a draft (its meta has `draft`) is answered as if it counted, and nothing of it goes into the history or to a tool before
 * `draft-kept {id}`; with `draft-dropped` it was nothing. With `draft=llm` its answer waits here, with `draft=tts` it goes on to the voice.
 *
 * Messages `answer-asked` {id}, `answer-begun` {id}, `answer-ended` {id, reason: stop|length|content_filter|cut|failed, said} tell when the model was
 * asked, wrote its first word, and was done, and whether anything of it is said.
 *
 * Tools of the file `tools` are called while the answer waits; each is a message `tool` {id, name, status: called|done|failed, code?}.
 *
 * A turn with a `wish` (`src/dialog/wish.ts`) has the model told another conversation, and its answer as it is written: messages `written` {id, at,
 * text}, where `at` counts the signs before it, and at its end `written-end` {id, text, finish: stop|length|content_filter|cut} with all of it.
 *
 * A model that fails or is too slow is a message `answer-failed` {id, code, message, retryable}, and an apology if one is set; one that
 * stops early is `answer-incomplete` {id, reason}. The graph goes on.
 */
import { randomUUID } from 'node:crypto';
import { History } from '../src/dialog/history.js';
import { Interruptions, readAccount } from '../src/dialog/interruptions.js';
import { answer, type Step } from '../src/dialog/llm/answer.js';
import { type ChatServer, chatServer } from '../src/dialog/llm/server.js';
import { Spoken } from '../src/dialog/spoken/spoken.js';
import { readTools, type Tool } from '../src/dialog/tools/file.js';
import { readTurn, type Turn } from '../src/dialog/turn.js';
import { readWish, wishedMessages } from '../src/dialog/wish.js';
import {
  type CapsText,
  type Draft,
  Drafts,
  type ElementEvent,
  type EventItem,
  type Frame,
  type Item,
  type Metadata,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  TalkError,
  toTalkError,
} from '../src/element/index.js';
import { HttpClient } from '../src/service/http.js';

const CAPS = 'text/x-raw, format=utf8';
/** ms that the voice has to tell what was heard of a cut answer. It takes a few; a machine that is busy may need hundreds, and a model
 * that is asked too early is told words that nobody heard. */
const ACCOUNT = 1000;

export default class LlmFilter extends Pipe<typeof LlmFilter.properties> {
  static readonly metadata = {
    name: 'llmfilter',
    longName: 'Language model',
    klass: 'Filter/Text',
    description: 'Answers text by a language model, as it is written, and forgets what nobody heard',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    url: {
      type: 'string',
      default: '',
      blurb:
        'Base address of an OpenAI-compatible chat server; empty: as the environment says (LLM_BASE_URL, or a key)',
    },
    model: {
      type: 'string',
      default: '',
      blurb: 'Model to ask; empty: LLM_MODEL, or the usual one of the service',
    },
    'system-prompt': {
      type: 'string',
      default: 'You are talking with somebody. Answer in a few short, plain sentences, as one speaks.',
      mutable: 'playing',
      blurb: 'What the model is told before everything else',
    },
    temperature: {
      type: 'double',
      min: -1,
      max: 2,
      default: -1,
      mutable: 'playing',
      blurb: 'How freely the model chooses its words; -1 leaves it to the server',
    },
    'max-tokens': {
      type: 'uint',
      unit: 'tokens',
      min: 0,
      max: 100_000,
      default: 0,
      mutable: 'playing',
      blurb: 'Longest answer; 0 leaves it to the server',
    },
    history: {
      type: 'uint',
      unit: 'tokens',
      min: 100,
      max: 1_000_000,
      default: 4000,
      mutable: 'playing',
      blurb: 'How much of the conversation the model is told; an estimate, the oldest turns go first',
    },
    'first-token': {
      type: 'uint',
      unit: 'ms',
      min: 10,
      max: 600_000,
      default: 10_000,
      mutable: 'playing',
      blurb: 'How long the model may take until it begins',
    },
    stall: {
      type: 'uint',
      unit: 'ms',
      min: 10,
      max: 600_000,
      default: 10_000,
      mutable: 'playing',
      blurb: 'How long it may say nothing in the middle of an answer',
    },
    tools: {
      type: 'path',
      default: '',
      blurb: 'File of tools that the model may use (docs/conversation.md); empty: none',
    },
    apology: {
      type: 'string',
      default: '',
      mutable: 'playing',
      blurb: 'Said when the model fails or is too slow; empty: nothing',
    },
  } as const satisfies Properties;

  static readonly pads = { sink: { caps: CAPS }, src: { caps: CAPS } } satisfies PadTemplates;

  static readonly examples = [
    'textsrc is-live=false text="Is it raining?" ! llmfilter url=http://127.0.0.1:11434/v1 model=llama3.2 ! fakesink',
  ];

  readonly #http = new HttpClient();
  #server!: ChatServer;
  #url!: URL;
  #tools: readonly Tool[] = [];
  #history!: History;
  #interruptions = new Interruptions();
  #drafts = new Drafts();
  #abort = new AbortController();
  /** The answer that was begun last. */
  #answer = '';

  override async start(): Promise<void> {
    const { url, model, tools } = this.props;
    const server = chatServer({ url, model });
    if (server === undefined) {
      throw new TalkError(
        'resource/settings',
        'Expected a language model: set url and model, or LLM_BASE_URL and LLM_MODEL, DASHSCOPE_API_KEY or OPENAI_API_KEY.',
      );
    }
    this.#server = server;
    this.#url = new URL(server.url);
    this.#tools = tools === '' ? [] : await readTools(tools);
    this.#history = new History(this.#bounds());
    this.#interruptions = new Interruptions();
    this.#drafts = new Drafts();
    this.#answer = '';
  }

  override stop(): void {
    this.#abort.abort();
    this.#http.close();
  }

  override setup(): CapsText {
    return CAPS;
  }

  override propertyChanged(name: string): void {
    if (name === 'system-prompt' || name === 'history') this.#history?.set(this.#bounds());
  }

  override event({ name, fields }: ElementEvent): void {
    const draft = this.#drafts.event(name, fields);
    if (draft !== undefined) this.#history?.settle(draft.id, draft.kept);
    if (name === 'talkgraph/barge-in')
      this.#cut(String(fields['cut'] || randomUUID()), String(fields['by'] ?? ''));
    // Said again, by the voice: the model need not know that it stopped.
    if (name === 'talkgraph/resumed') this.#history.said(String(fields['id']), String(fields['text'] ?? ''));
    // Of a draft that was dropped late.
    if (name === 'talkgraph/heard') this.#history.heard(String(fields['id']), String(fields['text'] ?? ''));
    if (name !== 'talkgraph/interrupted') return;
    const cut = String(fields['cut']);
    this.#cut(cut);
    const { heard, known } = readAccount(fields);
    for (const [id, text] of heard) this.#history.heard(id, text);
    // What was cut on its way to the voice, nobody has heard.
    if (!known.includes(this.#answer)) this.#history.heard(this.#answer, '');
    this.#interruptions.accounted(cut, Number(fields['cuts'] ?? 0));
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) {
      if ('event' in item) {
        const { cut = '', by = '' } = item.fields;
        if (item.name === 'talkgraph/barge-in' && cut) this.#cut(String(cut), String(by));
        // Somebody begins to speak, and may ask.
        if (item.name === 'talkgraph/vad' && item.fields['state'] === 'speech') this.#http.expect(this.#url);
        yield item;
        continue;
      }
      const turn = this.#turn(item);
      const text = Buffer.from(item.data).toString();
      this.release(item);
      if (text.trim() === '') continue;
      if (!turn.old) yield* this.#reply(turn, text);
      else {
        if (turn.draft === undefined) this.#history.asked(text);
        this.#written(turn, '', 'cut');
      }
    }
  }

  #turn(frame: Frame): Turn {
    const { cut, by } = frame.metas?.['TalkgraphTurn'] ?? {};
    // One that interrupts may be here before the event that overtakes everything.
    if (cut) this.#cut(String(cut), String(by));
    return readTurn(frame, this.#interruptions, this.#drafts);
  }

  #cut(cut: string, by = ''): void {
    if (!this.#interruptions.take(cut, by)) return;
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  async *#reply(turn: Turn, text: string): AsyncIterable<Item> {
    const { id, voice, draft, held, due } = turn;
    if (draft?.kept === false) return;
    const signals = [this.#abort.signal, this.signal, ...(draft === undefined ? [] : [draft.signal])];
    const stopped = AbortSignal.any(signals);
    const open = () => draft !== undefined && draft.kept === undefined;
    this.#history.asked(text, open() ? id : undefined);
    await this.#interruptions.settled(ACCOUNT);
    if (stopped.aborted) return this.#written(turn, '', 'cut');
    const parts = this.#parts(turn, text, stopped);
    try {
      // Asked now; of a draft that is held the answer waits.
      let next = parts.next();
      if (held && !(await certain(draft, stopped))) return;
      // Whoever says it hears of each cut before what comes after it.
      for (const cut of this.#interruptions.tell()) yield mark('barge-in', { cut });
      this.#answer = id;
      yield mark('text-start', {
        ...{ id, voice, cuts: this.#interruptions.count },
        ...(open() && { draft: true, due }),
      });
      for (; ; next = parts.next()) {
        const { value: part = '', done } = await next;
        if (done || stopped.aborted) break;
        if (part === '') continue;
        this.#history.said(id, part);
        yield { data: new TextEncoder().encode(part) };
      }
      yield mark('text-end', { id });
    } finally {
      // Not awaited: a server that is stopped in mid-word need not notice first.
      parts.return(undefined).catch(() => undefined);
    }
  }

  /** What is said of the answer. Ends quietly when it was cut; what goes wrong is told. */
  async *#parts(turn: Turn, text: string, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const { id, wish, draft } = turn;
    const spoken = new Spoken();
    let begun = false;
    let written = '';
    let end = 'cut';
    let steps: ReturnType<typeof answer> | undefined;
    try {
      this.post('answer-asked', { id });
      steps = answer(this.#server, { ...this.#request(id, wish, text), signal }, this.#tools);
      for (;;) {
        const { value, done } = await steps.next();
        if (done && value !== undefined) end = value;
        // A tool does something: not for a question that nobody may have asked.
        if (!done && 'calls' in value && !(await certain(draft, signal))) return;
        if (!done && 'say' in value) {
          if (written === '' && value.say !== '') this.post('answer-begun', { id });
          if (wish !== '') this.post('written', { id, at: written.length, text: value.say });
          written += value.say;
        }
        const say = done ? spoken.end() : this.#step(value, id, spoken);
        begun ||= say !== '';
        yield say;
        if (!done) continue;
        if (value !== undefined && value !== 'stop') this.post('answer-incomplete', { id, reason: value });
        return;
      }
    } catch (error) {
      if (signal.aborted || !(await certain(draft, signal))) return;
      end = 'failed';
      this.#failed(toTalkError(error), id);
      const last = `${spoken.end()}${begun ? ' ' : ''}${this.props.apology}`;
      begun ||= last !== '';
      yield last;
    } finally {
      // Not awaited: a server that is stopped in mid-word need not notice first.
      steps?.return(undefined).catch(() => undefined);
      if (steps !== undefined && !this.signal.aborted)
        this.post('answer-ended', { id, reason: end, said: begun });
      if (end !== 'failed') this.#written(turn, written, end);
    }
  }

  /** Tells who wished to read along that it is all there; a failure has told it already. */
  #written({ id, wish }: Turn, text: string, finish: string): void {
    if (wish !== '' && !this.signal.aborted) this.post('written-end', { id, text, finish });
  }

  /** What is to be said now. */
  #step(step: Step, id: string, spoken: Spoken): string {
    if ('say' in step) return spoken.push(step.say);
    if ('used' in step) {
      const { call, used } = step;
      const { error } = used;
      this.#told(
        id,
        call.name,
        error === undefined ? { status: 'done' } : { status: 'failed', code: error.code },
      );
      return '';
    }
    for (const { name } of step.calls) this.#told(id, name, { status: 'called' });
    // A blank line: it is said now, not when the tools have answered.
    const before = `${spoken.end()}${step.meanwhile}`;
    return before === '' ? '' : `${before}\n\n`;
  }

  /** Not what it was asked or said: that is between the listener and the tool. */
  #told(id: string, name: string, more: { status: string; code?: string }): void {
    this.post('tool', { id, name, ...more });
  }

  #failed({ code, message, retryable }: TalkError, id: string): void {
    this.post('answer-failed', { id, code, message, retryable });
    this.warn(message);
  }

  #bounds(): { system: string; limit: number } {
    return { system: this.props['system-prompt'], limit: this.props.history };
  }

  /** @throws TalkError stream/format for a wish that is none */
  #request(id: string, wish: string, text: string) {
    const usual = { ...this.#limits(), http: this.#http };
    if (wish === '') return { ...usual, messages: this.#history.messages(id) };
    const wished = readWish(wish);
    const { temperature, maxTokens } = wished;
    return {
      ...usual,
      messages: wishedMessages(wished, this.props['system-prompt'], text),
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxTokens }),
    };
  }

  #limits() {
    const { temperature, stall } = this.props;
    const maxTokens = this.props['max-tokens'];
    return {
      firstMs: this.props['first-token'],
      stallMs: stall,
      ...(temperature >= 0 && { temperature }),
      ...(maxTokens > 0 && { maxTokens }),
    };
  }
}

/** Resolves to whether the answer counts, when that is known. */
async function certain(draft: Draft | undefined, stopped: AbortSignal): Promise<boolean> {
  if (draft === undefined) return !stopped.aborted;
  const aborted = new Promise<boolean>((resolve) => {
    if (stopped.aborted) resolve(false);
    stopped.addEventListener('abort', () => resolve(false), { once: true });
  });
  return await Promise.race([draft.settled, aborted]);
}

function mark(name: string, fields: EventItem['fields']): EventItem {
  return { event: true, name, fields };
}
