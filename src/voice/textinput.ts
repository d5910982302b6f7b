/**
 * Text that another element writes: what comes in by a text pad becomes utterances.
 *
 * Between the events `text-start` and `text-end` all buffers are one utterance, said as it is written; outside of them each is one of its
 * own. With `draft` it may be dropped, by its id. `cuts` of a `text-start` is how many cuts its writer had heard of: text begun before the last one is old.
 */
import { randomUUID } from 'node:crypto';
import { type Cuts, type Drafts, type Ns, TalkError } from '../element/index.js';
import { Written } from './written.js';

/** What is to be said, and by whom. */
export interface Utterable {
  readonly id: string;
  readonly text: string | Written;
  /** The source's own where it is empty. */
  readonly voice: string;
  /** It is a draft: the running time at which it will be known whether it counts; 0: nobody says. */
  readonly due?: Ns;
}

export interface TextInputOptions {
  readonly cuts: Cuts;
  readonly drafts: Drafts;
  /** Characters one utterance may have. */
  readonly longest: number;
  /** Says it; false when it is refused, which has been told. */
  readonly say: (utterable: Utterable) => boolean;
  readonly failed: (error: TalkError, id: string) => void;
  /** Told when somebody begins to speak: an answer may follow. */
  readonly expected: () => void;
}

type Fields = Readonly<Record<string, unknown>>;

export class TextInput {
  readonly #options: TextInputOptions;
  /** What is being written. `text` is absent until there is a first part. */
  #open: { readonly id: string; readonly voice: string; readonly due?: Ns; text?: Written } | undefined;
  /** Parts are let go until the next utterance begins: they are old, refused, or too many. */
  #deaf = false;

  constructor(options: TextInputOptions) {
    this.#options = options;
  }

  /** An event of the pad. */
  event(name: string, fields: Fields): void {
    if (name === 'talkgraph/text-start') this.#begin(fields);
    if (name === 'talkgraph/text-end') this.end();
    if (name === 'talkgraph/vad' && fields['state'] === 'speech') this.#options.expected();
  }

  /** A buffer's text. */
  take(part: string): void {
    if (this.#deaf || part === '') return;
    const open = this.#open;
    if (open === undefined) {
      if (part.trim() !== '') this.#options.say({ id: randomUUID(), text: part, voice: '' });
      return;
    }
    if (open.text === undefined) {
      // White space at the beginning begins nothing.
      if (part.trim() === '') return;
      open.text = new Written();
      this.#deaf = !this.#options.say({ ...open, text: open.text });
    }
    if (open.text.text.length + part.length > this.#options.longest) this.#tooLong(open.id);
    else open.text.push(part);
  }

  /** What is being written is complete, or nobody writes any more. */
  end(): void {
    this.#open?.text?.end();
    this.#open = undefined;
    this.#deaf = false;
  }

  /** A cut: the rest of what is being written is old. */
  cut(): void {
    if (this.#open === undefined) return;
    this.#open.text?.end();
    this.#deaf = true;
  }

  /** A draft was dropped. */
  drop(id: string): void {
    if (this.#open?.id === id) this.cut();
  }

  #begin(fields: Fields): void {
    this.end();
    const { cuts, drafts } = this.#options;
    const known = Number(fields['cuts'] ?? cuts.count);
    if (known < cuts.count) this.#deaf = true;
    cuts.catchUp(known);
    const id = String(fields['id'] || randomUUID());
    const kept = fields['draft'] === true ? drafts.of(id).kept : true;
    if (kept === false) this.#deaf = true;
    const due = kept === undefined ? { due: Number(fields['due'] ?? 0) } : {};
    this.#open = { id, voice: String(fields['voice'] ?? ''), ...due };
  }

  #tooLong(id: string): void {
    const { longest, failed } = this.#options;
    this.#open?.text?.end();
    this.#deaf = true;
    failed(new TalkError('resource/quota', `Expected at most ${longest} characters to say.`), id);
  }
}
