/**
 * A recording in segments: files that each begin with a key frame and play alone, and together hold every picture and sound once.
 *
 * splitmuxsink cuts in front of a key frame, and the sound at the first AAC frame from there on. So that both tracks of a segment
 * begin together to the sample, key frames stand only where a frame of AAC begins, too: at 25 pictures a second each eighth.
 * Key frames come by count then, and pictures that are missing are filled up, so that neither load nor a queue moves a cut.
 */
import { rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { type Caps, type Ns, type Part, SECOND, TalkError } from '../element/index.js';
import { AAC_RATE } from './aac.js';
import { besides } from './container.js';

/** Samples of a frame of AAC. */
const AAC_FRAME = 1024;
/** ns between moments at which both begin that a segment may be longer for; at 29.97 pictures a second it would be 21 s. */
const COARSE = 3 * SECOND;

/** Pictures per second. */
export interface Rate {
  readonly num: number;
  readonly den: number;
}

/** Where a recording may be cut. */
export interface Grid {
  /** Pictures from one key frame to the next. */
  readonly keys: number;
  /** Pictures of a segment; undefined where time does not cut it. */
  readonly pictures: number | undefined;
}

/**
 * @param rate of the pictures
 * @param time of a segment, ns; 0: it is not cut by time
 * @param interval pictures that are wished between key frames
 */
export function gridOf({ num, den }: Rate, time: Ns, interval: number): Grid {
  const both = (AAC_FRAME * num) / divisor(AAC_FRAME * num, AAC_RATE * den);
  const step = (both * den * SECOND) / num > COARSE ? 1 : both;
  const most = Math.max(1, Math.floor(interval / step));
  if (time === 0) return { keys: most * step, pictures: undefined };
  // The nearest number of steps that divides well into groups of pictures.
  const wished = Math.max(1, Math.round((time * num) / (den * SECOND * step)));
  for (let off = 0; ; off++)
    for (const steps of [wished + off, wished - off]) {
      const group = steps < 1 ? 0 : largestDivisor(steps, most);
      if (group > 0 && group * 2 >= Math.min(most, steps))
        return { keys: group * step, pictures: steps * step };
    }
}

/** Tells a splitmuxsink where to cut pictures of these caps, and returns pictures between key frames; see `gridOf`. */
export function cutAt(split: Part, fields: Caps['fields'], time: Ns, interval: number): number {
  const { num = 0, den = 1 } = (fields['framerate'] ?? {}) as Partial<Rate>;
  if (num === 0) {
    throw new TalkError(
      'stream/format',
      'Expected pictures with a frame rate for segments but received such without; videorate gives them one.',
    );
  }
  const { keys, pictures } = gridOf({ num, den }, time, interval);
  // Half a picture of room: times are rounded.
  if (pictures !== undefined) split.set('max-size-time', Math.round(((pictures + 0.5) * den * SECOND) / num));
  return keys;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** The largest divisor of `n` that is at most `limit`. */
function largestDivisor(n: number, limit: number): number {
  let found = Math.min(n, limit);
  while (n % found !== 0) found--;
  return found;
}

/** The name of a segment: `talk.mp4` becomes `talk-00001.mp4`. */
export function segmentFile(location: string, number: number): string {
  const end = extname(location);
  return join(dirname(location), `${basename(location, end)}-${String(number).padStart(5, '0')}${end}`);
}

/** The same for splitmuxsink, which reads it as printf does. */
export const segmentPattern = (location: string): string =>
  segmentFile(location.replaceAll('%', '%%'), 0).replace(/-00000(\.[^.]*)$/, '-%05d$1');

/** A segment that is finished. */
export interface Segment {
  readonly location: string;
  readonly number: number;
  /** Running time of its first picture. */
  readonly time: Ns;
  readonly duration: Ns;
  readonly bytes: number;
}

/** Which segments there are; of more than `keep` the oldest files go, with what lies beside them. */
export class Segments {
  readonly #keep: number;
  readonly #kept: string[] = [];
  #number = 0;
  #open: { readonly location: string; readonly time: Ns } | undefined;
  #finished = 0;

  /** @param keep files at most, the one that is written included; 0: all */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** Bytes of all that were written, also of those that are gone. */
  get bytes(): number {
    return this.#finished + (this.#open === undefined ? 0 : sizeOf(this.#open.location));
  }

  /** The next one begins at a running time. */
  opened(location: string, time: Ns): void {
    this.#number++;
    this.#open = { location, time };
    this.#kept.push(location);
    if (this.#keep === 0) return;
    for (const old of this.#kept.splice(0, Math.max(0, this.#kept.length - this.#keep)))
      for (const file of [old, besides(old)]) rmSync(file, { force: true });
  }

  /** It has ended at a running time. */
  closed(until: Ns): Segment | undefined {
    if (this.#open === undefined) return undefined;
    const { location, time } = this.#open;
    this.#open = undefined;
    const bytes = sizeOf(location);
    this.#finished += bytes;
    return { location, number: this.#number, time, duration: until - time, bytes };
  }
}

/** Bytes of a file; 0 where there is none. */
export const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
