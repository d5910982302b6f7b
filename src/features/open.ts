import { TalkError } from '../element/error.js';
import { Levelled } from './levelled.js';
import { MelWindows } from './mel.js';
import type { FeatureWindows, FrameRate } from './windows.js';

/** How a model wants its features. */
export interface FeatureOptions {
  readonly framerate: FrameRate;
  /** Start of a window against the start of its video frame, in ms. */
  readonly offsetMs: number;
  /** The level that speech is brought to first, in dB of full scale (see `Levelled`); undefined: taken as it comes. */
  readonly level?: number | undefined;
}

/** What is known about features without opening them. */
export interface FeatureKind {
  /** Shape of one window, outer dimension first. */
  readonly shape: readonly number[];
  readonly rate: number;
  open(options: FeatureOptions): FeatureWindows;
}

const mel = ({ level, ...where }: FeatureOptions): FeatureWindows => {
  const windows = new MelWindows(where);
  return level === undefined ? windows : new Levelled(windows, level);
};

const KINDS: Readonly<Record<string, FeatureKind>> = {
  mel: { shape: [80, 16], rate: 16_000, open: mel },
};

/** Names of the kinds there are. */
export const FEATURE_KINDS = Object.keys(KINDS);

/** The front end of that kind. @throws TalkError resource/not-found */
export function featureKind(kind: string): FeatureKind {
  const found = KINDS[kind];
  if (found === undefined) {
    throw new TalkError(
      'resource/not-found',
      `There are no features of kind "${kind}", only ${FEATURE_KINDS.join(', ')}.`,
    );
  }
  return found;
}
