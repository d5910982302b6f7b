/**
 * Values of properties: whether one fits its property, and how it is written into a launch line.
 */
import { serializeString, writeCapsString } from './launch-text.js';
import type { Scalar } from './model.js';
import { nearest } from './similar.js';
import { fillTemplate, isTemplate, parseTemplate } from './template.js';
import type { PropertyInfo } from './vocabulary.js';

const INTEGERS = new Set(['int', 'uint', 'int64', 'uint64']);
/** Words that GStreamer reads as numbers. */
const NUMBER_WORDS = /^(min|max|little_endian|big_endian|byte_order)$/i;
const BOOLEAN_WORDS = /^(true|t|yes|1|false|f|no|0)$/i;

/** What is wrong with a value for a property ("must be …"), or undefined when it fits. */
export function checkProperty(property: PropertyInfo, value: Scalar): string | undefined {
  if (value === null) return 'must have a value ("" is an empty text)';
  switch (property.type) {
    case 'bool':
      if (typeof value === 'boolean' || (typeof value === 'string' && BOOLEAN_WORDS.test(value)))
        return undefined;
      return 'must be true or false';
    case 'int':
    case 'uint':
    case 'int64':
    case 'uint64':
      return checkInteger(property, value);
    case 'double':
      return checkNumber(property, value);
    case 'enum':
    case 'flags':
      return checkWords(property, value);
    case 'fraction':
      return /^-?\d+(\/-?\d+)?$/.test(String(value)) ? undefined : 'must be a fraction such as 25/1';
    default:
      return undefined;
  }
}

function checkInteger(property: PropertyInfo, value: Scalar): string | undefined {
  const text = String(value);
  if (typeof value === 'string' && NUMBER_WORDS.test(value)) return undefined;
  if (typeof value === 'boolean' || !/^[+-]?(0x[0-9a-f]+|\d+)$/i.test(text)) {
    return `must be a whole number${unitOf(property)}`;
  }
  const negative = text.startsWith('-');
  const size = BigInt(text.replace(/^[+-]/, ''));
  return checkRange(property, negative ? -size : size);
}

function checkNumber(property: PropertyInfo, value: Scalar): string | undefined {
  if (typeof value === 'string' && NUMBER_WORDS.test(value)) return undefined;
  const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) return `must be a number${unitOf(property)}`;
  // The limits of a 32-bit property are rounded to 32 bits, and so is what it is given.
  return checkRange(property, number) && checkRange(property, Math.fround(number));
}

function checkRange(property: PropertyInfo, value: number | bigint): string | undefined {
  const { min, max } = property;
  if ((min === undefined || value >= min) && (max === undefined || value <= max)) return undefined;
  const unit = unitOf(property);
  if (min !== undefined && max !== undefined) return `must be from ${min} to ${max}${unit}`;
  return min !== undefined ? `must be at least ${min}${unit}` : `must be at most ${max}${unit}`;
}

function unitOf({ unit }: PropertyInfo): string {
  return unit === undefined ? '' : ` (${unit})`;
}

/** Enum and flags: nicks, or the number behind them; GStreamer's long C names are left to GStreamer. */
function checkWords({ type, values = [], numbers }: PropertyInfo, value: Scalar): string | undefined {
  const text = String(value);
  const number = typeof value !== 'boolean' && /^-?(0x[0-9a-f]+|\d+)$/i.test(text);
  if (number && (numbers === undefined || isOneOf(numbers, Number(value), type))) return undefined;
  const words = type === 'flags' ? text.split('+').map((word) => word.trim()) : [text];
  const wrong = words.find((word) => !values.includes(word) && !/^[A-Z][A-Z0-9_]+$/.test(word));
  if (wrong === undefined || values.length === 0) return undefined;
  const near = nearest(wrong, values);
  const what = type === 'flags' ? 'made of' : 'one of';
  return `must be ${what} ${values.join(', ')}${near === undefined ? '' : ` (did you mean "${near}"?)`}`;
}

function isOneOf(numbers: readonly number[], number: number, type: PropertyInfo['type']): boolean {
  if (type === 'enum') return numbers.includes(number);
  const all = numbers.reduce((bits, one) => bits | one, 0);
  return Number.isInteger(number) && (number & ~all) === 0;
}

/**
 * The text GStreamer reads a value from. `property` decides how it will be read; without one (a property of a
 * child, `sink_0::alpha`) a text is taken as it is. `spelling` is how a number was written.
 */
export function serializeProperty(
  property: PropertyInfo | undefined,
  value: Scalar,
  spelling?: string,
): string {
  if (typeof value === 'boolean')
    return property?.type === 'string' ? (spelling ?? String(value)) : String(value);
  if (property?.type === 'string')
    return serializeString(typeof value === 'string' ? value : (spelling ?? String(value)));
  if (typeof value === 'number' && property && INTEGERS.has(property.type)) return BigInt(value).toString();
  return String(value);
}

/**
 * The text of a caps filter with its parameters filled in; undefined while `value` does not know one of them.
 * Texts are written so that they end neither the value nor the filter.
 */
export function fillCaps(text: string, value: (name: string) => Scalar | undefined): string | undefined {
  const template = parseTemplate(text);
  if (!isTemplate(template)) return template;
  const known = template.names.map((use) => value(use.name));
  if (known.some((one) => one === undefined || one === null)) return undefined;
  return fillTemplate(template, (name) => {
    const one = value(name);
    return typeof one === 'string' ? writeCapsString(one) : String(one);
  });
}
