/**
 * A video behind an avatar that begins anew whenever it is over.
 *
 * Which of its pictures is shown is told by the number of the picture that leaves, so a replay shows the same ones. It is decoded
 * while it plays, a few pictures ahead, for each session: of an hour of video no more is in memory than of ten seconds.
 */
import { TalkError, toTalkError } from '../element/error.js';
import type { Fraction } from '../element/time.js';
import { AVATAR_COLOUR_CAPS } from '../picture/colour.js';
import { layOver } from '../picture/over.js';
import {
  alphaIn,
  alphaPictureBytes,
  copyPicture,
  fitInto,
  type Picture,
  pictureIn,
} from '../picture/picture.js';
import { repeated } from './repeated.js';
import { type Cutout, demandFile, lookAtVideo, type VideoFacts, videoPictures } from './video.js';

/** Pictures that are ready: while the next round begins, they are shown. */
const AHEAD = 8;
interface Shot {
  readonly number: number;
  readonly data: Uint8Array;
}

export class Backdrop {
  /** What can be seen through, A420 as GStreamer lays it out: drawn by whoever calls `lay`. */
  layer = new Uint8Array(0);
  readonly #file: string;
  readonly #facts: VideoFacts;
  #size = { width: 0, height: 0 };
  readonly #abort = new AbortController();
  /** The next pictures, in order. */
  readonly #ready: Shot[] = [];
  #shown: Shot | undefined;
  #failure: TalkError | undefined;
  #told = false;
  #running: Promise<void> | undefined;
  /** The picture that is wanted now: older ones are passed over. */
  #wanted = 0;
  #wakeReader: () => void = () => undefined;
  #wakeWriter: () => void = () => undefined;

  private constructor(file: string, facts: VideoFacts) {
    this.#file = file;
    this.#facts = facts;
  }

  /** Looks at a video; nothing is held yet. @throws TalkError resource/not-found, resource/read, stream/wrong-type */
  static async open(file: string): Promise<Backdrop> {
    await demandFile(file);
    return new Backdrop(file, await lookAtVideo(file, new AbortController().signal));
  }

  /**
   * From now on pictures are made ready; once only. They fill what is of this size: what does not fit is cut off, at both
   * sides alike.
   */
  begin({ width, height }: { width: number; height: number }, { num, den }: Fraction): void {
    if (this.#running !== undefined) return;
    this.#size = { width, height };
    this.layer = new Uint8Array(alphaPictureBytes(width, height));
    this.#running = this.#run({ num, den }).catch((error: unknown) => {
      if (this.#abort.signal.aborted) return;
      this.#failure = toTalkError(error);
      this.#wakeReader();
    });
  }

  /**
   * True when picture `n` is there to be laid behind something.
   * @param live also when it is not, but one before it, which then stands still
   * @throws TalkError stream/decode when the video is broken (live only before its first picture); core/state-change when closed
   */
  has(n: number, live: boolean): boolean {
    this.#wanted = n;
    while ((this.#ready[0]?.number ?? n + 1) <= n) this.#shown = this.#ready.shift();
    this.#wakeWriter();
    if (this.#shown !== undefined && (live || this.#shown.number >= n)) return true;
    if (this.#failure !== undefined) throw this.#failure;
    return false;
  }

  /** Resolves when there may be more. */
  async more(): Promise<void> {
    if (this.#ready.length > 0 || this.#failure !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#wakeReader = resolve;
    });
  }

  /** Why it stands still; told once. */
  complaint(): string | undefined {
    const told = this.#told;
    this.#told = this.#failure !== undefined;
    return told ? undefined : this.#failure?.message;
  }

  /** Puts `layer` before the picture that `has` found. */
  lay(into: Picture): void {
    const { width, height } = this.#size;
    if (this.#shown === undefined) throw new TypeError('Expected a picture that is there.');
    copyPicture(into, pictureIn(this.layer, width, height));
    layOver(into, pictureIn(this.#shown.data, width, height), alphaIn(this.layer, width, height));
  }

  /** Ends all that is under way. */
  async close(): Promise<void> {
    this.#failure ??= new TalkError('core/state-change', 'The video behind the avatar was closed.');
    this.#abort.abort(new Error('closed'));
    this.#wakeReader();
    this.#wakeWriter();
    await this.#running;
    this.#ready.length = 0;
  }

  async #run(rate: Fraction): Promise<void> {
    const { width, height } = this.#size;
    const { duration } = this.#facts;
    const expected =
      duration === undefined ? undefined : Math.floor((duration / 1e9) * (rate.num / rate.den));
    const part = cover(this.#facts, this.#size);
    const to = {
      width,
      height,
      rate: `${rate.num}/${rate.den}`,
      scale: 'bilinear2',
      how: AVATAR_COLOUR_CAPS,
    } as const;
    const open = () => videoPictures(this.#file, this.#facts, part, to, this.#abort.signal);
    let number = 0;
    for await (const { data } of repeated(open, expected)) {
      if (!(await this.#put({ number, data }))) return;
      number++;
    }
  }

  /** Waits for room. False when nobody wants it any more. */
  async #put(shot: Shot): Promise<boolean> {
    while (this.#ready.length >= AHEAD && !this.#abort.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
    }
    if (this.#abort.signal.aborted) return false;
    // One whose time has passed is shown only while there is none better.
    if (shot.number < this.#wanted && this.#shown !== undefined) this.#shown = shot;
    else this.#ready.push(shot);
    this.#wakeReader();
    return true;
  }
}

/** The largest part of a picture that has the shape of another one, in its middle. */
function cover(
  picture: { readonly width: number; readonly height: number },
  shape: { readonly width: number; readonly height: number },
): Cutout {
  const { x, y, w, h } = fitInto(picture, shape);
  const [left, top] = [Math.floor(x), Math.floor(y)];
  return {
    left,
    top,
    width: Math.min(picture.width - left, Math.round(w)),
    height: Math.min(picture.height - top, Math.round(h)),
  };
}
