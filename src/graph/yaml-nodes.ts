/**
 * Typed reading of YAML nodes: each asks for one shape and complains, with its place, about any other.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type ParsedNode, type Scalar as YamlScalar } from 'yaml';
import type { Named, Scalar } from './model.js';
import type { Problems } from './problem.js';
import { didYouMean } from './similar.js';
import { type Source, type Spot, spot } from './source.js';

/** One `key: value` of a map. The value is undefined where nothing stands behind the colon. */
export interface Entry {
  readonly key: Named;
  readonly value: Node | undefined;
  /** Place of the value, or of the key where there is none. */
  readonly spot: Spot;
}

/** A scalar with its place; `text` is the text itself, or how a number was spelt. */
export interface ReadScalar {
  readonly value: Scalar;
  readonly text: string;
  readonly spot: Spot;
}

/** Reads nodes of one file and collects what is wrong with them. */
export class NodeReader {
  readonly source: Source;
  readonly problems: Problems;

  constructor(source: Source, problems: Problems) {
    this.source = source;
    this.problems = problems;
  }

  /** The place of a node, without the blanks and comments after it. */
  spotOf(node: Node | null | undefined): Spot {
    const range = (node as ParsedNode | null | undefined)?.range;
    return range ? spot(this.source, range[0], range[1]) : spot(this.source, 0);
  }

  /** The entries of a map; `what` names it in complaints. Nothing at all counts as empty. */
  map(node: Node | null | undefined, what: string): Entry[] {
    if (node === null || node === undefined || this.#empty(node)) return [];
    if (!isMap(node)) return this.#refuse(node, `${what} must be a map of names ("name: …")`) ?? [];
    const entries: Entry[] = [];
    for (const pair of node.items) {
      const keyNode = pair.key as Node;
      if (!isScalar(keyNode)) {
        this.#refuse(keyNode, `a name was expected here in ${what}`);
        continue;
      }
      const value = (pair.value ?? undefined) as Node | undefined;
      const key = { text: String(keyNode.value), spot: this.spotOf(keyNode) };
      entries.push({ key, value, spot: value === undefined ? key.spot : this.spotOf(value) });
    }
    return entries;
  }

  /** The items of a list. Nothing at all counts as empty. */
  list(node: Node | null | undefined, what: string): Node[] {
    if (node === null || node === undefined || this.#empty(node)) return [];
    if (!isSeq(node)) return this.#refuse(node, `${what} must be a list ("- …" or "[…]")`) ?? [];
    return node.items as Node[];
  }

  /** Any scalar. */
  scalar(entry: Entry, what: string): ReadScalar | undefined {
    if (entry.value === undefined) return { value: null, text: '', spot: entry.spot };
    if (!isScalar(entry.value)) {
      return this.#refuse(entry.value, `${what} must be a text, a number, true or false`);
    }
    const value = safeInteger((entry.value as YamlScalar).value);
    const text = typeof value === 'string' ? value : (entry.value.source ?? String(value));
    return { value, text, spot: entry.spot };
  }

  /** A text. Numbers and booleans are taken as they are spelt. */
  text(entry: Entry, what: string): string | undefined {
    const scalar = this.scalar(entry, what);
    if (scalar === undefined) return undefined;
    if (scalar.value === null) {
      this.problems.add(`${what} is empty`, entry.spot);
      return undefined;
    }
    return scalar.text;
  }

  /** A number. */
  number(entry: Entry, what: string): number | undefined {
    const scalar = this.scalar(entry, what);
    if (scalar === undefined) return undefined;
    if (typeof scalar.value === 'number') return scalar.value;
    this.problems.add(`${what} must be a number`, entry.spot);
    return undefined;
  }

  /** True or false. */
  flag(entry: Entry, what: string): boolean | undefined {
    const scalar = this.scalar(entry, what);
    if (scalar === undefined) return undefined;
    if (typeof scalar.value === 'boolean') return scalar.value;
    this.problems.add(`${what} must be true or false`, entry.spot);
    return undefined;
  }

  /** Complains about a key that nobody reads. */
  unknownKey({ key, value }: Entry, where: string, known: readonly string[]): void {
    if (value === undefined && /\s|\//.test(key.text)) {
      // `{ blurb: how fast, in ms }` has a key `in ms` without a value.
      this.problems.add(
        `a text with a comma needs quotes here ("${key.text}" is not a key of ${where})`,
        key.spot,
      );
      return;
    }
    const hint = didYouMean(key.text, known) || ` (there are ${known.join(', ')})`;
    this.problems.add(`"${key.text}" is not a key of ${where}${hint}`, key.spot);
  }

  #empty(node: Node): boolean {
    return isScalar(node) && node.value === null;
  }

  #refuse(node: Node, message: string): undefined {
    const text = isAlias(node) ? 'anchors and aliases are not read here: use a parameter' : message;
    this.problems.add(text, this.spotOf(node));
    return undefined;
  }
}

/** Integers are read as bigints so that none loses digits; those that fit become numbers. */
function safeInteger(value: unknown): Scalar {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return value as Scalar;
}
