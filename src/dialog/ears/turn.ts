/**
 * Whose turn it is: of what is heard (speech, words, a pressed button) and of whether we speak ourselves, when a user's turn begins
 * and ends, and whether it takes ours away.
 *
 * A turn goes from the first speech to a silence of `endDelay`. When somebody speaks while we do, we fall silent (`barge-in`) at
 * once (how long a sound must last to be speech is the detector's `min-speech`), or when it has become words; if it turns out to have been a cough, a "mhm" or our own voice,
 * the turn is nobody's and what was cut may go on (`resume`). Before that is known, what may become a voice makes us inaudible (`duck`).
 *
 * A silence that is known before it has lasted for `endDelay` is a `pause`: what the answer needs can be made ready in it, and is for
 * nothing when somebody `goes-on`.
 *
 * The only clock is the time of the sound itself, by `advance`: at any speed the same sounds make the same turns.
 */
import { ms, type Ns } from '../../element/time.js';
import { isBackchannel, isEcho, weightyWords } from './backchannel.js';

export interface TurnSettings {
  /** `auto`: speech makes turns; `push-to-talk`: the button alone. */
  readonly mode: 'auto' | 'push-to-talk';
  /** What takes our turn away: a voice, words, or nothing. */
  readonly bargeIn: 'voice' | 'words' | 'off';
  /** Words that it must have said, backchannels not counted. */
  readonly minWords: number;
  /** ms of silence that end a turn. */
  readonly endDelay: number;
  /** ms of speech without which a turn of unknown words is none. */
  readonly minTurn: number;
  /** ms after which a turn ends even in the middle of speech. */
  readonly maxTurn: number;
  /** Whether pauses are told. */
  readonly pauses: boolean;
}

export const TURN_SETTINGS: TurnSettings = {
  mode: 'auto',
  bargeIn: 'voice',
  minWords: 2,
  endDelay: 600,
  minTurn: 160,
  maxTurn: 30_000,
  pauses: false,
};

/** What happened, in the order of time. */
export type TurnInput =
  | { readonly type: 'speech'; readonly pts: Ns; readonly from: Ns; readonly at: Ns }
  | { readonly type: 'silence'; readonly pts: Ns; readonly at: Ns }
  /** Somebody may have begun to speak; or it was nothing. */
  | { readonly type: 'likely'; readonly likely: boolean; readonly at: Ns }
  /** The button went down or up. */
  | { readonly type: 'button'; readonly down: boolean; readonly at: Ns }
  /** What is heard so far of the turn that is open. */
  | { readonly type: 'partial'; readonly text: string; readonly at: Ns }
  /** All that was heard in a turn that has ended. */
  | { readonly type: 'final'; readonly turn: number; readonly text: string; readonly at: Ns }
  /** We begin or go on to say this; `''` when we fall silent. */
  | { readonly type: 'saying'; readonly text: string; readonly at: Ns }
  | { readonly type: 'advance'; readonly at: Ns };

/** Why a turn is nobody's: nothing was said, only that somebody listens, or it was our own voice. */
export type Nothing = 'short' | 'empty' | 'backchannel' | 'echo';

export type TurnDecision =
  /** Somebody's turn may have begun; it is to be listened to from `from` on. */
  | { readonly type: 'turn-start'; readonly turn: number; readonly from: Ns; readonly at: Ns }
  | { readonly type: 'turn-end'; readonly turn: number; readonly from: Ns; readonly to: Ns; readonly at: Ns }
  /** The turn may be over: it ends at `due` unless somebody goes on. */
  | { readonly type: 'pause'; readonly turn: number; readonly due: Ns; readonly at: Ns }
  /** It was not over. */
  | { readonly type: 'goes-on'; readonly turn: number; readonly at: Ns }
  /** Fall silent now. */
  | { readonly type: 'barge-in'; readonly turn: number; readonly at: Ns }
  /** Be unheard from now on, for it may become a barge-in; or, with `on` false, be heard again: it was nothing. */
  | { readonly type: 'duck'; readonly turn: number; readonly on: boolean; readonly at: Ns }
  /** This was said, and wants an answer. */
  | { readonly type: 'said'; readonly turn: number; readonly text: string; readonly at: Ns }
  /** It was no turn. `resume`: it had made us fall silent. */
  | {
      readonly type: 'nothing';
      readonly turn: number;
      readonly why: Nothing;
      readonly resume: boolean;
      readonly at: Ns;
    };

interface Turn {
  readonly turn: number;
  readonly from: Ns;
  /** It began while we spoke; and it ended so, or silenced us. */
  readonly over: boolean;
  against: boolean;
  barged: boolean;
  /** Since when somebody speaks without a pause; undefined in one. */
  since: Ns | undefined;
  /** Of earlier stretches, ns of speech; and where the last one ended. */
  spoken: Ns;
  to: Ns;
  words: string;
  /** A pause was told, and nothing since. */
  paused: boolean;
}

/** Turns whose words are awaited at most; those of older ones will not come any more. */
const AWAITED = 16;
/** What we said this long ago does not come back as an echo, ns. */
const ECHO: Ns = 10e9;

export class Turns {
  #settings: TurnSettings;
  #count = 0;
  #open: Turn | undefined;
  readonly #awaited = new Map<number, Turn>();
  #speaking = false;
  /** We are unheard, until it is known whether somebody speaks. */
  #ducked = false;
  /** What we said lately. */
  #said: { readonly text: string; readonly at: Ns }[] = [];

  constructor(settings: Partial<TurnSettings> = {}) {
    this.#settings = { ...TURN_SETTINGS, ...settings };
  }

  /** Changes what holds from now on, also for the turn that is open; a pause in it is none where another end is set. */
  set(settings: Partial<TurnSettings>, at: Ns = 0): TurnDecision[] {
    const { mode, endDelay } = this.#settings;
    this.#settings = { ...this.#settings, ...settings };
    const same = mode === this.#settings.mode && endDelay === this.#settings.endDelay;
    return same || this.#open === undefined ? [] : this.#goOn(this.#open, at);
  }

  /** The turn that is open. */
  get open(): number | undefined {
    return this.#open?.turn;
  }

  take(input: TurnInput): TurnDecision[] {
    const auto = this.#settings.mode === 'auto';
    switch (input.type) {
      case 'speech':
        return auto ? this.#speech(input.pts, input.from, input.at) : [];
      case 'silence':
        return auto ? this.#silence(input.pts, input.at) : [];
      case 'likely':
        return this.#duck(input.likely && this.#wouldBarge(), input.at);
      case 'button':
        return auto ? [] : this.#button(input.down, input.at);
      case 'partial':
        return this.#partial(input.text, input.at);
      case 'final':
        return this.#final(input.turn, input.text, input.at);
      case 'saying':
        return this.#saying(input.text, input.at);
      case 'advance':
        return this.#advance(input.at);
    }
  }

  #speech(pts: Ns, from: Ns, at: Ns): TurnDecision[] {
    const decisions = this.#advance(at);
    const turn = this.#open;
    if (turn === undefined) decisions.push(this.#begin(from, pts, at));
    else {
      turn.since ??= pts;
      decisions.push(...this.#goOn(turn, at));
    }
    // Of what is no barge-in nobody needs to be silent.
    return [...decisions, ...this.#bargeIn(at), ...this.#duck(false, at)];
  }

  #silence(pts: Ns, at: Ns): TurnDecision[] {
    const turn = this.#open;
    if (turn?.since === undefined) return this.#advance(at);
    turn.spoken += Math.max(0, pts - turn.since);
    turn.since = undefined;
    turn.to = Math.max(turn.from, pts);
    const decisions = this.#advance(at);
    if (this.#open === undefined || this.#short(turn) || !this.#settings.pauses) return decisions;
    turn.paused = true;
    const due = turn.to + ms(this.#settings.endDelay);
    return [...decisions, { type: 'pause', turn: turn.turn, due, at }];
  }

  #goOn(turn: Turn, at: Ns): TurnDecision[] {
    if (!turn.paused) return [];
    turn.paused = false;
    return [{ type: 'goes-on', turn: turn.turn, at }];
  }

  /** Would the turn that is open be one that wants an answer, if it ended now with these words? */
  wants(text: string): boolean {
    const turn = this.#open;
    if (turn === undefined) return false;
    return this.#nothingIn({ ...turn, against: this.#against(turn) }, text) === undefined;
  }

  #button(down: boolean, at: Ns): TurnDecision[] {
    const turn = this.#open;
    if (down) return turn === undefined ? [this.#begin(at, at, at), ...this.#bargeIn(at)] : [];
    if (turn === undefined) return [];
    turn.spoken += at - (turn.since ?? at);
    return this.#end(turn, at, at);
  }

  #partial(text: string, at: Ns): TurnDecision[] {
    if (this.#open === undefined) return [];
    this.#open.words = text;
    return this.#bargeIn(at);
  }

  #final(number: number, text: string, at: Ns): TurnDecision[] {
    const turn = this.#awaited.get(number);
    if (turn === undefined) return [];
    this.#awaited.delete(number);
    const why = this.#nothingIn(turn, text);
    if (why === undefined) return [{ type: 'said', turn: number, text, at }];
    return [{ type: 'nothing', turn: number, why, resume: turn.barged, at }];
  }

  /** Whoever pressed a button meant it, and so did whoever spoke while we were silent: there only silence is nothing. */
  #nothingIn(turn: Turn, text: string): Nothing | undefined {
    if (weightyWords(text) === 0 && !isBackchannel(text)) return 'empty';
    if (!turn.over || this.#settings.mode === 'push-to-talk') return undefined;
    // A "yes" with which we are outlasted is an answer.
    if (turn.against && isBackchannel(text)) return 'backchannel';
    const said = this.#said.filter(({ at }) => turn.to - at < ECHO).map((one) => one.text);
    return isEcho(text, said.join(' ')) ? 'echo' : undefined;
  }

  #saying(text: string, at: Ns): TurnDecision[] {
    const decisions = this.#advance(at);
    this.#speaking = text !== '';
    if (this.#speaking) this.#said = [...this.#said.filter((one) => at - one.at < ECHO), { text, at }];
    return this.#speaking ? decisions : [...decisions, ...this.#duck(false, at)];
  }

  #advance(at: Ns): TurnDecision[] {
    const turn = this.#open;
    if (turn === undefined) return [];
    const { endDelay, maxTurn } = this.#settings;
    if (turn.since === undefined) return at - turn.to >= ms(endDelay) ? this.#end(turn, turn.to, at) : [];
    const decisions = this.#bargeIn(at);
    if (at - turn.from < ms(maxTurn)) return decisions;
    turn.spoken += at - turn.since;
    return [...decisions, ...this.#end(turn, at, at)];
  }

  #begin(from: Ns, since: Ns, at: Ns): TurnDecision {
    const turn = ++this.#count;
    const over = this.#speaking;
    this.#open = {
      turn,
      from,
      over,
      against: over,
      barged: false,
      since,
      spoken: 0,
      to: since,
      words: '',
      paused: false,
    };
    return { type: 'turn-start', turn, from, at };
  }

  /** Does the open turn take ours away by now? */
  #bargeIn(at: Ns): TurnDecision[] {
    const turn = this.#open;
    const { mode, bargeIn, minWords } = this.#settings;
    if (turn === undefined || turn.barged || !this.#speaking) return [];
    const said = weightyWords(turn.words) >= minWords && !isEcho(turn.words, this.#lately(at));
    const yes =
      mode === 'push-to-talk' ||
      (bargeIn === 'voice' && turn.since !== undefined) ||
      (bargeIn !== 'off' && said);
    if (!yes) return [];
    turn.barged = true;
    // What is cut is silent anyway.
    this.#ducked = false;
    return [{ type: 'barge-in', turn: turn.turn, at }];
  }

  /** Would a voice take our turn away? */
  #wouldBarge(): boolean {
    const { mode, bargeIn } = this.#settings;
    return mode === 'auto' && bargeIn === 'voice' && this.#speaking && this.#open?.barged !== true;
  }

  #duck(on: boolean, at: Ns): TurnDecision[] {
    if (on === this.#ducked) return [];
    this.#ducked = on;
    return [{ type: 'duck', turn: this.#open?.turn ?? this.#count + 1, on, at }];
  }

  #lately(now: Ns): string {
    return this.#said
      .filter(({ at }) => now - at < ECHO)
      .map(({ text }) => text)
      .join(' ');
  }

  #against(turn: Turn): boolean {
    return turn.over && (this.#speaking || turn.barged);
  }

  #short(turn: Turn): boolean {
    const { mode, minTurn } = this.#settings;
    return turn.spoken < ms(minTurn) && turn.words === '' && mode === 'auto';
  }

  #end(turn: Turn, to: Ns, at: Ns): TurnDecision[] {
    this.#open = undefined;
    turn.to = to;
    turn.against = this.#against(turn);
    const { turn: number, from, barged } = turn;
    if (this.#short(turn)) {
      return [{ type: 'nothing', turn: number, why: 'short', resume: barged, at }];
    }
    this.#awaited.set(number, turn);
    for (const old of this.#awaited.keys()) if (this.#awaited.size > AWAITED) this.#awaited.delete(old);
    return [{ type: 'turn-end', turn: number, from, to, at }];
  }
}
