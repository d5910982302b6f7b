/**
 * What the line to one viewer takes, from what it reports once a second. Pure: it knows no time but its reports.
 *
 * Loss is what counts, but not all loss is a full line: a radio link loses one packet in ten however few are sent. Sending less
 * tells them apart: behind a bottleneck as much arrives as before, on a line that just loses less arrives. Such a line is
 * given back what it had, and its usual loss is not held against it any more; retransmission repairs it.
 *
 * A viewer's own estimate (REMB) is believed only when it is clearly under what is really sent to it, does not rise, and packets wait on
 * the way (the round trip is longer than it was, where it is known):
 * Chromium lets it grow by 8 % a second up to one and a half times what it receives, so a picture that hardly moved looks like
 * a slow line for a while when it begins to.
 */

/** What one viewer reported, and what it was sent meanwhile. */
export interface LinkReport {
  /** Fraction of packets lost, 0..1. */
  loss: number | undefined;
  /** The viewer's estimate, bit/s. */
  estimate: number | undefined;
  /** What it was really sent, bit/s. */
  sent: number;
  /** Round trip, ms: the shortest of the second. */
  rtt?: number | undefined;
}

/** What an encoder may have, bit/s. */
export interface Bounds {
  readonly ceiling: number;
  readonly floor: number;
}

/** How a report looked: `severe` when much less gets through than is sent, `collapsed` when next to nothing does. */
export type Look = 'good' | 'some-loss' | 'trouble' | 'severe' | 'collapsed';

const HEAVY_LOSS = 0.1;
const SEVERE_LOSS = 0.25;
const COLLAPSED_LOSS = 0.6;
/** An estimate that falls to less than this part of the last one in a second has met a full line: Chromium saw its queue grow. */
const COLLAPSE = 0.5;
const LIGHT_LOSS = 0.02;
/** Enough to believe an estimate where no packet waits: a line whose queue is short. */
const SOME_LOSS = 0.05;
/** Down at once, to what gets through but at least by this factor; up slowly, after so many good reports, one a second. */
const DOWN = 0.7;
const UP = 1.08;
/** Where it was full before, it goes up more slowly: this near, by this factor. */
const NEAR = 0.15;
const UP_NEAR = 1.02;
/** A line that was full, and whose viewer does not say that it takes what it is sent, so much: its queue shows before it runs over. */
const UP_DOUBTFUL = 1.03;
const PATIENCE = 5;
/** An estimate is believed below this share of what is sent, the second time, and then taken with a margin. */
const TIGHT = 0.9;
const MARGIN = 0.85;
/** More than this a second, and the estimate rises. */
const RISE = 1.03;
/** So much longer than the shortest round trip, ms, and packets wait in a queue; and may begin to, which is no time to send more. */
const WAITING = 80;
const MAY_WAIT = 30;
/**
 * What a line was full at it is not sent again for so many good reports, the first time, and twice as many each time that it was full
 * near there before: finding out costs the picture a moment.
 */
const HOLD = 5;
const LONGEST_HOLD = 640;
const BELOW = 0.9;
const AGAIN = 0.3;
/** A line that was full before and has a queue again is sent this part of what it is sent. */
const LESS = 0.85;
/** The shortest round trip is forgotten by this part a second: ways change. */
const FORGOTTEN = 1.002;
/** Of what a line lets through while it is overrun: its queue is to become empty, too, and the voice needs its part. */
const ROOM = 0.6;
/** Less must be sent by so much before what arrives says which kind of loss it is. */
const TELLING = 0.8;
/** A line that just loses may lose so much more than usual in a second. */
const SPREAD = 1.5;
/** Loss past this is no usual one. */
const MOST_USUAL = 0.2;
/** Share of a new report in the usual loss. */
const SMOOTHING = 0.1;
/** Nothing is told to be less than this, bit/s. */
const LEAST = 50_000;

export class Line {
  /** What it takes, bit/s. */
  #allowed: number;
  /** Reports in a row that were good, and those whose estimate was too low. */
  #good = 0;
  #tight = 0;
  #estimate: number | undefined;
  #shortest = Number.POSITIVE_INFINITY;
  /** What arrived when it was full, bit/s. */
  #full = 0;
  /** Good reports until it is sent that again, and how many it took the last time. */
  #hold = 0;
  #held = 0;
  /** Loss that does not depend on what is sent. */
  #usual = 0;
  /** The report that made us send less, and what was allowed then. */
  #cut: { sent: number; loss: number; allowed: number } | undefined;

  constructor(allowed: number) {
    this.#allowed = allowed;
  }

  get allowed(): number {
    return this.#allowed;
  }

  /** Begins anew at this bitrate; what is known of its loss stays. */
  restart(allowed: number): void {
    this.#allowed = allowed;
    this.#good = 0;
    this.#tight = 0;
    this.#cut = undefined;
  }

  /** It is overrun, and lets through so much, bit/s. */
  overrun(takes: number): void {
    this.#wasFull(takes);
    this.#allowed = Math.max(LEAST, Math.min(this.#allowed, takes * ROOM));
    this.#good = 0;
    this.#cut = undefined;
  }

  /** Takes a report; call it once a second. @returns how it looks */
  report({ loss = 0, estimate, sent, rtt }: LinkReport, { ceiling, floor }: Bounds): Look {
    this.#tell(sent, loss);
    const excess = loss > this.#usual * SPREAD ? loss - this.#usual : 0;
    const far = estimate !== undefined && estimate < floor / 2;
    const fell = far && this.#estimate !== undefined && estimate < this.#estimate * COLLAPSE;
    const waits = this.#waits(rtt);
    const full = waits > WAITING || excess > SOME_LOSS;
    const tight = this.#isTight(estimate, sent, floor) && full;
    if (!full) this.#tight = 0;
    if (tight && fell) this.#tight = Math.max(2, this.#tight);
    const look =
      tight && fell && excess > LIGHT_LOSS ? 'collapsed' : lookOf(excess, tight && far, this.#tight >= 2);
    this.#good = look === 'good' && !tight ? this.#good + 1 : 0;
    if (excess > HEAVY_LOSS) {
      if (sent > 0) this.#cut ??= { sent, loss, allowed: this.#allowed };
      this.#wasFull(sent * (1 - loss));
      const share = Math.min(DOWN, (1 - loss) * 0.9);
      this.#allowed = Math.min(this.#allowed, Math.max(sent, floor)) * share;
      if (look === 'collapsed' && estimate !== undefined)
        this.#allowed = Math.min(this.#allowed, estimate * MARGIN);
    } else if (this.#tight >= 2 && estimate !== undefined) {
      this.#wasFull(estimate);
      this.#allowed = Math.min(this.#allowed, estimate * MARGIN);
    } else if (rtt !== undefined && waits > WAITING && this.#full > 0) {
      this.#allowed = Math.min(this.#allowed, Math.max(sent, floor)) * LESS;
      this.#good = 0;
    } else if (this.#good >= PATIENCE && (rtt === undefined || waits < MAY_WAIT)) {
      this.#cut = undefined;
      this.#hold--;
      const near = Math.abs(this.#allowed - this.#full) < this.#full * NEAR;
      const doubtful = this.#full > 0 && estimate !== undefined && estimate < sent;
      const more = Math.max(this.#allowed, floor) * (near ? UP_NEAR : doubtful ? UP_DOUBTFUL : UP);
      const most = this.#full > 0 && this.#hold > 0 ? this.#full * BELOW : ceiling;
      this.#allowed = Math.max(this.#allowed, Math.min(more, most));
    }
    this.#allowed = Math.min(ceiling, Math.max(LEAST, this.#allowed));
    if (this.#usual > 0 && excess === 0) this.#usual += (loss - this.#usual) * SMOOTHING;
    return look;
  }

  /** It took so much, bit/s, and no more. */
  #wasFull(at: number): void {
    const again = this.#full > 0 && Math.abs(at - this.#full) < this.#full * AGAIN;
    this.#full = at;
    // One that is full for some seconds is full once.
    if (this.#hold === this.#held && this.#hold > 0) return;
    this.#held = again ? Math.min(LONGEST_HOLD, this.#held * 2) : HOLD;
    this.#hold = this.#held;
  }

  /** Since less is sent: is it a bottleneck, or a line that just loses? */
  #tell(sent: number, loss: number): void {
    const cut = this.#cut;
    if (cut === undefined || sent > cut.sent * TELLING) return;
    this.#cut = undefined;
    const arrives = (sent * (1 - loss)) / (cut.sent * (1 - cut.loss));
    // A bottleneck: 1. A line that just loses: as much less as is sent less. Halfway between.
    if (loss > MOST_USUAL || arrives > Math.sqrt(sent / cut.sent)) return;
    this.#usual = loss;
    this.#full = 0;
    this.#allowed = Math.max(this.#allowed, cut.allowed);
  }

  /** How long packets wait on the way, ms; where that is not known they do. */
  #waits(rtt: number | undefined): number {
    if (rtt === undefined) return Number.POSITIVE_INFINITY;
    this.#shortest = Math.min(this.#shortest * FORGOTTEN, rtt);
    return rtt - this.#shortest;
  }

  #isTight(estimate: number | undefined, sent: number, floor: number): boolean {
    const rises = this.#estimate !== undefined && (estimate ?? 0) > this.#estimate * RISE;
    this.#estimate = estimate;
    const under = estimate !== undefined && estimate < sent * TIGHT && sent > floor / 2;
    if (!under) this.#tight = 0;
    else if (!rises) this.#tight++;
    return under;
  }
}

function lookOf(excess: number, far: boolean, tight: boolean): Look {
  if (excess > COLLAPSED_LOSS) return 'collapsed';
  if (excess > SEVERE_LOSS || (far && tight)) return 'severe';
  if (excess > HEAVY_LOSS || tight) return 'trouble';
  return excess > LIGHT_LOSS ? 'some-loss' : 'good';
}
