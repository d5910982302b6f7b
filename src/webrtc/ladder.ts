/**
 * Two rungs: the ordinary encoder, and a low one beside it for viewers whose line does not take the ordinary one.
 *
 * The ordinary rung gives way to its weakest viewer down to half of its bitrate. One who cannot take even that for five
 * seconds, or one or two where little gets through, or at once when its line is overrun, moves to the low rung: the others stay where they
 * are. There it is tried with the ordinary one again after a while without trouble, once its line has taken all that the low one may
 * have, and each time that fails the while is twice as long. On trial it counts for nobody else's
 * picture.
 *
 * Pure: it knows no time but its reports, one a second for each viewer.
 */
import type { Bounds, Line, LinkReport, Look } from './line.js';
import { RateControl } from './rate.js';

export type Rung = 'ordinary' | 'low';

export interface Move {
  readonly viewer: string;
  readonly rung: Rung;
}

/** What is to change now. */
export interface Step {
  readonly moves: readonly Move[];
  /** Bitrates for encoders, bit/s. */
  readonly rates: readonly (readonly [rung: Rung, bitrate: number])[];
}

/** Troubled seconds until a viewer moves down, and on trial. Worse seconds count for more. */
const ENOUGH = 5;
const ENOUGH_ON_TRIAL = 2;
const WEIGHTS: Readonly<Partial<Record<Look, number>>> = { trouble: 1, severe: 2.5, collapsed: 5 };
/** Seconds without trouble before the ordinary rung is tried again, which may cost a second of picture: at first, and at most. */
const WAIT = 20;
const LONGEST_WAIT = 640;
/** What the low rung was sent all through a second the line takes for the most part. */
const PROVEN = 0.75;
/** Seconds until a trial counts as won. */
const TRIAL = 10;
/** Parts of the bitrate: what the ordinary rung keeps, and what the low one has. */
const KEPT = 0.5;
const LOW = 0.4;
/** Below this nobody recognises anything, bit/s. */
const LOWEST = 100_000;
/** A low rung that is not clearly lower is none. */
const LOWER = 0.8;
/** Seconds without the low rung where its encoder gave nothing: at first, and at most. */
const LOST = 30;
const LONGEST_LOST = 640;

/** The bounds of both rungs, bit/s; no low one where the ordinary one is that already. */
export function rungsOf(bitrate: number): { ordinary: Bounds; low: Bounds | undefined } {
  const ordinary = { ceiling: bitrate, floor: Math.min(bitrate, Math.max(250_000, bitrate * KEPT)) };
  const ceiling = Math.max(LOWEST, Math.round(bitrate * LOW));
  const low = ceiling <= ordinary.floor * LOWER ? { ceiling, floor: LOWEST } : undefined;
  return { ordinary, low };
}

interface Place {
  rung: Rung;
  /** Troubled seconds on the ordinary rung; they go by as they came. */
  trouble: number;
  /** Seconds without trouble on the low rung. */
  calm: number;
  /** How many of those it takes. */
  wait: number;
  /** Seconds of trial left. */
  trial: number;
}

export class Ladder {
  readonly #places = new Map<string, Place>();
  readonly #low: boolean;
  #controls: { ordinary: RateControl; low: RateControl | undefined };
  /** Seconds until the low rung may be used again, and how many it is not the next time. */
  #lost = 0;
  #nextLost = LOST;

  /** @param low whether a second encoder can be had */
  constructor(bitrate: number, low = true) {
    this.#low = low;
    this.#controls = this.#made(bitrate);
  }

  /** Another bitrate is wanted; encoders have it already. What is known of the lines is forgotten, where viewers are is not. */
  set bitrate(bitrate: number) {
    this.#controls = this.#made(bitrate);
  }

  /** Where a viewer is. */
  rung(viewer: string): Rung {
    return this.#places.get(viewer)?.rung ?? 'ordinary';
  }

  /** Takes a viewer's report; call it once a second for each. */
  report(viewer: string, report: LinkReport): void {
    const place = this.#place(viewer);
    const control = this.#control(place.rung);
    const look = control.report(viewer, report);
    if (place.rung === 'low') place.calm = look === 'good' ? place.calm + 1 : 0;
    else this.#judge(place, look, control.line(viewer));
  }

  /**
   * The line of a viewer was found to be overrun, between two reports: who is shown the ordinary rung goes down at once.
   * @param sent bit/s
   * @param share what it lets through of that
   */
  overrun(viewer: string, sent: number, share: number): Step {
    const place = this.#place(viewer);
    // The low rung has felt its way up to there.
    this.#control(place.rung)
      .line(viewer)
      .overrun(sent * (place.rung === 'low' ? Math.max(PROVEN, share) : share));
    const moves: Move[] = [];
    if (place.rung === 'ordinary' && this.#usable !== undefined) {
      this.#move(viewer, place, 'low');
      moves.push({ viewer, rung: 'low' });
    }
    place.calm = 0;
    return { moves, rates: this.#rates() };
  }

  /** The encoder of the low rung gives nothing: with the next step all who are there go up, and for a while nobody goes down. */
  loseLow(): void {
    this.#lost = this.#nextLost;
    this.#nextLost = Math.min(LONGEST_LOST, this.#nextLost * 2);
  }

  /** A viewer has gone. */
  forget(viewer: string): void {
    this.#places.delete(viewer);
    this.#controls.ordinary.forget(viewer);
    this.#controls.low?.forget(viewer);
  }

  /** What is to change, after the reports of a second. */
  step(): Step {
    const moves: Move[] = [];
    this.#lost = Math.max(0, this.#lost - 1);
    for (const [viewer, place] of this.#places) {
      const rung = this.#next(viewer, place);
      if (rung === place.rung) continue;
      this.#move(viewer, place, rung);
      moves.push({ viewer, rung });
    }
    return { moves, rates: this.#rates() };
  }

  #rates(): Step['rates'] {
    const settled = (viewer: string) => (this.#places.get(viewer)?.trial ?? 0) === 0;
    const ordinary = this.#controls.ordinary.change(settled);
    const low = this.#controls.low?.change();
    return [
      ...(ordinary === undefined ? [] : [['ordinary', ordinary] as const]),
      ...(low === undefined ? [] : [['low', low] as const]),
    ];
  }

  #judge(place: Place, look: Look, line: Line): void {
    if (place.trial > 0 && --place.trial === 0) place.wait = WAIT;
    const weight = WEIGHTS[look];
    if (weight !== undefined && line.allowed < this.#controls.ordinary.bounds.floor) place.trouble += weight;
    else if (look === 'good') place.trouble = Math.max(0, place.trouble - 1);
  }

  #next(viewer: string, { rung, trouble, trial, calm, wait }: Place): Rung {
    const low = this.#usable;
    if (low === undefined) return 'ordinary';
    if (rung === 'low')
      return calm >= wait && low.line(viewer).allowed >= low.bounds.ceiling ? 'ordinary' : 'low';
    return trouble >= (trial > 0 ? ENOUGH_ON_TRIAL : ENOUGH) ? 'low' : 'ordinary';
  }

  #move(viewer: string, place: Place, rung: Rung): void {
    const from = this.#control(place.rung);
    const to = this.#control(rung);
    const line = from.line(viewer);
    from.forget(viewer);
    const { ceiling, floor } = to.bounds;
    line.restart(rung === 'low' ? Math.min(ceiling, Math.max(floor, line.allowed)) : floor);
    to.take(viewer, line);
    if (rung === 'low' && place.trial > 0) place.wait = Math.min(LONGEST_WAIT, place.wait * 2);
    place.rung = rung;
    place.trial = rung === 'ordinary' ? TRIAL : 0;
    place.trouble = 0;
    place.calm = 0;
  }

  /** The low rung, while there is one that may be used. */
  get #usable(): RateControl | undefined {
    return this.#lost > 0 ? undefined : this.#controls.low;
  }

  #control(rung: Rung): RateControl {
    return (rung === 'low' ? this.#controls.low : undefined) ?? this.#controls.ordinary;
  }

  #place(viewer: string): Place {
    const place = this.#places.get(viewer) ?? { rung: 'ordinary', trouble: 0, calm: 0, wait: WAIT, trial: 0 };
    this.#places.set(viewer, place);
    return place;
  }

  #made(bitrate: number): { ordinary: RateControl; low: RateControl | undefined } {
    const { ordinary, low } = rungsOf(bitrate);
    return {
      ordinary: new RateControl(ordinary),
      low: this.#low && low !== undefined ? new RateControl(low) : undefined,
    };
  }
}
