/**
 * Turns what shall be said into samples on a timeline, one utterance after the other: asks the voice, feeds what
 * comes, holds back when enough is in hand, and stops at once when cut.
 */
import type { Ns, TalkError } from '../element/index.js';
import { type Fallback, type OnFirstSound, resolveVoice, type SpeechMark, speak } from './index.js';
import { letGo } from './pcm/sounds.js';
import type { Timeline } from './timeline.js';
import type { Kind, MarkAt, Run } from './utterance.js';
import type { Written } from './written.js';

/** Which marks travel with the speech; each finer step includes the coarser ones. */
export const MARK_LEVELS = ['sentence', 'word', 'phoneme'] as const;
export type MarkLevel = (typeof MARK_LEVELS)[number];

export interface Saying {
  readonly id: string;
  /** Whole, or as it is written. */
  readonly text: string | Written;
  readonly voice: string;
  /** Where a schedule wants it. */
  readonly runs?: readonly Run[];
  /** It is a draft, which may be taken back: the running time before which it must not begin; Infinity: not before it is kept. */
  readonly draft?: Ns;
  /** Of a draft: the running time at which it is known whether it counts; 0: nobody says. */
  readonly due?: Ns;
  /** A clip is played: `text` is its name. */
  readonly kind?: Kind;
}

/** What is known of a clip before it plays. */
export interface ClipFacts {
  /** Path of its sound; undefined where it is silent. */
  readonly sound: string | undefined;
  /** Seconds its pictures last, once. */
  readonly seconds: number;
}

/** Letters were left out that the voice cannot read; or it failed, and the next one goes on. */
export interface Warning {
  readonly name: 'speech-incomplete' | 'voice-fallback';
  /** `from` and `to` of a fallback are `ENGINE/NAME`. */
  readonly fields: {
    readonly code: string;
    readonly message: string;
    readonly from?: string;
    readonly to?: string;
  };
}

export interface NarratorOptions {
  readonly timeline: Timeline;
  readonly rate: number;
  readonly marks: MarkLevel;
  /** RMS that speech is brought to, dB of full scale; clips stay as they are. */
  readonly loudness?: number | undefined;
  /** Looks a clip up by its name. Rejects with TalkError where there is none. */
  readonly clip: (name: string) => Promise<ClipFacts>;
  /** So many more samples of an utterance are made, with these marks. */
  readonly made?: (id: string, samples: number, marks: readonly SpeechMark[]) => void;
  /** The first sound of an utterance is there: of which engine, and how long that took to it, ms. */
  readonly begun?: (id: string, engine: string, ms: number) => void;
  /** Something changed: more samples, or an utterance ended. */
  readonly changed: () => void;
  /** An utterance could not be said (to its end). It counts as finished. */
  readonly failed: (error: unknown, saying: Saying) => void;
  /** An utterance was said, but otherwise than it was meant. */
  readonly warned: (warning: Warning, saying: Saying) => void;
}

/** Measuring tones and recordings are not changed. */
const UNLEVELLED = /^(tone|file|pcm)(\/|$)/;

/** Seconds of speech in hand at which the voice is held back. */
const ENOUGH = 10;

export class Narrator {
  readonly #options: NarratorOptions;
  readonly #waiting: Saying[] = [];
  /** Stops what is being made. */
  #cut = new AbortController();
  #current: Saying | undefined;
  #working: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(options: NarratorOptions) {
    this.#options = options;
  }

  /** Nothing is being made and nothing waits to be. */
  get idle(): boolean {
    return this.#working === undefined;
  }

  /** Utterances that wait for the voice. */
  get waiting(): number {
    return this.#waiting.length;
  }

  say(saying: Saying): void {
    const { id, text, runs, kind, draft } = saying;
    this.#options.timeline.say(id, text, runs, kind, draft);
    this.#waiting.push(saying);
    this.#working ??= this.#work();
  }

  /** Samples have left the timeline: the voice may go on. */
  drained(): void {
    this.#drained?.();
    this.#drained = undefined;
  }

  /** Forgets everything; the voice's remote call, if it has one, is closed. */
  cut(): void {
    for (const { voice } of this.#waiting.splice(0)) letGo(voice);
    this.#cut.abort();
    this.#cut = new AbortController();
    this.drained();
  }

  /** Forgets one of them, as a cut forgets all. */
  drop(id: string): void {
    if (this.#current?.id === id) {
      this.#cut.abort();
      this.#cut = new AbortController();
      this.drained();
      return;
    }
    const at = this.#waiting.findIndex((saying) => saying.id === id);
    for (const { voice } of at < 0 ? [] : this.#waiting.splice(at, 1)) letGo(voice);
  }

  /** Cuts, and resolves when nothing is being made any more. */
  async close(): Promise<void> {
    this.cut();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let saying = this.#waiting.shift(); saying; saying = this.#waiting.shift()) {
      const { signal } = this.#cut;
      this.#current = saying;
      try {
        await (saying.kind === 'clip' ? this.#clip(saying, signal) : this.#one(saying, signal));
      } catch (error) {
        if (!signal.aborted) this.#options.failed(error as TalkError, saying);
      }
      this.#current = undefined;
      letGo(saying.voice);
      this.#options.timeline.finish(saying.id);
      this.#options.changed();
    }
    this.#working = undefined;
    // Whoever waits for the end of everything may be told now, not one utterance too early.
    this.#options.changed();
  }

  async #one(saying: Saying, signal: AbortSignal): Promise<void> {
    const { id, text, voice } = saying;
    const { timeline, rate, loudness, made, begun, changed, warned } = this.#options;
    const fellBack = ({ from, to, error: { code, message } }: Fallback): void => {
      const fields = { from, to, code, message: `${message} The voice ${to} goes on.` };
      warned({ name: 'voice-fallback', fields }, saying);
    };
    const level = loudness === undefined || UNLEVELLED.test(voice) ? {} : { loudness };
    const firstSound: OnFirstSound = (engine, ms) => begun?.(id, engine, ms);
    const speech = speak({ text, voice, rate, signal, fellBack, firstSound, ...level });
    for await (const { samples, marks } of speech) {
      if (signal.aborted) return;
      made?.(id, samples.length, marks);
      timeline.feed(
        id,
        samples,
        [...this.#lips(marks), ...marks.flatMap((mark) => this.#mark(mark))].sort(
          (a, b) => a.sample - b.sample,
        ),
      );
      changed();
      await this.#room(signal);
    }
    if (speech.failure) throw speech.failure;
    if (speech.warning) {
      const { code, message } = speech.warning;
      warned({ name: 'speech-incomplete', fields: { code, message } }, saying);
    }
  }

  /** The sound of a clip, or silence as long as its pictures. */
  async #clip({ id, text }: Saying, signal: AbortSignal): Promise<void> {
    const { timeline, rate, clip, changed } = this.#options;
    const { sound, seconds } = await clip(String(text));
    if (sound === undefined) {
      timeline.feed(id, new Int16Array(Math.round(seconds * rate)));
      changed();
      return;
    }
    // Resolved by itself: a comma in its path is no other voice.
    const voice = await resolveVoice(`file/${sound}`);
    const played = speak({ text: 'clip', voice, rate, signal });
    for await (const { samples } of played) {
      if (signal.aborted) return;
      timeline.feed(id, samples);
      changed();
      await this.#room(signal);
    }
    if (played.failure) throw played.failure;
  }

  async #room(signal: AbortSignal): Promise<void> {
    const { timeline, rate } = this.#options;
    while (timeline.inHand > ENOUGH * rate && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
  }

  /** All phonemes of a piece in one mark, for lips: they must know what is said next, and one event is cheaper than ten. */
  #lips(marks: readonly SpeechMark[]): MarkAt[] {
    const phones = marks.filter((mark) => mark.type === 'phoneme');
    const [first] = phones;
    if (first === undefined) return [];
    const us = (samples: number) => Math.round((samples * 1e6) / this.#options.rate);
    const list = phones.map(({ phone, at, end }) => [phone, us(at - first.at), us(end - at)]);
    return [{ name: 'phonemes', sample: first.at, fields: { list: JSON.stringify(list) } }];
  }

  #mark(mark: SpeechMark): MarkAt[] {
    const level = MARK_LEVELS.indexOf(mark.type);
    if (level > MARK_LEVELS.indexOf(this.#options.marks)) return [];
    const toNs = (sample: number) => Math.round((sample * 1e9) / this.#options.rate);
    if (mark.type === 'sentence') {
      return [{ name: 'sentence', sample: mark.at, fields: { text: mark.text, index: mark.index } }];
    }
    const duration = toNs(mark.end - mark.at);
    if (mark.type === 'word')
      return [{ name: 'word', sample: mark.at, fields: { text: mark.text, duration } }];
    return [{ name: 'phoneme', sample: mark.at, fields: { phone: mark.phone, duration } }];
  }
}
