/**
 * JSON Schemas for editors: of graph files in general, made from the catalog so that names, types, ranges and
 * blurbs are those of this machine; and of one graph's parameters, for forms and checks.
 */
import type { Graph, Parameter } from './model.js';
import { PARAMETER_TYPES, SIDES } from './model.js';
import type { ElementInfo, PropertyInfo, Vocabulary } from './vocabulary.js';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = { [key: string]: unknown };

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
/** Any property may be given by a parameter. */
const PARAMETER_USE = { type: 'string', pattern: '\\$' };

/**
 * The schema of graph files. `only` limits the elements described in full (all of GStreamer is megabytes). With
 * `open` there may be elements and properties that the vocabulary does not know.
 */
export function graphSchema(
  vocabulary: Vocabulary,
  only?: Iterable<string>,
  { open = false }: { open?: boolean } = {},
): JsonSchema {
  const names = [...vocabulary.names()].sort();
  const factory = open ? { anyOf: [{ enum: names }, { type: 'string' }] } : { type: 'string', enum: names };
  const described = (only ? [...only].sort() : names).flatMap((name) => vocabulary.element(name) ?? []);
  return {
    $schema: DRAFT,
    title: 'talkgraph graph',
    type: 'object',
    additionalProperties: false,
    properties: {
      parameters: {
        type: 'object',
        additionalProperties: { $ref: '#/$defs/parameter' },
        description: 'What can be set from outside: name=value on the command line.',
      },
      include: { type: 'array', items: { type: 'string' }, description: 'Files merged into this one.' },
      elements: { type: 'object', additionalProperties: { $ref: '#/$defs/element' } },
      links: {
        type: 'array',
        items: { type: 'string' },
        description: 'Launch fragments that use the names of the elements: "say. ! queue ! rec.audio".',
      },
      ends: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(SIDES.map((side) => [side, { type: 'string' }])),
      },
    },
    $defs: {
      parameter: parameterDeclaration(),
      element: {
        anyOf: [
          factory,
          {
            type: 'object',
            required: ['factory'],
            properties: { factory },
            allOf: described.map((element) => ({
              if: { properties: { factory: { const: element.name } } },
              // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
              then: { $ref: `#/$defs/element-${element.name}` },
            })),
          },
        ],
      },
      ...Object.fromEntries(
        described.map((element) => [`element-${element.name}`, elementSchema(element, open)]),
      ),
    },
  };
}

/** The schema of one element's settings as an object. */
export function elementSchema(element: ElementInfo, open = false): JsonSchema {
  const properties: Record<string, JsonSchema> = { factory: { const: element.name } };
  for (const property of element.properties.values()) {
    if (!property.writable || property.name === 'name' || property.name === 'parent') continue;
    properties[property.name] = { ...describe(property), anyOf: [valueSchema(property), PARAMETER_USE] };
  }
  return {
    title: element.name,
    description: element.blurb,
    type: 'object',
    properties,
    // Properties of children: sink_0::alpha.
    patternProperties: { '::': {} },
    additionalProperties: open,
  };
}

/** The schema of the values one graph takes. */
export function parametersSchema(graph: Graph): JsonSchema {
  const parameters = [...graph.parameters.values()];
  return {
    $schema: DRAFT,
    title: graph.source.file,
    type: 'object',
    additionalProperties: false,
    required: parameters.filter((one) => one.default === undefined).map((one) => one.name),
    properties: Object.fromEntries(parameters.map((one) => [one.name, parameterValue(one)])),
  };
}

function parameterValue({ type, blurb, min, max, values, secret, default: standard }: Parameter): JsonSchema {
  const json = { int: 'integer', number: 'number', bool: 'boolean' }[type as string] ?? 'string';
  return {
    type: standard === null ? [json, 'null'] : json,
    ...(blurb !== undefined && { description: blurb }),
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
    ...(values && { enum: values }),
    ...(secret && { writeOnly: true }),
    ...(standard !== undefined && !secret && { default: standard }),
  };
}

function parameterDeclaration(): JsonSchema {
  return {
    type: 'object',
    required: ['type'],
    additionalProperties: false,
    properties: {
      type: { enum: PARAMETER_TYPES },
      default: { type: ['string', 'number', 'boolean', 'null'] },
      blurb: { type: 'string' },
      min: { type: 'number' },
      max: { type: 'number' },
      values: { type: 'array', items: { type: 'string' }, minItems: 1 },
      secret: { type: 'boolean' },
    },
  };
}

function describe({ blurb, unit, default: standard, secret }: PropertyInfo): JsonSchema {
  return {
    description: unit === undefined ? blurb : `${blurb} (${unit})`,
    ...(standard !== undefined && !secret && { default: jsonValue(standard) }),
  };
}

function valueSchema({ type, min, max, values }: PropertyInfo): JsonSchema {
  const range = {
    ...(min !== undefined && { minimum: jsonValue(min) }),
    ...(max !== undefined && { maximum: jsonValue(max) }),
  };
  switch (type) {
    case 'bool':
      return { type: 'boolean' };
    case 'int':
    case 'uint':
    case 'int64':
    case 'uint64':
      return { type: 'integer', ...range };
    case 'double':
      return { type: 'number', ...range };
    case 'enum':
      return values?.length ? { enum: values } : { type: 'string' };
    case 'fraction':
      return { type: 'string', pattern: '^-?\\d+(/-?\\d+)?$' };
    default:
      return { type: ['string', 'number', 'boolean'] };
  }
}

/** 64-bit limits become the nearest JSON number. */
function jsonValue(value: string | number | bigint | boolean): string | number | boolean {
  return typeof value === 'bigint' ? Number(value) : value;
}
