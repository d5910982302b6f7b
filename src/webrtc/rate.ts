/**
 * How much one encoder may send: what the weakest of its viewers takes, for all of them get the same packets, but never below
 * a floor. One bad connection shall cost the others some sharpness and no more.
 */
import { type Bounds, Line, type LinkReport, type Look } from './line.js';

/** Smaller changes are not worth a change of the encoder. */
const HYSTERESIS = 0.1;

export class RateControl {
  readonly #lines = new Map<string, Line>();
  readonly bounds: Bounds;
  #told: number;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
    this.#told = bounds.ceiling;
  }

  /** What is known of a viewer's line. */
  line(viewer: string): Line {
    const line = this.#lines.get(viewer) ?? new Line(this.bounds.ceiling);
    this.#lines.set(viewer, line);
    return line;
  }

  /** Takes a viewer whose line is known from elsewhere. */
  take(viewer: string, line: Line): void {
    this.#lines.set(viewer, line);
  }

  /** Takes a viewer's report; call it once a second for each. */
  report(viewer: string, report: LinkReport): Look {
    return this.line(viewer).report(report, this.bounds);
  }

  /** A viewer has gone. */
  forget(viewer: string): void {
    this.#lines.delete(viewer);
  }

  /**
   * What the encoder should have now, bit/s, or undefined while that is near enough to what was last returned.
   * @param counts whose lines count; where it leaves none, all do
   */
  change(counts: (viewer: string) => boolean = () => true): number | undefined {
    const { ceiling, floor } = this.bounds;
    const all = [...this.#lines];
    const some = all.filter(([viewer]) => counts(viewer));
    const allowed = (some.length > 0 ? some : all).map(([, line]) => line.allowed);
    const target = Math.round(Math.max(floor, Math.min(ceiling, ...allowed)));
    const far = Math.abs(target - this.#told) > this.#told * HYSTERESIS;
    // A last step to an end of the range is never too small.
    const end = (target === ceiling || target === floor) && this.#told !== target;
    if (!far && !end) return undefined;
    this.#told = target;
    return target;
  }
}

/** Bounds of an encoder whose only viewer is the one that it is for. */
export function aloneBounds(ceiling: number): Bounds {
  return { ceiling, floor: Math.min(ceiling, Math.max(250_000, ceiling / 4)) };
}
