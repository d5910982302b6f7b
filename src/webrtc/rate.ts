/**
 * How much one encoder may send, from what its viewers report.
 *
 * All viewers of an encoder get the same packets, so its bitrate is what the weakest can take, but never below a floor:
 * one bad connection shall cost the others some sharpness and no more. Loss is what counts;
 * a viewer's own estimate (REMB) only when it is clearly under what is really sent to it: Chromium limits its estimate to
 * one and a half times what it receives, so a picture that hardly moves always looks like a slow line.
 */

/** What one viewer reported, and what it was sent meanwhile. */
export interface LinkReport {
  /** Fraction of packets lost, 0..1. */
  loss: number | undefined;
  /** The viewer's estimate, bit/s. */
  estimate: number | undefined;
  /** What it was really sent, bit/s. */
  sent: number;
}

interface Link {
  allowed: number;
  /** Reports in a row that were good, and whose estimate was too low. */
  good: number;
  tight: number;
}

const HEAVY_LOSS = 0.1;
const LIGHT_LOSS = 0.02;
/** Down at once, up slowly: after so many good reports, one a second, by this factor. */
const DOWN = 0.7;
const UP = 1.08;
const PATIENCE = 5;
/** An estimate is believed below this share of what is sent, and then taken with a margin. */
const TIGHT = 0.9;
const MARGIN = 0.85;
/** Smaller changes are not worth a change of the encoder. */
const HYSTERESIS = 0.1;

export class RateControl {
  readonly #links = new Map<string, Link>();
  #ceiling: number;
  #told: number;

  /** @param ceiling bit/s wanted where nothing is in the way */
  constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#told = ceiling;
  }

  /** The least an encoder is told, bit/s. */
  get floor(): number {
    return Math.min(this.#ceiling, Math.max(250_000, this.#ceiling / 4));
  }

  set ceiling(bitrate: number) {
    this.#ceiling = bitrate;
    for (const link of this.#links.values()) link.allowed = bitrate;
    this.#told = bitrate;
  }

  /** Takes a viewer's report; call it once a second for each. */
  report(viewer: string, { loss = 0, estimate, sent }: LinkReport): void {
    let link = this.#links.get(viewer);
    if (link === undefined) {
      link = { allowed: this.#ceiling, good: 0, tight: 0 };
      this.#links.set(viewer, link);
    }
    const tight = estimate !== undefined && estimate < sent * TIGHT && sent > this.floor / 2;
    link.tight = tight ? link.tight + 1 : 0;
    link.good = loss < LIGHT_LOSS && !tight ? link.good + 1 : 0;
    if (loss > HEAVY_LOSS) link.allowed = Math.min(link.allowed, Math.max(sent, this.floor)) * DOWN;
    else if (link.tight >= 2 && estimate !== undefined)
      link.allowed = Math.min(link.allowed, estimate * MARGIN);
    else if (link.good >= PATIENCE) link.allowed *= UP;
    link.allowed = Math.min(this.#ceiling, Math.max(this.floor, link.allowed));
  }

  /** A viewer has gone. */
  forget(viewer: string): void {
    this.#links.delete(viewer);
  }

  /** What the encoder should have now, or undefined while that is near enough to what was last returned. */
  change(): number | undefined {
    let target = this.#ceiling;
    for (const { allowed } of this.#links.values()) target = Math.min(target, allowed);
    target = Math.round(target);
    const far = Math.abs(target - this.#told) > this.#told * HYSTERESIS;
    const back = target === this.#ceiling && this.#told !== target;
    if (!far && !back) return undefined;
    this.#told = target;
    return target;
  }
}
