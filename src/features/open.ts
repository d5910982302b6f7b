import { TalkError } from '../element/error.js';
import { MelWindows } from './mel.js';
import type { FeatureWindows, FrameRate } from './windows.js';

/** What is known about features without opening them. */
export interface FeatureKind {
  /** Shape of one window, outer dimension first. */
  readonly shape: readonly number[];
  readonly rate: number;
  open(options: { framerate: FrameRate; offsetMs: number }): FeatureWindows;
}

const KINDS: Readonly<Record<string, FeatureKind>> = {
  mel: { shape: [80, 16], rate: 16_000, open: (options) => new MelWindows(options) },
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
