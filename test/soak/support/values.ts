/** Values for a JSON Schema: those that fit, those that nearly do, and those that do not. */
import type { Dice } from './dice.js';

/** As much of JSON Schema as zod writes. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly additionalProperties?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

/** Texts that somebody has broken something with. */
const TEXTS = [
  '',
  ' ',
  'Hello.',
  'a',
  '0',
  '-1',
  'null',
  '../../etc/passwd',
  '..%2f..%2fetc',
  'file//etc/passwd',
  'flite/slt',
  'tone',
  'nobody/here',
  'flite/slt?speed=9',
  'drawn',
  'cheap',
  '__proto__',
  'constructor',
  'toString',
  '<script>alert(1)</script>',
  "'; drop table sessions; --",
  'a\u0000b',
  '\ud83d',
  '🙂',
  'مرحبا',
  '\r\nset-cookie: a=b',
  '%00',
  'http://127.0.0.1:9/',
  'x'.repeat(300),
  'x'.repeat(20_000),
];
const NUMBERS = [0, 1, -1, 0.5, 2 ** 31, -(2 ** 31), 2 ** 53, 1e308, -1e-308, 8000, 100_000];
const OTHERS = [null, true, false, [], {}, [[[]]], { a: { b: {} } }, ...NUMBERS, ...TEXTS];

/** A value that fits, or, once in `wrong`, one that may not at some place in it. */
export function fitting(schema: Schema, dice: Dice, wrong: number): unknown {
  if (dice.once(wrong)) return dice.of(OTHERS);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fitting(dice.of(choices), dice, wrong);
  if ('const' in schema) return schema.const;
  if (schema.enum !== undefined) return dice.of(schema.enum);
  const type = typeof schema.type === 'string' ? schema.type : dice.of(schema.type ?? ['string']);
  switch (type) {
    case 'object':
      return objectOf(schema, dice, wrong);
    case 'array':
      return Array.from({ length: dice.roll(4) }, () => fitting(schema.items ?? {}, dice, wrong));
    case 'boolean':
      return dice.once(2);
    case 'number':
    case 'integer':
      return numberOf(schema, dice);
    case 'null':
      return null;
    default:
      return dice.of(TEXTS).slice(0, schema.maxLength);
  }
}

function objectOf(schema: Schema, dice: Dice, wrong: number): Record<string, unknown> {
  const { properties = {}, required = [], additionalProperties: more } = schema;
  const made: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(properties)) {
    if (required.includes(name) ? dice.once(wrong) : dice.once(2)) continue;
    made[name] = fitting(one, dice, wrong);
  }
  if (typeof more === 'object' && dice.once(2)) made[dice.of(TEXTS)] = fitting(more, dice, wrong);
  if (dice.once(wrong)) made[dice.of(TEXTS)] = dice.of(OTHERS);
  return made;
}

function numberOf({ minimum, maximum }: Schema, dice: Dice): number {
  const ends = [minimum, maximum].filter((end) => end !== undefined);
  return ends.length > 0 && dice.once(2) ? dice.of(ends) : dice.of(NUMBERS);
}

/** A text of a path or a query. */
export const textOf = (dice: Dice): string => dice.of(TEXTS);
