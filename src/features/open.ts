import { TalkError } from '../element/error.js';
import { BaseWindows } from './base.js';
import { ENCODED_KINDS } from './encoders.js';
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

/** What is known about features that need no encoder, without opening them. */
export interface FeatureKind {
  readonly rate: number;
  open(options: FeatureOptions): FeatureWindows;
}

/** Windows of speech as it comes, or brought to a level first. */
export function levelled<W>(windows: FeatureWindows<W>, level: number | undefined): FeatureWindows<W> {
  return level === undefined ? windows : new Levelled(windows, level);
}

const KINDS: Readonly<Record<string, FeatureKind>> = {
  base: { rate: 16_000, open: ({ level, ...where }) => levelled(new BaseWindows(where), level) },
  mel: { rate: 16_000, open: ({ level, ...where }) => levelled(new MelWindows(where), level) },
};

/** Names of the kinds there are, those of encoders too. */
export const FEATURE_KINDS = [...Object.keys(KINDS), ...ENCODED_KINDS];

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
