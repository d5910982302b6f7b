/**
 * What a voice is.
 *
 * An engine turns one sentence into samples at its own rate, piece by piece as they come; everything around that (sentences, exact
 * resampling, prefetch, deadlines, the one retry, cancelling, caching, marks) is done once, by `speak()`. A new engine is one
 * file in `engines/` whose default export extends `VoiceEngine`; nothing else names it.
 */

import { lacking, type OptionInfos } from './options.js';

/** One voice of an engine, as `voices` lists it. */
export interface VoiceInfo {
  /** The part after the slash in `engine/name`. */
  readonly name: string;
  /** BCP 47 tag, `mul` for a voice that speaks many languages, `zxx` for one that speaks none. */
  readonly language: string;
  readonly gender?: 'female' | 'male';
  /** Samples per second the engine delivers for it; undefined when it makes any rate it is asked for. */
  readonly rate?: number;
  readonly description: string;
}

/** A sound with its times, in seconds from the first sample of the request's own audio. */
export interface TimedPhone {
  readonly phone: string;
  readonly start: number;
  readonly end: number;
}

/** A word as written in the text, with its times, in seconds from the first sample of the request's own audio. */
export interface TimedWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Some consecutive samples of a request: mono, in order, never empty unless they carry marks only. */
export interface SpeechPiece {
  readonly samples: Int16Array;
  /** Samples per second; may differ from piece to piece. */
  readonly rate: number;
  readonly phonemes?: readonly TimedPhone[];
  readonly words?: readonly TimedWord[];
}

/** How much pause belongs behind a request's text: a sentence ended, only a clause, nothing at all, or the whole utterance. */
export type Pause = 'sentence' | 'clause' | 'none' | 'end';

/** One sentence to say. */
export interface SynthesisRequest {
  /** Normalised text; an engine with `text: 'whole'` gets what the caller wrote. */
  readonly text: string;
  readonly voice?: string;
  /** Aborts when nobody wants the rest: end soon, close what is open, throw or return, either is quiet. */
  readonly signal: AbortSignal;
  /** The session's samples per second. An engine that can make any rate makes this one; others ignore it. */
  readonly rate?: number;
  /** Number that is the same for all sentences of one utterance: what a shared engine is fair between. */
  readonly utterance?: number;
  /** Place of the sentence in its utterance, from 0. */
  readonly index?: number;
  readonly pause?: Pause;
  /** What the caller set for this engine (`speed`, `ref-file`, …). */
  readonly options?: VoiceOptions;
}

/** Settings of one utterance that only its engine understands. */
export type VoiceOptions = Readonly<Record<string, string | number | boolean>>;

/** What an engine says about itself; `voices` and the documentation are read from it. */
export interface EngineInfo {
  /** Same as the file's name. */
  readonly name: string;
  readonly longName: string;
  readonly description: string;
  /** The voice taken when only the engine is named. */
  readonly defaultVoice: string;
  /** Whether `speak` cuts the text into sentences first, or hands it over whole. */
  readonly text: 'sentences' | 'whole';
  /** Whether sound comes before the sentence is finished. */
  readonly streaming: boolean;
  /** Which marks come with the sound. */
  readonly marks: readonly ('phoneme' | 'word')[];
  /** The same request always gives the same samples: a failed request may be repeated behind what was already heard, and its sound kept. */
  readonly repeatable: boolean;
  /** Whether finished requests are kept for the next equal one; default as `repeatable`. False where making is as cheap as keeping. */
  readonly cache?: boolean;
  /** Longest sentence in weighted characters (a Chinese one counts three); default 300. */
  readonly maxSentence?: number;
  /** The same for the first sentence, which is cut at a clause to be heard sooner; default 90. Larger where the wait hardly grows with it. */
  readonly firstSentence?: number;
  /** Sentences requested ahead of the one that plays; default 1. */
  readonly prefetch?: number;
  /** Milliseconds until the first sample before it counts as unreachable; default 10,000. */
  readonly firstByteMs?: number;
  /** Milliseconds between two pieces before it counts as unreachable; default 10,000. */
  readonly stallMs?: number;
  /** It notices itself when its work hangs, and says so. Then nobody else looks at the clock: whoever waits for a turn is not late. */
  readonly watchesItself?: boolean;
  /** What it reads, for the sentence about a text that is something else: `English in Latin letters`. */
  readonly reads?: string;
  /** What can be set for it, by name. */
  readonly options?: OptionInfos;
  /** How its service is spoken to; absent for a voice of this machine. */
  readonly remote?: RemoteInfo;
}

/** What is to be known of a service behind an engine. */
export interface RemoteInfo {
  /** `HTTP POST /v1/audio/speech, PCM`. */
  readonly protocol: string;
  /** Whether it speaks as a recording it is given: not at all, one that lies on the service, one that is sent there. */
  readonly cloning: 'no' | 'on the service' | 'sent';
  /** What this engine was tried against: the service itself, or a fake that speaks its protocol. */
  readonly seen: 'real' | 'fake';
}

/** What a list of voices is for. */
export interface Listing {
  /** Somebody asked for this engine's voices, and not for all there are: a service nobody has set up may be asked for them. */
  readonly named?: boolean;
}

/** Base of all engines. One object per process serves every session, several requests at a time. */
export abstract class VoiceEngine {
  abstract readonly info: EngineInfo;

  get name(): string {
    return this.info.name;
  }

  /** The voices it has now. Throws TalkError when a service must be asked and cannot be. */
  abstract voices(listing?: Listing): Promise<readonly VoiceInfo[]>;

  /**
   * Says one request. Ends without a piece when there is nothing to say; throws TalkError, `retryable` decided here and nowhere else.
   */
  abstract synthesize(request: SynthesisRequest): AsyncIterable<SpeechPiece>;

  /** Whether this NAME may stand behind the slash. Throws nothing; engines with open sets of names say true. */
  async accepts(voice: string): Promise<boolean> {
    return (await this.voices()).some((info) => info.name === voice);
  }

  /** What must be set before it can speak, as a sentence; undefined when nothing is missing. Asks nobody. */
  lacks(): string | undefined {
    return lacking(this.name, this.info.options ?? {});
  }

  /** What the engine reads for a text: letters it has no sound for may be dropped here. Runs after the general hooks. */
  normalise(text: string): string {
    return text;
  }

  /** True for a letter or digit that it has no sound for: what `normalise` drops. */
  leavesOut(_sign: string): boolean {
    return false;
  }

  /** Makes the first sentence as fast as the next ones. May be called more than once. */
  async warm(): Promise<void> {}

  /** Something will be said soon: what takes time before it can be asked may begin now. Asks nothing and throws nothing. */
  expect(_options?: VoiceOptions): void {}

  /** Ends all work and frees what is held. Resolves when nothing is left alive; the engine starts afresh when used again. */
  async close(): Promise<void> {}
}
