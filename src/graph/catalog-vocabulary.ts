/**
 * The catalog of this process as the vocabulary of graphs: what GStreamer tells of every element, and of ours also
 * what only their declarations know (units, secrets).
 */

import { TalkError } from '../element/error.js';
import type { Description } from '../element/index.js';
import { native } from '../native.js';
import { describe, type FactoryDescription, factories, type PropertyDescription } from './catalog.js';
import type { ElementInfo, PropertyInfo, PropertyType, Vocabulary } from './vocabulary.js';

const TYPES: Partial<Record<PropertyDescription['type'], PropertyType>> = {
  bool: 'bool',
  int: 'int',
  uint: 'uint',
  long: 'int64',
  ulong: 'uint64',
  int64: 'int64',
  uint64: 'uint64',
  float: 'double',
  double: 'double',
  string: 'string',
  enum: 'enum',
  flags: 'flags',
  fraction: 'fraction',
  caps: 'caps',
};

/** Everything that can be made here. `own` are the declarations of our elements, as the registry has them. */
export function catalogVocabulary(own: Iterable<Description> = []): Vocabulary {
  const declared = new Map(Array.from(own, (one) => [one.name, one]));
  const known = new Map<string, ElementInfo>();
  let names: readonly string[] | undefined;
  return {
    names() {
      names ??= factories().map((factory) => factory.name);
      return names;
    },
    element(name) {
      const before = known.get(name);
      if (before) return before;
      const found = lookUp(name);
      if (typeof found === 'string') return undefined;
      const info = elementInfo(found, declared.get(name));
      known.set(name, info);
      return info;
    },
    capsProblem: (text) => native.capsProblem(text),
    whyNot(name) {
      const found = lookUp(name);
      return typeof found === 'string' && factories().some((one) => one.name === name) ? found : undefined;
    },
  };
}

/** The description, or the sentence that says why there is none. */
function lookUp(name: string): FactoryDescription | string {
  try {
    return describe(name);
  } catch (error) {
    if (error instanceof TalkError) return error.message;
    throw error;
  }
}

function elementInfo(factory: FactoryDescription, declared: Description | undefined): ElementInfo {
  const own = new Map(declared?.properties.map((one) => [one.name, one]));
  return {
    name: factory.name,
    blurb: factory.description,
    pads: factory.templates.map(({ name, direction, presence }) => ({ name, direction, presence })),
    properties: new Map(
      factory.properties.map((one) => {
        const { unit, secret } = own.get(one.name) ?? {};
        return [
          one.name,
          { ...propertyInfo(one), ...(unit !== undefined && { unit }), secret: secret === true },
        ];
      }),
    ),
  };
}

function propertyInfo(property: PropertyDescription): PropertyInfo {
  const { name, type, blurb, writable, min, max, value, values } = property;
  return {
    name,
    type: TYPES[type] ?? 'other',
    writable,
    secret: false,
    blurb: blurb ?? '',
    ...(isLimit(min) && { min }),
    ...(isLimit(max) && { max }),
    ...(isPlain(value) && { default: value }),
    ...(values && {
      values: values.map((choice) => choice.nick),
      numbers: values.map((choice) => choice.value),
    }),
  };
}

function isLimit(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isPlain(value: unknown): value is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}
