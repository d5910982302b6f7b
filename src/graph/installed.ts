/**
 * All elements of this process: ours registered, GStreamer's as installed. Made once, when first asked for.
 */
import type { Description } from '../element/index.js';
import { catalogVocabulary } from './catalog-vocabulary.js';
import { registerElements } from './registry.js';
import type { Vocabulary } from './vocabulary.js';

/** What there is to build graphs of. */
export interface Installed {
  /** Declarations of our elements. */
  readonly declarations: readonly Description[];
  readonly vocabulary: Vocabulary;
}

let made: Promise<Installed> | undefined;

/** Registers our elements and answers everything that a graph may name. */
export function installed(): Promise<Installed> {
  made ??= registerElements().then((elements) => {
    const declarations = elements.map((element) => element.description);
    return { declarations, vocabulary: catalogVocabulary(declarations) };
  });
  return made;
}
