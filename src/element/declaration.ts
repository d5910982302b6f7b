/**
 * The declaration of an element: read from the static fields of its class, checked, and turned into what C++ and
 * `inspect` need. Mistakes are told in sentences at registration, before any pipeline exists.
 */
import { native } from '../native.js';
import { LIMITS, type Properties, type Property } from './properties.js';
import { Method } from './wire.js';

/** Who an element is. `klass` is GStreamer's classification: `Source/Audio`, `Filter/Effect/Video`, … */
export interface Metadata {
  readonly name: string;
  readonly longName: string;
  readonly klass: string;
  readonly description: string;
  readonly author: string;
  /**
   * Of an output with the pads `video` and `audio` whose `location` is an address: the schemes of such addresses, each with its usual port. It
   * can then be added to a running session by its address.
   */
  readonly schemes?: Readonly<Record<string, number>>;
}

export interface PadTemplate {
  /** What may flow, as caps text. */
  readonly caps: string;
  /** Needed when the name does not say it (`src…` is a src, everything else a sink). */
  readonly direction?: 'sink' | 'src';
  /** `request` pads are made on demand (`sink_%u`), `sometimes` pads when the element sees fit. */
  readonly presence?: 'always' | 'request' | 'sometimes';
}

/** Pads by template name. */
export type PadTemplates = Readonly<Record<string, PadTemplate>>;

/** Types of signal parameters; a `?` marks one that may be left out. */
export type ParamType =
  | 'string'
  | 'bool'
  | 'int'
  | 'uint'
  | 'int64'
  | 'uint64'
  | 'double'
  | 'bytes'
  | 'string?'
  | 'bytes?';

export interface Signal {
  /** Parameters by name, in order. The method of the signal's name gets them in that order. */
  readonly params: Readonly<Record<string, ParamType>>;
  readonly blurb: string;
}

/** Action signals by name. */
export type Signals = Readonly<Record<string, Signal>>;

export type Verb = 'source' | 'transform' | 'pipe' | 'mixer' | 'sink' | 'bin';

/** A class that extends one of the verbs. */
export interface Declared {
  readonly name: string;
  readonly prototype: object;
  readonly verb?: Verb;
  readonly metadata?: Metadata;
  readonly properties?: Properties;
  readonly pads?: PadTemplates;
  readonly signals?: Signals;
  readonly examples?: readonly string[];
  readonly live?: boolean;
  readonly inPlace?: boolean;
  readonly keep?: readonly string[];
  readonly unitSize?: { readonly sink?: number; readonly src?: number };
  readonly hold?: boolean;
  readonly holdAhead?: number;
  readonly holdChunk?: number;
  readonly epoch?: 'auto' | 'manual';
  readonly sync?: boolean;
  readonly writable?: boolean;
  readonly queue?: { readonly in?: number; readonly out?: number };
  readonly stock?: string;
}

/** A property as everybody but its author sees it: complete. */
export interface PropertyDescription {
  readonly name: string;
  readonly type: Property['type'];
  readonly blurb: string;
  readonly unit?: string;
  readonly default: string | number | boolean;
  readonly min?: number;
  readonly max?: number;
  readonly ui?: readonly [number, number];
  readonly values?: readonly string[];
  readonly mutable?: 'ready' | 'playing';
  readonly secret?: boolean;
  readonly readonly?: boolean;
}

/** The whole declaration as data: what `inspect --json` prints of it. */
export interface Description extends Metadata {
  readonly verb: Verb;
  readonly properties: readonly PropertyDescription[];
  readonly pads: readonly { name: string; direction: 'sink' | 'src'; presence: string; caps: string }[];
  readonly signals: readonly {
    name: string;
    blurb: string;
    params: readonly { name: string; type: ParamType }[];
  }[];
  readonly examples: readonly string[];
  /** The stock element that it wraps: a line that works with that one works with this. */
  readonly stock?: string;
}

const VERBS: readonly Verb[] = ['source', 'transform', 'pipe', 'mixer', 'sink', 'bin'];
/** Properties that base classes bring along under these names. */
const TAKEN = new Set([
  'name',
  'parent',
  'blocksize',
  'num-buffers',
  'typefind',
  'do-timestamp',
  'qos',
  'sync',
]);

/** Explains what is wrong with a declaration. */
class Complaint extends TypeError {
  constructor(element: string, what: string) {
    super(`${element}: ${what}`);
  }
}

const quote = (value: unknown): string => `${JSON.stringify(value)} of type ${typeof value}`;

function checkNumber(
  element: string,
  name: string,
  property: Extract<Property, { type: keyof typeof LIMITS }>,
): void {
  const [lowest, highest] = LIMITS[property.type];
  const { min = lowest, max = highest, ui } = property;
  const within = (value: number, low: number, high: number): boolean => value >= low && value <= high;
  if (!(min <= max) || !within(min, lowest, highest) || !within(max, lowest, highest)) {
    throw new Complaint(
      element,
      `Expected min <= max within the limits of ${property.type} for ${name} but received ${min} and ${max}`,
    );
  }
  if (typeof property.default !== 'number' || !within(property.default, min, max)) {
    throw new Complaint(
      element,
      `Expected a number from ${min} to ${max} as default of ${name} but received ${quote(property.default)}`,
    );
  }
  if (property.type !== 'double' && !Number.isInteger(property.default)) {
    throw new Complaint(
      element,
      `Expected an integer as default of ${name} but received ${property.default}`,
    );
  }
  if (ui !== undefined && !(within(ui[0], min, max) && within(ui[1], min, max) && ui[0] <= ui[1])) {
    throw new Complaint(
      element,
      `Expected the ui range of ${name} inside ${min} to ${max} but received ${ui.join(' to ')}`,
    );
  }
}

function checkProperty(element: string, name: string, property: Property): void {
  // The types say so, but a declaration may come from plain JavaScript.
  const initial: unknown = property.default;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Complaint(element, `Expected a kebab-case name for a property but received ${quote(name)}`);
  }
  if (TAKEN.has(name))
    throw new Complaint(element, `the property ${name} belongs to the base class; choose another name`);
  if (typeof property.blurb !== 'string' || property.blurb === '') {
    throw new Complaint(element, `Expected a blurb for ${name} that says what it does`);
  }
  switch (property.type) {
    case 'string':
    case 'path':
      if (typeof initial !== 'string') {
        throw new Complaint(
          element,
          `Expected a string as default of ${name} but received ${quote(initial)}`,
        );
      }
      break;
    case 'bool':
      if (typeof initial !== 'boolean') {
        throw new Complaint(
          element,
          `Expected true or false as default of ${name} but received ${quote(initial)}`,
        );
      }
      break;
    case 'enum':
      if (!property.values.includes(property.default)) {
        throw new Complaint(
          element,
          `Expected one of ${property.values.join(', ')} as default of ${name} but received ${quote(property.default)}`,
        );
      }
      break;
    default:
      if (!(property.type in LIMITS)) {
        throw new Complaint(
          element,
          `Expected a type of property for ${name} but received ${quote(property.type)}`,
        );
      }
      checkNumber(element, name, property);
  }
}

function describeProperty(name: string, property: Property): PropertyDescription {
  const numeric = property.type in LIMITS ? LIMITS[property.type as keyof typeof LIMITS] : undefined;
  const given = property as Property & { min?: number; max?: number };
  return {
    ...property,
    name,
    ...(numeric === undefined ? {} : { min: given.min ?? numeric[0], max: given.max ?? numeric[1] }),
  } as PropertyDescription;
}

function describePad(element: string, verb: Verb, name: string, pad: PadTemplate) {
  const direction = pad.direction ?? (name.startsWith('src') ? 'src' : 'sink');
  const presence =
    pad.presence ??
    (name.includes('%') || (ON_DEMAND.includes(verb) && direction === 'sink') ? 'request' : 'always');
  const problem = native.capsProblem(pad.caps);
  if (problem !== undefined)
    throw new Complaint(element, `the caps of pad ${name}, ${quote(pad.caps)}, ${problem}`);
  return { name, direction, presence, caps: pad.caps } as const;
}

/** Their sinks are always made on demand: an unlinked one would have to be waited for. */
const ON_DEMAND: readonly Verb[] = ['source', 'mixer'];

/** Pads each verb must have, and no more; a source may have sinks beside. */
const NEEDED: Partial<Record<Verb, readonly string[]>> = {
  source: ['src'],
  transform: ['sink', 'src'],
  pipe: ['sink', 'src'],
  sink: ['sink'],
};

/** Reads and checks a class. Throws a TypeError that says what is wrong and what was expected. */
export function describe(made: Declared): Description {
  const { metadata, verb } = made;
  const element = metadata?.name ?? made.name;
  if (metadata === undefined)
    throw new Complaint(
      element,
      'Expected static metadata with name, longName, klass, description and author',
    );
  if (verb === undefined || !VERBS.includes(verb)) {
    throw new Complaint(element, 'Expected a class that extends Source, Transform, Pipe, Mixer, Sink or Bin');
  }
  for (const key of ['name', 'longName', 'klass', 'description', 'author'] as const) {
    if (typeof metadata[key] !== 'string' || metadata[key] === '') {
      throw new Complaint(
        element,
        `Expected a text for metadata.${key} but received ${quote(metadata[key])}`,
      );
    }
  }
  if (!/^[a-z][a-z0-9]{2,}$/.test(metadata.name)) {
    throw new Complaint(
      element,
      `Expected a name of at least three lower-case letters and digits but received ${quote(metadata.name)}`,
    );
  }
  const properties = Object.entries(made.properties ?? {}).map(([name, property]) => {
    checkProperty(element, name, property);
    return describeProperty(name, property);
  });
  const pads = Object.entries(made.pads ?? {}).map(([name, pad]) => describePad(element, verb, name, pad));
  const needed = NEEDED[verb];
  const names = pads.map((pad) => pad.name);
  const fixed =
    verb === 'source' ? pads.filter((pad) => pad.direction === 'src').map((pad) => pad.name) : names;
  if (
    needed !== undefined &&
    (fixed.length !== needed.length || !needed.every((name) => fixed.includes(name)))
  ) {
    throw new Complaint(
      element,
      `Expected the pads ${needed.join(' and ')} of a ${verb} but received ${names.join(', ') || 'none'}`,
    );
  }
  if (
    verb === 'mixer' &&
    (pads.filter((pad) => pad.direction === 'src').length !== 1 || !names.includes('src'))
  ) {
    throw new Complaint(element, 'Expected exactly one src pad of a mixer, called src');
  }
  const signals = Object.entries(made.signals ?? {}).map(([name, signal]) => {
    const method = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (typeof (made.prototype as Record<string, unknown>)[method] !== 'function') {
      throw new Complaint(element, `Expected a method ${method}() for the signal ${name}`);
    }
    const params = Object.entries(signal.params).map(([param, type]) => ({ name: param, type }));
    return { name, blurb: signal.blurb, params };
  });
  for (const [scheme, port] of Object.entries(metadata.schemes ?? {})) {
    if (/^[a-z]+$/.test(scheme) && Number.isInteger(port) && port > 0 && port < 65536) continue;
    throw new Complaint(
      element,
      `Expected lower-case letters and a port for metadata.schemes but received ${quote(scheme)} and ${quote(port)}`,
    );
  }
  if (
    metadata.schemes !== undefined &&
    !['location', 'video', 'audio'].every((one) => made.properties?.[one] || names.includes(one))
  )
    throw new Complaint(
      element,
      'Expected a property location and the pads video and audio for metadata.schemes',
    );
  const { stock, examples = [] } = made;
  if (stock !== undefined && verb !== 'bin')
    throw new Complaint(element, `Expected a bin to wrap the stock element ${stock} but this is a ${verb}`);
  return { ...metadata, verb, properties, pads, signals, examples, ...(stock !== undefined && { stock }) };
}

function methodsOf(prototype: object): number {
  let bits = 0;
  for (const [name, bit] of Object.entries(Method)) {
    if (typeof (prototype as Record<string, unknown>)[name] === 'function') bits |= bit;
  }
  return bits;
}

/** What C++ registers. */
export function specOf(made: Declared, description: Description): Record<string, unknown> {
  const spec = {
    name: description.name,
    typeName: `GstTs_${description.name}`,
    longName: description.longName,
    klass: description.klass,
    description: description.description,
    author: description.author,
    stock: description.stock ?? '',
    verb: description.verb,
    properties: description.properties,
    pads: description.pads,
    signals: description.signals.map(({ name, params }) => ({
      name,
      params: params.map((param) => ({ name: param.name, type: param.type.replace('?', '') })),
    })),
    methods: methodsOf(made.prototype),
    live: made.live ?? false,
    inPlace: made.inPlace ?? true,
    writable: made.writable ?? false,
    hold: made.hold ?? false,
    holdAhead: made.holdAhead ?? 0,
    holdChunk: made.holdChunk ?? 0,
    manualEpoch: made.epoch === 'manual',
    sync: made.sync ?? true,
    queueIn: made.queue?.in ?? 16,
    queueOut: made.queue?.out ?? 16,
    keep: made.keep ?? [],
    unitIn: made.unitSize?.sink ?? 0,
    unitOut: made.unitSize?.src ?? 0,
  };
  return { ...spec, key: JSON.stringify(spec) };
}
