/**
 * WebVTT files for the parts of a recording, each with the times of its own part. What is read across a cut is in both files.
 *
 * A cue is known at its end, up to three seconds after the sound: a file is written once all that belongs to it is known.
 */
import { writeFileSync } from 'node:fs';
import type { Ns } from '../element/time.js';
import { type Cue, VTT_HEAD, vttCue } from './captions.js';

/** A part of the recording whose file is still to be written. */
interface Part {
  readonly file: string;
  readonly from: Ns;
  readonly until: Ns;
}

export class CueFiles {
  #cues: Cue[] = [];
  #known: Ns = 0;
  readonly #parts: Part[] = [];

  /** One more, of no text where nothing is said: they come in order and without holes. Throws what writing throws. */
  cue(cue: Cue): void {
    if (cue.text !== '') this.#cues.push(cue);
    this.#known = cue.pts + cue.duration;
    this.#write();
  }

  /** The file of a part, of those that end one after the other. */
  part(part: Part): void {
    this.#parts.push(part);
    this.#write();
  }

  /** There are no more cues. */
  end(): void {
    this.#known = Number.POSITIVE_INFINITY;
    this.#write();
  }

  #write(): void {
    for (let next = this.#parts[0]; next !== undefined && next.until <= this.#known; next = this.#parts[0]) {
      const { file, from, until } = next;
      this.#parts.shift();
      const lines = this.#cues
        .filter(({ pts, duration }) => pts < until && pts + duration > from)
        .map(({ pts, duration, text }) => {
          const begin = Math.max(pts, from);
          return vttCue({ pts: begin, duration: Math.min(pts + duration, until) - begin, text }, from);
        });
      writeFileSync(file, VTT_HEAD + lines.join(''));
      this.#cues = this.#cues.filter(({ pts, duration }) => pts + duration > until);
    }
  }
}
