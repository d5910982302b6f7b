/**
 * Values for the parameters of a graph: from a command line (texts) or a program (typed), checked either way.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Graph, Parameter, Scalar } from './model.js';
import type { Problems } from './problem.js';
import { didYouMean, nearest } from './similar.js';

/** Values by parameter name. null leaves what uses the parameter unset. */
export type Values = ReadonlyMap<string, Scalar>;

/** What is wrong with a typed value ("must be …"), or undefined when nothing is. */
export function checkValue(parameter: Parameter, value: Scalar): string | undefined {
  switch (parameter.type) {
    case 'string':
    case 'path':
      if (typeof value !== 'string') return 'must be a text (put it in quotes)';
      return value.includes('\0') ? 'must not hold a NUL character' : undefined;
    case 'bool':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'int':
      if (typeof value !== 'number' || !Number.isInteger(value)) return 'must be a whole number';
      return checkRange(parameter, value);
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number';
      return checkRange(parameter, value);
    case 'enum': {
      const words = parameter.values ?? [];
      if (typeof value === 'string' && words.includes(value)) return undefined;
      const near = nearest(String(value), words);
      return `must be one of ${words.join(', ')}${near === undefined ? '' : ` (did you mean "${near}"?)`}`;
    }
  }
}

function checkRange({ min, max }: Parameter, value: number): string | undefined {
  const low = min === undefined || value >= min;
  const high = max === undefined || value <= max;
  if (low && high) return undefined;
  if (min !== undefined && max !== undefined) return `must be from ${min} to ${max}`;
  return min !== undefined ? `must be at least ${min}` : `must be at most ${max}`;
}

/** Reads a value as typed on a command line; throws a RangeError whose message says what was expected. */
export function parseValue(parameter: Parameter, text: string): Scalar {
  const value = fromText(parameter, text);
  const wrong = value === undefined ? expectation(parameter) : checkValue(parameter, value);
  if (wrong !== undefined) throw new RangeError(wrong);
  return value ?? null;
}

function fromText({ type }: Parameter, text: string): Scalar | undefined {
  switch (type) {
    case 'int':
      return /^[+-]?\d+$/.test(text.trim()) ? Number(text) : undefined;
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'bool':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : undefined;
    case 'path':
      // A shell leaves the tilde of `location=~/x.mp4` alone.
      return text.startsWith('~/') ? join(homedir(), text.slice(2)) : text;
    default:
      return text;
  }
}

function expectation({ type }: Parameter): string {
  return type === 'int'
    ? 'must be a whole number'
    : type === 'number'
      ? 'must be a number'
      : 'must be true or false';
}

/**
 * Every parameter's value: those given (texts are read by type, typed values are checked), else the defaults.
 * What is unknown, wrong or missing is complained about; the value of a secret is in no complaint.
 */
export function bindValues(
  graph: Graph,
  given: Readonly<Record<string, Scalar>>,
  problems: Problems,
): Values {
  const values = new Map<string, Scalar>();
  for (const [name, value] of Object.entries(given)) {
    const parameter = graph.parameters.get(name);
    if (parameter === undefined) {
      const known = [...graph.parameters.keys()];
      const there = known.length > 0 ? ` (there are ${known.join(', ')})` : ': it has none';
      problems.add(`${graph.source.file} has no parameter "${name}"${didYouMean(name, known) || there}`);
      continue;
    }
    try {
      if (value === null) values.set(name, null);
      else
        values.set(
          name,
          typeof value === 'string' ? parseValue(parameter, value) : checked(parameter, value),
        );
    } catch (error) {
      const shown = parameter.secret ? '' : `=${String(value)}`;
      problems.add(`${name}${shown}: ${name} ${(error as Error).message}`);
    }
  }
  for (const parameter of graph.parameters.values()) {
    if (Object.hasOwn(given, parameter.name)) continue;
    if (parameter.default !== undefined) values.set(parameter.name, parameter.default);
    else {
      const blurb = parameter.blurb === undefined ? '' : ` (${parameter.blurb})`;
      problems.add(`${parameter.name}=… is needed${blurb}`, parameter.spot);
    }
  }
  return values;
}

function checked(parameter: Parameter, value: Scalar): Scalar {
  const wrong = checkValue(parameter, value);
  if (wrong !== undefined) throw new RangeError(wrong);
  return value;
}
