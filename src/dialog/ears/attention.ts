/**
 * Listens to a stream of sound with marks of speech: makes turns of it, has each one recognised as it is spoken, and says what
 * happened, in order.
 */
import type { TalkError } from '../../element/error.js';
import { toTalkError } from '../../element/error.js';
import { framesToNs, type Ns } from '../../element/time.js';
import { EAR_RATE } from './detector.js';
import { EarlyWords } from './early.js';
import { HEARING_LIMITS, Hearing, type HearingLimits } from './hearing.js';
import { RecentSound } from './recent.js';
import type { Recogniser, RecogniserSettings } from './recogniser.js';
import { type TurnDecision, type TurnInput, type TurnSettings, Turns } from './turn.js';

type Pause = Extract<TurnDecision, { type: 'pause' | 'goes-on' }>;

/** What is told besides the decisions. `pts`: when the turn began. */
export type Heard =
  | Exclude<TurnDecision, Pause>
  /** The words of a turn that may be over and is, at `due`, unless it goes on. `said` with the same text follows, or `dropped`. */
  | { readonly type: 'draft'; readonly turn: number; readonly text: string; readonly due: Ns }
  /** A turn whose draft was told went on, or was none. */
  | { readonly type: 'dropped'; readonly turn: number }
  | { readonly type: 'partial'; readonly turn: number; readonly text: string; readonly pts: Ns }
  /** Nobody understood the turn; or, with `again`, not yet. */
  | {
      readonly type: 'failed';
      readonly turn: number;
      readonly error: TalkError;
      readonly again: boolean;
      readonly pts: Ns;
    };

export interface AttentionSettings {
  /** With `pauses` the recogniser is asked in each pause that may end a turn, and its words are told as a draft. */
  readonly turns: Partial<TurnSettings>;
  readonly recogniser: Recogniser;
  readonly settings: RecogniserSettings;
  readonly limits?: Partial<HearingLimits>;
  readonly signal: AbortSignal;
  /** Told of everything as it happens. */
  readonly tell: (heard: Heard) => void;
}

/** Seconds before a turn was known that can still be part of it. */
const RECENT_S = 3;

export class Attention {
  readonly #settings: AttentionSettings;
  readonly #turns: Turns;
  readonly #recent = new RecentSound(RECENT_S, EAR_RATE);
  #hearing: Hearing | undefined;
  /** Of the turn that may be over. */
  #early: EarlyWords | undefined;
  /** The turn whose draft was told, and nothing since. */
  #draft: number | undefined;
  /** When the turns whose words are awaited began. */
  readonly #began = new Map<number, Ns>();
  readonly #pending = new Set<Promise<void>>();
  #now: Ns = 0;

  constructor(settings: AttentionSettings) {
    this.#settings = settings;
    this.#turns = new Turns(settings.turns);
  }

  /** Where the sound is. */
  get now(): Ns {
    return this.#now;
  }

  /** Changes whose turn it is from now on. */
  set(turns: Partial<TurnSettings>): void {
    for (const decision of this.#turns.set(turns, this.#now)) this.#decided(decision);
  }

  /** Sound that begins at `pts`; without it, where the last one ended. */
  sound(samples: Int16Array, pts: Ns = this.#now): void {
    this.#hearing?.push(samples);
    this.#recent.push(samples, pts);
    this.#now = pts + framesToNs(samples.length, EAR_RATE);
    this.take({ type: 'advance', at: this.#now });
  }

  take(input: TurnInput): void {
    for (const decision of this.#turns.take(input)) this.#decided(decision);
  }

  /** The end of the sound: what is being said is over. Resolves when its words are there, or will not be. */
  async finish(): Promise<void> {
    const at = this.#now;
    this.take({ type: 'silence', pts: at, at });
    this.take({ type: 'button', down: false, at });
    // Long enough for any delay: nothing more will be said.
    this.take({ type: 'advance', at: at + 3600e9 });
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #decided(decision: TurnDecision): void {
    if (decision.type === 'pause') this.#listenEarly(decision.turn, decision.due);
    else if (decision.type === 'goes-on') this.#forget();
    else if (decision.type === 'turn-start') {
      this.#settings.tell(decision);
      this.#begin(decision.turn, decision.from);
    } else this.#changed(decision);
  }

  #changed(decision: Exclude<TurnDecision, Pause>): void {
    if (decision.type === 'turn-end') this.#await(decision.turn);
    else if (decision.type === 'nothing') {
      this.#began.delete(decision.turn);
      if (this.#draft === decision.turn) this.#forget();
    } else if (decision.type === 'said') this.#draft = undefined;
    // One that was too short has not ended otherwise.
    if (decision.type === 'nothing' && decision.why === 'short') this.#drop();
    this.#settings.tell(decision);
  }

  #listenEarly(turn: number, due: Ns): void {
    const hearing = this.#hearing;
    if (hearing === undefined) return;
    const { recogniser, settings, limits = {}, signal, tell } = this.#settings;
    const pts = this.#began.get(turn) ?? 0;
    // They may take as long as those of a turn that has ended.
    const finishMs = (limits.finishMs ?? HEARING_LIMITS.finishMs) + Math.max(0, due - this.#now) / 1e6;
    const early: EarlyWords = new EarlyWords({
      ...{ turn, hearing, recogniser, settings, limits: { ...limits, finishMs }, signal },
      failed: (error) => tell({ type: 'failed', turn, error, again: true, pts }),
      heard: (text) => {
        if (this.#early !== early || !this.#turns.wants(text)) return;
        this.#draft = turn;
        tell({ type: 'draft', turn, text, due });
      },
    });
    this.#early = early;
  }

  /** The turn was not over. */
  #forget(): void {
    this.#early?.drop();
    this.#early = undefined;
    if (this.#draft !== undefined) this.#settings.tell({ type: 'dropped', turn: this.#draft });
    this.#draft = undefined;
  }

  #begin(turn: number, from: Ns): void {
    const { recogniser, settings, limits = {}, signal, tell } = this.#settings;
    this.#began.set(turn, from);
    recogniser.expect(settings);
    const dropped = new AbortController();
    const hearing: Hearing = new Hearing({
      recogniser,
      settings,
      limits,
      signal: AbortSignal.any([signal, dropped.signal]),
      partial: (text) => {
        if (this.#hearing !== hearing) return;
        tell({ type: 'partial', turn, text, pts: from });
        this.take({ type: 'partial', text, at: this.#now });
      },
      failed: (error) => tell({ type: 'failed', turn, error, again: true, pts: from }),
    });
    this.#hearing = hearing;
    this.#drop = () => {
      if (this.#hearing === hearing) this.#hearing = undefined;
      dropped.abort();
    };
    for (const samples of this.#recent.since(from)) hearing.push(samples);
  }

  /** Lets go of the turn that is heard. */
  #drop: () => void = () => undefined;

  #await(turn: number): void {
    const hearing = this.#hearing;
    if (hearing === undefined) return;
    const pts = this.#began.get(turn) ?? 0;
    const words = this.#wordsOf(hearing)
      .catch((thrown: unknown) => {
        this.#settings.tell({ type: 'failed', turn, error: toTalkError(thrown), again: false, pts });
        return '';
      })
      .then((text) => {
        if (!this.#settings.signal.aborted) this.take({ type: 'final', turn, text, at: this.#now });
        this.#began.delete(turn);
      });
    const settled: Promise<void> = words.finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  /** The words of a turn that has ended. Those that were asked for early, and of a recogniser that has heard it all already its own. */
  #wordsOf(hearing: Hearing): Promise<string> {
    const early = this.#early;
    this.#early = undefined;
    const drop = this.#drop;
    this.#hearing = undefined;
    if (early === undefined) {
      hearing.end();
      return hearing.words;
    }
    if (!this.#settings.recogniser.info.streaming) {
      drop();
      return early.words;
    }
    hearing.end();
    const first = Promise.race([early.words, hearing.words]);
    const over = () => {
      early.drop();
      drop();
    };
    first.then(over, over);
    return first;
  }

  /** When a turn whose words are awaited began. */
  begun(turn: number): Ns | undefined {
    return this.#began.get(turn);
  }
}
