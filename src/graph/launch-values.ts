/**
 * Values of a launch line that GStreamer's parser would throw away: it hands a number out of range to GObject, which
 * prints a warning and keeps the default, and the line plays as if nothing had been said. So does a property that can
 * only be read.
 */
import { TalkError } from '../element/error.js';
import { catalogVocabulary } from './catalog-vocabulary.js';
import type { Assignment, Chain, ChainNode } from './launch-ast.js';
import { LaunchSyntaxError, parseLaunch } from './launch-parse.js';
import { checkProperty } from './property-value.js';
import { findProperty, type PropertyInfo, type Vocabulary } from './vocabulary.js';

/** What is wrong with one `name=value`. */
export interface WrongValue {
  readonly assignment: Assignment;
  /** "rate" of ttssrc must be from 8000 to 48000 */
  readonly message: string;
}

let catalog: Vocabulary | undefined;

/** Throws `resource/settings` for the first value that would be thrown away. */
export function checkValues(line: string): void {
  catalog ??= catalogVocabulary();
  for (const { message, assignment } of wrongValues(line, catalog)) {
    const { text } = assignment.value;
    throw new TalkError('resource/settings', `${message}, not ${text.length > 40 ? 'this' : text}`);
  }
}

/** All of them, in the order of the line. A line that does not parse has none: the parser says what is wrong with it. */
export function* wrongValues(line: string, vocabulary: Vocabulary): Generator<WrongValue> {
  for (const { factory, assignments } of elementsOf(line)) {
    for (const assignment of assignments) {
      // `sink_0::alpha` belongs to a child that does not exist yet.
      if (assignment.name.text.includes('::')) continue;
      const info = vocabulary.element(factory);
      const property = info && findProperty(info, assignment.name.text);
      const wrong = property && thrownAway(property, assignment.value.text);
      if (wrong !== undefined) yield { assignment, message: `"${property?.name}" of ${factory} ${wrong}` };
    }
  }
}

function* elementsOf(line: string): Generator<{ factory: string; assignments: readonly Assignment[] }> {
  let chains: Chain[];
  try {
    chains = parseLaunch(line);
  } catch (error) {
    if (error instanceof LaunchSyntaxError) return;
    throw error;
  }
  yield* chains.flatMap(({ nodes }) => nodes).flatMap(inside);
}

/** A node and, of a bin, all that are in it. */
function inside(node: ChainNode): { factory: string; assignments: readonly Assignment[] }[] {
  if (node.kind !== 'element' && node.kind !== 'bin') return [];
  const { factory, assignments } = node;
  const own = { factory: factory.text, assignments };
  return node.kind === 'element' ? [own] : [own, ...node.chains.flatMap((c) => c.nodes.flatMap(inside))];
}

/** What is wrong with a text that GStreamer reads and GObject refuses; what GStreamer refuses it says itself. */
function thrownAway(property: PropertyInfo, text: string): string | undefined {
  if (!property.writable) return 'can only be read';
  switch (property.type) {
    case 'int':
    case 'uint':
    case 'int64':
    case 'uint64': {
      const value = integerAsRead(property.type, text);
      return value === undefined ? undefined : checkProperty(property, value);
    }
    case 'double':
      return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : checkProperty(property, text);
    case 'enum':
    case 'flags':
      return /^-?(0x[0-9a-f]+|\d+)$/i.test(text) ? checkProperty(property, text) : undefined;
    default:
      return undefined;
  }
}

/**
 * The number an integer's text stands for: C's, with 0x and octal, and -1 is the largest unsigned one. A number of
 * more bits than the type has stays as it is (GStreamer keeps the lower ones); undefined for what is no number.
 */
export function integerAsRead(
  type: 'int' | 'uint' | 'int64' | 'uint64',
  text: string,
): number | bigint | undefined {
  const [, sign, digits = ''] = /^([+-]?)(0x[0-9a-f]+|\d+)$/i.exec(text) ?? [];
  if (digits === '' || /^0\d*[89]/.test(digits)) return undefined;
  const size = BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits);
  const value = sign === '-' ? -size : size;
  const bits = type.endsWith('64') ? 64 : 32;
  if (value >= 1n << BigInt(bits) || value < -(1n << BigInt(bits - 1))) return value;
  const read = type.startsWith('u') ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  return bits === 32 ? Number(read) : read;
}
