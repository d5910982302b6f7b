/**
 * A launch line as data: chains of elements, names and bins, joined by links.
 */

/** A word of the line and where it stands (offsets into the text that was parsed). */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** `name=value` behind an element; `value` is unescaped and not yet deserialized. */
export interface Assignment {
  readonly name: Word;
  readonly value: Word;
}

/** An element made here: its factory, its properties in order, presets to load first. */
export interface ElementNode {
  readonly kind: 'element';
  readonly factory: Word;
  readonly assignments: readonly Assignment[];
  /** Values of `@preset=`, unescaped. */
  readonly presets: readonly Word[];
}

/** `name.`: an element made elsewhere. */
export interface RefNode {
  readonly kind: 'ref';
  readonly name: Word;
}

/** `( … )` or `factory.( … )`: a bin made here with its content. */
export interface BinNode {
  readonly kind: 'bin';
  readonly factory: Word;
  readonly assignments: readonly Assignment[];
  readonly chains: readonly Chain[];
}

/** A URI at the head or the tail of a chain; GStreamer finds an element that fits. */
export interface UriNode {
  readonly kind: 'uri';
  readonly uri: Word;
}

/** What can stand in a chain. */
export type ChainNode = ElementNode | RefNode | BinNode | UriNode;

/** The link between a node and the next. No pads named = any that fits. */
export interface ChainLink {
  /** The operator, `!` (one pad) or `:` (all pads), with its place. */
  readonly operator: Word;
  readonly allPads: boolean;
  /** Caps filter between the two operators. */
  readonly caps?: Word;
  readonly srcPads: readonly Word[];
  readonly sinkPads: readonly Word[];
}

/** `nodes[i]` is linked to `nodes[i + 1]` by `links[i]`. */
export interface Chain {
  readonly nodes: readonly ChainNode[];
  readonly links: readonly ChainLink[];
}

/** Cuts a chain where a name stands inside: `a. ! b. ! c` is `a. ! b.` and `b. ! c`, which GStreamer reads. */
export function unchained({ nodes, links }: Chain): Chain[] {
  const pieces: Chain[] = [];
  let from = 0;
  for (let i = 1; i < nodes.length - 1; i++) {
    if (nodes[i]?.kind !== 'ref') continue;
    pieces.push({ nodes: nodes.slice(from, i + 1), links: links.slice(from, i) });
    from = i;
  }
  return [...pieces, { nodes: nodes.slice(from), links: links.slice(from) }];
}
