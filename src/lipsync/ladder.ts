import type { Ns } from '../element/time.js';

/** Rungs by name: every how many-th mouth is inferred. */
export const RUNGS = { full: 1, half: 2, quarter: 4 } as const;
export type Every = (typeof RUNGS)[keyof typeof RUNGS];

/** What the machine must be able to do over what is wanted of it: the same cores blend and encode the pictures. */
const HEADROOM = 1.25;
/** Windows that follow on each other lie a frame apart, give or take so many of them. */
const JITTER = 0.5;

/** The highest rung on which a model that makes `rows` mouths a second keeps up; the lowest where none will do. */
export function rungFor(rows: number, framerate: number): Every {
  return Object.values(RUNGS).find((every) => rows >= (HEADROOM * framerate) / every) ?? RUNGS.quarter;
}

/** What to say where not even that rung is kept up with. */
export function tooSlow(
  { model, provider, rows }: { readonly model: string; readonly provider: string; readonly rows: number },
  framerate: number,
  every: Every,
): string {
  return (
    `The model ${model} makes ${rows.toFixed(1)} pictures a second here (${provider}), ` +
    `${Math.round(framerate)} are shown${every > 1 ? `, one in ${every} of them its own` : ''}: ` +
    'the mouth rests for the others. A GPU, or a smaller model, keeps up.'
  );
}

/** What the ladder looks at in a window of speech. */
export interface Rung {
  readonly pts: Ns;
  readonly duration: Ns;
  readonly discont: boolean;
  /** Whose mouth it is. */
  readonly avatar: string;
}

/** How the two kinds of mouths are made. `P` is what a mouth is, or that there is none. */
export interface Makers<P> {
  infer(): Promise<P>;
  /** Between two mouths, `step` of `every`; without `after` there is none that follows on. */
  between(before: Promise<P>, after: Promise<P | undefined>, step: number): Promise<P>;
}

/**
 * Which mouths a model makes that cannot make all of them, and which are blended of their neighbours.
 *
 * The first window after a rest is inferred, and from there on every second or fourth. A window between is open until
 * the next inferred one comes, or something ends its stretch: silence, the end of an utterance, another avatar, a
 * jump in time. So whoever waits for it must read on as long as it is `open`.
 */
export class Ladder<P> {
  #last: { readonly window: Rung; readonly step: number } | undefined;
  #before: Promise<P> | undefined;
  #after:
    | { readonly promise: Promise<P | undefined>; resolve(after: Promise<P> | undefined): void }
    | undefined;

  /** A window waits for what comes behind it. */
  get open(): boolean {
    return this.#after !== undefined;
  }

  /** Has the mouth of the next window made, one way or the other. */
  take(every: number, window: Rung, { infer, between }: Makers<P>): Promise<P> {
    const last = this.#last;
    const follows = last !== undefined && followsOn(last.window, window);
    const step = follows ? (last.step % every) + 1 : every;
    if (!follows) this.rest();
    this.#last = { window, step };
    if (step < every && this.#before !== undefined) {
      this.#after ??= deferred();
      return between(this.#before, this.#after.promise, step);
    }
    const made = infer();
    this.#close(made);
    this.#before = made;
    return made;
  }

  /** Nothing that comes belongs to what was before. */
  rest(): void {
    this.#close(undefined);
    this.#before = undefined;
    this.#last = undefined;
  }

  #close(after: Promise<P> | undefined): void {
    this.#after?.resolve(after);
    this.#after = undefined;
  }
}

function followsOn(before: Rung, { pts, discont, avatar }: Rung): boolean {
  const off = pts - (before.pts + before.duration);
  return !discont && avatar === before.avatar && Math.abs(off) <= JITTER * before.duration;
}

function deferred<T>(): { promise: Promise<T | undefined>; resolve(value: Promise<T> | undefined): void } {
  let resolve: (value: Promise<T> | undefined) => void = () => {};
  const promise = new Promise<T | undefined>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
