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
  /** Round trip, ms. */
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
const PATIENCE = 5;
/** An estimate is believed below this share of what is sent, the second time, and then taken with a margin. */
const TIGHT = 0.9;
const MARGIN = 0.85;
/** More than this a second, and the estimate rises. */
const RISE = 1.03;
/** So much longer than the shortest round trip, ms, and packets wait in a queue. */
const WAITING = 80;
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

  /** Takes a report; call it once a second. @returns how it looks */
  report({ loss = 0, estimate, sent, rtt }: LinkReport, { ceiling, floor }: Bounds): Look {
    this.#tell(sent, loss);
    const excess = loss > this.#usual * SPREAD ? loss - this.#usual : 0;
    const far = estimate !== undefined && estimate < floor / 2;
    const fell = far && this.#estimate !== undefined && estimate < this.#estimate * COLLAPSE;
    const full = this.#waits(rtt) || excess > SOME_LOSS;
    const tight = this.#isTight(estimate, sent, floor) && full;
    if (!full) this.#tight = 0;
    if (tight && fell) this.#tight = Math.max(2, this.#tight);
    const look =
      tight && fell && excess > LIGHT_LOSS ? 'collapsed' : lookOf(excess, tight && far, this.#tight >= 2);
    this.#good = look === 'good' && !tight ? this.#good + 1 : 0;
    if (excess > HEAVY_LOSS) {
      if (sent > 0) this.#cut ??= { sent, loss, allowed: this.#allowed };
      this.#full = sent * (1 - loss);
      const share = Math.min(DOWN, (1 - loss) * 0.9);
      this.#allowed = Math.min(this.#allowed, Math.max(sent, floor)) * share;
    } else if (this.#tight >= 2 && estimate !== undefined) {
      this.#full = estimate;
      this.#allowed = Math.min(this.#allowed, estimate * MARGIN);
    } else if (this.#good >= PATIENCE) {
      this.#cut = undefined;
      const near = Math.abs(this.#allowed - this.#full) < this.#full * NEAR;
      this.#allowed = Math.max(this.#allowed, floor) * (near ? UP_NEAR : UP);
    }
    this.#allowed = Math.min(ceiling, Math.max(LEAST, this.#allowed));
    if (this.#usual > 0 && excess === 0) this.#usual += (loss - this.#usual) * SMOOTHING;
    return look;
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

  #waits(rtt: number | undefined): boolean {
    if (rtt === undefined) return true;
    this.#shortest = Math.min(this.#shortest, rtt);
    return rtt > this.#shortest + WAITING;
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
