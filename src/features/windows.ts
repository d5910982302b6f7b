/** Frames per second as a fraction, as caps carry it. */
export interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/**
 * Receives one feature window of video frame `frame` (counted from running time 0).
 *
 * `window` is scratch memory of the extractor, valid only during the call; where an encoder makes it, the promise of
 * it, undefined when it could not be made in time. `silent` is true when every sample that could reach the window is
 * exactly zero, so nothing needs to be inferred for it: an encoder has not been asked then.
 */
export type WindowReceiver<W = Float32Array> = (frame: number, window: W, silent: boolean) => void;

/** A window that an encoder is still at. */
export type Pending = Promise<Float32Array<ArrayBuffer> | undefined>;

/**
 * A streaming front end: speech samples in, one window per video frame out.
 *
 * Positions are absolute sample numbers (running time x rate), so what comes out depends on where samples
 * belong and never on how they were cut into buffers.
 */
export interface FeatureWindows<W = Float32Array> {
  /** Sample rate of the input in Hz. */
  readonly rate: number;
  /** Shape of one window, outer dimension first, e.g. [80, 16]. */
  readonly shape: readonly number[];
  /** How far past the start of its video frame a window may reach, in seconds; the source of latency. */
  readonly lookAhead: number;
  /** Absolute number of the next sample that is expected. */
  readonly position: number;
  /** Forgets everything: the next sample is number `sample` and all before it count as zero. */
  restart(sample: number): void;
  /** An utterance begins at this sample, which is still to come: what was learnt of the speaker before is forgotten. */
  begin(sample: number): void;
  /** Takes samples that follow the last ones and gives every window that became complete. */
  push(samples: Int16Array, receive: WindowReceiver<W>): void;
  /**
   * Gives every pending window of a frame that starts before sample `limit`, with zeros for the samples
   * not there yet. What is pushed later is not disturbed by those zeros.
   */
  complete(limit: number, receive: WindowReceiver<W>): void;
}

/** Start of video frame `frame` in samples; a fraction where the two rates do not divide. */
export function frameStart(frame: number, framerate: FrameRate, rate: number): number {
  return (frame * framerate.den * rate) / framerate.num;
}

/** The first video frame that starts at sample `sample` or later; half a sample early counts, PTS are rounded. */
export function firstFrame(sample: number, framerate: FrameRate, rate: number): number {
  // Adding 0 turns the -0 of ceil into a plain 0.
  return Math.ceil(((sample - 0.5) * framerate.num) / (framerate.den * rate)) + 0;
}
