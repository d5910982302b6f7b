/** Families of lip-sync models: what sets them apart from outside. How a family's floats are packed is a file in src/lipsync. */

/** Kinds of features that models are trained on. */
export const FEATURES = ['mel', 'hubert', 'wenet', 'ave', 'whisper'] as const;
export type Features = (typeof FEATURES)[number];

interface Traits {
  /** The input for what is heard, and its shape; undefined is any number. */
  readonly heard: { readonly name: string; readonly shape: readonly (number | undefined)[] };
  readonly features: readonly Features[];
  /** What it is shown of a frame: pixels, or latents that were made of them. */
  readonly shown: 'face' | 'latent';
  /** Inputs it may have besides. */
  readonly more: readonly string[];
}

const ANY = undefined;

const TRAITS = {
  wav2lip: {
    heard: { name: 'mel', shape: [1, 80, 16] },
    features: ['mel'],
    shown: 'face',
    more: ['mouth', 'drive'],
  },
  ultralight: {
    heard: { name: 'audio', shape: [ANY, ANY, ANY] },
    features: ['hubert', 'wenet', 'ave', 'whisper'],
    shown: 'face',
    more: [],
  },
  musetalk: {
    heard: { name: 'audio', shape: [ANY, ANY] },
    features: ['whisper'],
    shown: 'latent',
    more: [],
  },
} as const satisfies Record<string, Traits>;

export type Family = keyof typeof TRAITS;

/** Their names, as `family` in a model.yaml. */
export const FAMILIES = Object.keys(TRAITS) as [Family, ...Family[]];

/** What sets a family apart. */
export function traitsOf(family: Family): Traits {
  return TRAITS[family];
}
