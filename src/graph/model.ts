/**
 * A graph as data: what a YAML file says, with the place of every word.
 */
import type { Chain } from './launch-ast.js';
import type { Source, Spot } from './source.js';
import type { Template } from './template.js';

/** What a YAML scalar can be. Whole numbers past 2^53 are bigints. */
export type Scalar = string | number | bigint | boolean | null;

/** A word with its place. */
export interface Named {
  readonly text: string;
  readonly spot: Spot;
}

/** The types a parameter can have. */
export const PARAMETER_TYPES = ['string', 'path', 'int', 'number', 'bool', 'enum'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** One parameter of a graph. Without `default` it is required; a `default` of null leaves what uses it unset. */
export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly default?: Scalar;
  readonly blurb?: string;
  readonly min?: number;
  readonly max?: number;
  /** The words an `enum` parameter can be. */
  readonly values?: readonly string[];
  /** Never printed. */
  readonly secret: boolean;
  readonly spot: Spot;
}

/** `property: value`. A text that holds parameters is a template; everything else is the scalar itself. */
export interface Setting {
  readonly name: Named;
  readonly value: Scalar | Template;
  /** The text before parameters are looked for in it; for numbers and booleans, how it was spelt. */
  readonly text: string;
  readonly spot: Spot;
  /** The place of a stretch of `text`. */
  locate(start: number, end: number): Spot;
}

/** One entry of `elements`. */
export interface ElementEntry {
  readonly name: string;
  readonly spot: Spot;
  readonly factory: Named;
  readonly settings: readonly Setting[];
}

/** One entry of `links`: a launch fragment. `locate` turns offsets of the fragment into places of the file. */
export interface LinkEntry {
  readonly text: string;
  readonly chains: readonly Chain[];
  readonly spot: Spot;
  /** True where a dollar is a dollar: no parameters in this text. */
  readonly literal?: boolean;
  locate(start: number, end: number): Spot;
}

/** Where control or questions go in, or the session comes out: an element, and a pad of it if that matters. */
export interface End {
  readonly element: string;
  readonly pad?: string;
  readonly spot: Spot;
}

/** What ends are called, in the order they are written. */
export const SIDES = ['in', 'ask', 'ears', 'out'] as const;

/**
 * Its ends; a part of a graph is reached by them. `in`: where control goes in; `ask`: where questions go in that the graph answers by
 * itself; `ears`: what hears whoever it talks to; `out`: where the session comes out.
 */
export type Ends = { readonly [side in (typeof SIDES)[number]]?: End };

/** One file, on its own: includes are named and not yet read. */
export interface GraphFile {
  readonly source: Source;
  readonly include: readonly Named[];
  readonly parameters: readonly Parameter[];
  readonly elements: readonly ElementEntry[];
  readonly links: readonly LinkEntry[];
  readonly ends: Ends;
}

/** A file with everything it includes. */
export interface Graph {
  readonly source: Source;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly elements: ReadonlyMap<string, ElementEntry>;
  readonly links: readonly LinkEntry[];
  readonly ends: Ends;
  /** Included files by their name (`parts/face.yaml` is `face`): links reach their ends by it. */
  readonly parts: ReadonlyMap<string, Ends>;
}

/** What may name an element, a parameter or a part: what GStreamer's parser takes for one word. */
export const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
