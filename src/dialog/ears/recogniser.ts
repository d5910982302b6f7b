/**
 * What turns speech into words.
 *
 * A recogniser hears one turn at a time: sound comes as it is spoken, what is understood so far may be told on the way, and the
 * words of the whole turn are the result. Turns, repeating after a lost connection and deadlines are done once, by `Hearing`. A new
 * recogniser is one file in `engines/` whose default export extends `Recogniser`; nothing else names it.
 */

/** Samples of one turn at 16 kHz, mono, as they come; may be iterated again from the beginning. */
export type TurnSound = AsyncIterable<Int16Array>;

/** What was set; each recogniser reads what it understands. Empty texts count as unset. */
export interface RecogniserSettings {
  /** Address of the server. */
  readonly url?: string;
  readonly model?: string;
  /** BCP 47 or ISO 639-1; unset: the recogniser finds out. */
  readonly language?: string;
  /** Words that are likely to be said: names, products. */
  readonly hotwords?: string;
  /** FunASR's: `2pass`, `online` or `offline`. */
  readonly mode?: string;
}

export interface RecogniseRequest {
  readonly sound: TurnSound;
  readonly settings: RecogniserSettings;
  /** Aborts when nobody wants the words any more: end soon, close what is open, throw or return, either is quiet. */
  readonly signal: AbortSignal;
  /** Tells what is understood so far of the whole turn. */
  readonly partial: (text: string) => void;
}

/** What a recogniser says of itself. */
export interface RecogniserInfo {
  /** Same as the file's name. */
  readonly name: string;
  readonly longName: string;
  readonly description: string;
  /** Whether it tells partial transcripts. */
  readonly streaming: boolean;
  /** Environment variables that hold its address and its secrets. */
  readonly environment: readonly string[];
}

/** Base of all. One object per process serves every session, several turns at a time. */
export abstract class Recogniser {
  abstract readonly info: RecogniserInfo;

  /** Throws TalkError for settings with which no turn can be heard. Asked before the first turn, which is as soon heard as the next ones then. */
  check(_settings: RecogniserSettings): void | Promise<void> {}

  /** Somebody begins to speak: what takes time before a turn can be heard may begin now. Asks nothing and throws nothing. */
  expect(_settings: RecogniserSettings): void {}

  /** The words of one turn; empty where there are none. Throws TalkError, `retryable` decided here and nowhere else. */
  abstract recognise(request: RecogniseRequest): Promise<string>;

  /** Frees what is held; it starts afresh when used again. */
  async close(): Promise<void> {}
}
