/** Frames per second as a fraction. */
interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/** The clip that is shown while nobody speaks, where an avatar has one. */
export const IDLE_CLIP = 'idle';

/** Which avatar frame belongs to a moment: a counter for the avatar's own loop. */
export interface Tick {
  readonly avatar: string;
  readonly counter: number;
  /** When what is shown began, ns: another moment, or avatar, or clip, is another thing that is shown. */
  readonly since: number;
  /** What is shown instead: a clip of that avatar, and the counter for the clip's loop. */
  readonly clip?: { readonly name: string; readonly counter: number };
}

/** An in-band mark that changes the avatar: since `pts`, with the counter beginning at `counter`. */
export interface AvatarMark {
  readonly name: string;
  readonly pts: number;
  readonly counter: number;
}

/** What is done since `pts`: somebody speaks, a clip plays, or neither. */
export interface Scene {
  readonly pts: number;
  readonly is: 'rest' | 'speech' | 'clip';
  /** The clip's name. */
  readonly name?: string;
}

/** PTS are rounded to nanoseconds, here one way and there another. */
const ROUNDING = 1000;

/** Marks kept: more than can be between a mark and the frames it concerns. */
const KEPT = 16;

/**
 * Says which avatar frame is shown when, from nothing but the PTS and the marks that came before: so model and
 * compositor agree without talking to each other, and a replay shows the frames the live run showed.
 *
 * A clip begins with its first frame; behind it the avatar is where it would be without. An avatar with an idle clip
 * shows that while nobody speaks, from its first frame each time, and speaks from its own first frame.
 */
export class FrameClock {
  #framerate: FrameRate;
  readonly #idles: (avatar: string) => boolean;
  #marks: AvatarMark[];
  #scenes: Scene[] = [{ pts: 0, is: 'rest' }];

  /** @param idles whether an avatar has an idle clip */
  constructor(framerate: FrameRate, avatar: string, idles: (avatar: string) => boolean = () => false) {
    this.#framerate = framerate;
    this.#idles = idles;
    this.#marks = [{ name: avatar, pts: 0, counter: 0 }];
  }

  /** Marks may have come before it is known how many frames a second there are. */
  retime(framerate: FrameRate): void {
    this.#framerate = framerate;
  }

  /** From `mark.pts` on its avatar is shown; marks that begin later are forgotten. */
  mark(mark: AvatarMark): void {
    this.#marks = since(this.#marks, mark);
  }

  /** From the first frame at or behind `scene.pts` on this is done; what begins later is forgotten. */
  act(scene: Scene): void {
    this.#scenes = since(this.#scenes, scene);
  }

  /** The tick of the video frame that begins at `pts` ns. */
  at(pts: number): Tick {
    const mark = latest(this.#marks, pts);
    const { is, name, ...scene } = latest(this.#scenes, pts + ROUNDING);
    const from = this.#frameFrom(scene.pts);
    const { name: avatar } = mark;
    const own = {
      avatar,
      counter: Math.max(0, mark.counter + this.#frames(mark.pts, pts)),
      since: mark.pts,
    };
    const counter = Math.max(0, this.#frames(from, pts));
    if (is === 'clip' && name !== undefined) return { ...own, since: from, clip: { name, counter } };
    if (!this.#idles(avatar)) return own;
    if (is === 'rest') return { ...own, since: from, clip: { name: IDLE_CLIP, counter } };
    return from > mark.pts ? { avatar, counter, since: from } : own;
  }

  /** When the first frame at or behind `pts` begins. */
  #frameFrom(pts: number): number {
    const { num, den } = this.#framerate;
    const frame = Math.ceil(((pts - ROUNDING) / 1e9) * (num / den));
    return Math.max(0, Math.round((frame * den * 1e9) / num));
  }

  #frames(from: number, to: number): number {
    const { num, den } = this.#framerate;
    return Math.round(((to - from) / 1e9) * (num / den));
  }
}

function since<T extends { readonly pts: number }>(all: readonly T[], one: T): T[] {
  return [...all.filter(({ pts }) => pts < one.pts), one].slice(-KEPT);
}

function latest<T extends { readonly pts: number }>(all: readonly T[], pts: number): T {
  return all.findLast((one) => one.pts <= pts) ?? all[0]!;
}

/** Reads an `avatar` mark from the fields of its event; undefined when it names none. */
export function avatarMark(fields: Readonly<Record<string, unknown>>): AvatarMark | undefined {
  const { name, pts, counter } = fields;
  if (typeof name !== 'string' || typeof pts !== 'number') return undefined;
  return { name, pts, counter: typeof counter === 'number' ? counter : 0 };
}

/** Reads what is done from a mark, its name without prefix; undefined when it changes nothing. */
export function sceneMark(mark: string, { pts, name }: Readonly<Record<string, unknown>>): Scene | undefined {
  if (typeof pts !== 'number') return undefined;
  if (mark === 'utterance-start') return { pts, is: 'speech' };
  if (mark === 'utterance-end') return { pts, is: 'rest' };
  if (mark !== 'clip' || typeof name !== 'string') return undefined;
  return name === '' ? { pts, is: 'rest' } : { pts, is: 'clip', name };
}
