/** Frames per second as a fraction. */
interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/** Which avatar frame belongs to a moment: a counter for the avatar's own loop. */
export interface Tick {
  readonly avatar: string;
  readonly counter: number;
}

/** An in-band mark that changes the avatar: since `pts`, with the counter beginning at `counter`. */
export interface AvatarMark {
  readonly name: string;
  readonly pts: number;
  readonly counter: number;
}

/** Marks kept: more than can be between a mark and the frames it concerns. */
const KEPT = 16;

/**
 * Says which avatar frame is shown when, from nothing but the PTS and the marks that came before: so model and
 * compositor agree without talking to each other, and a replay shows the frames the live run showed.
 */
export class FrameClock {
  readonly #framerate: FrameRate;
  #marks: AvatarMark[];

  constructor(framerate: FrameRate, avatar: string) {
    this.#framerate = framerate;
    this.#marks = [{ name: avatar, pts: 0, counter: 0 }];
  }

  /** From `mark.pts` on its avatar is shown; marks that begin later are forgotten. */
  mark(mark: AvatarMark): void {
    this.#marks = [...this.#marks.filter(({ pts }) => pts < mark.pts), mark].slice(-KEPT);
  }

  /** The tick of the video frame that begins at `pts` ns. */
  at(pts: number): Tick {
    const mark = this.#marks.findLast((mark) => mark.pts <= pts) ?? this.#marks[0]!;
    const { num, den } = this.#framerate;
    const ticks = Math.round(((pts - mark.pts) / 1e9) * (num / den));
    return { avatar: mark.name, counter: Math.max(0, mark.counter + ticks) };
  }
}

/** Reads an `avatar` mark from the fields of its event; undefined when it names none. */
export function avatarMark(fields: Readonly<Record<string, unknown>>): AvatarMark | undefined {
  const { name, pts, counter } = fields;
  if (typeof name !== 'string' || typeof pts !== 'number') return undefined;
  return { name, pts, counter: typeof counter === 'number' ? counter : 0 };
}
