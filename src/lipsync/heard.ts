import { TalkError } from '../element/error.js';
import { familyOf } from '../inference/families.js';
import type { Manifest } from '../inference/manifest.js';

/** The input of a model that features go into. */
export function heardInput({ family }: Pick<Manifest, 'family'>): string {
  return familyOf(family).heard.name;
}

/**
 * Makes sure that feature windows fit a model. `dimensions` is what their caps say, inner dimension first.
 * @throws TalkError core/negotiation
 */
export function demandFeatures(
  manifest: Pick<Manifest, 'name' | 'family' | 'inputs' | 'features'>,
  dimensions: unknown,
): void {
  const shape = manifest.inputs[heardInput(manifest)] ?? [];
  const want = [...shape].reverse().join(':');
  const found = String(dimensions).replace(/(:1)+$/, '');
  if (found === want.replace(/(:1)+$/, '')) return;
  throw new TalkError(
    'core/negotiation',
    `The model ${manifest.name} hears ${manifest.features} features of ${want}, not of ${found}; give featextract the same model.`,
    { details: { model: manifest.name, features: manifest.features } },
  );
}
