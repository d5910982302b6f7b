/**
 * How launch fragments of bins are judged: by the rules of every launch line. Those need its grammar and the catalog of
 * all elements, which belong to the room that launches pipelines, so that room hands them down; a bin is always built
 * inside of a pipeline.
 */
import type { RawError } from '../native/pipeline.js';

export interface FragmentRules {
  /** Throws what is wrong with a fragment that must not be parsed, or that the parser would only take in part. */
  check(fragment: string): void;
  /** What the parser says of one that it refused. */
  refused(error: RawError): Error;
}

let rules: FragmentRules = { check: () => undefined, refused: ({ message }) => new Error(message) };

/** Sets the rules of this isolate. */
export function setFragmentRules(made: FragmentRules): void {
  rules = made;
}

export const fragmentRules = (): FragmentRules => rules;

/** A value in a fragment, whatever signs it has; one that ends in a backslash excepted. */
export const quoteValue = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;
