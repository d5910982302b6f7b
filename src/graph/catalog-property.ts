/** Properties as gst-inspect prints them. */
import type { Choice, Fraction, PropertyDescription } from './catalog.js';

const NAMES: Partial<Record<PropertyDescription['type'], string>> = {
  bool: 'Boolean',
  int: 'Integer',
  uint: 'Unsigned Integer',
  long: 'Long',
  ulong: 'Unsigned Long',
  int64: 'Integer64',
  uint64: 'Unsigned Integer64',
  float: 'Float',
  double: 'Double',
};

const CHANGEABLE = {
  ready: 'changeable only in NULL or READY state',
  paused: 'changeable only in NULL, READY or PAUSED state',
  playing: 'changeable in NULL, READY, PAUSED or PLAYING state',
} as const;

/** All lines of a list of properties, `indent` spaces in. */
export function propertyLines(properties: readonly PropertyDescription[], indent: number): string[] {
  return properties.flatMap((property) => {
    const inner = ' '.repeat(indent + 22);
    const head = `${' '.repeat(indent)}${property.name.padEnd(20)}: ${property.blurb ?? '(null)'}`;
    const [first, ...more] = typeLines(property, indent);
    return [head, `${inner}flags: ${flags(property)}`, `${inner}${first}`, ...more];
  });
}

function flags(property: PropertyDescription): string {
  return [
    property.readable && 'readable',
    property.writable && 'writable',
    property.deprecated && 'deprecated',
    property.controllable && 'controllable',
    property.conditional && 'conditionally available',
    property.mutable !== undefined && CHANGEABLE[property.mutable],
  ]
    .filter((flag) => flag !== false)
    .join(', ');
}

/** The line that tells type, range and default, and the lines of the values behind it. */
function typeLines(property: PropertyDescription, indent: number): string[] {
  const { type, gtype, value, values = [], bits = 0 } = property;
  const hidden = property.readable ? '' : ' Write only';
  switch (type) {
    case 'bool':
      return [`Boolean. Default: ${value}${hidden}`];
    case 'string':
      return [`String. Default: ${typeof value === 'string' ? `"${value}"` : 'null'}${hidden}`];
    case 'enum':
      return [
        `Enum "${gtype}" Default: ${bits}, "${nickOf(values, bits)}"${hidden}`,
        ...choices(values, indent, (choice) => `(${choice.value})`),
      ];
    case 'flags':
      return [
        `Flags "${gtype}" Default: ${hex(bits)}, "${nicksOf(values, bits)}"${hidden}`,
        ...choices(values, indent, (choice) => `(${hex(choice.value)})`),
      ];
    case 'caps':
      return capsLines(value, indent);
    case 'fraction':
      return [
        `Fraction. Range: ${ratio(property.min)} - ${ratio(property.max)} Default: ${ratio(value)} ${hidden}`,
      ];
    case 'object':
      return [`Object of type "${gtype}"${hidden}`];
    case 'pointer':
      return [gtype === 'gpointer' ? `Pointer.${hidden}` : `Pointer of type "${gtype}".${hidden}`];
    case 'boxed':
    case 'structure':
      return [`Boxed pointer of type "${gtype}"${hidden}`, ...structureLines(value)];
    case 'value-array':
      return [`Array of GValues of type "${property.element ?? ''}"`];
    case 'array':
    case 'list':
      return [
        `Default: "${value ?? ''}"`,
        `${' '.repeat(indent + 22)}GstValue${type === 'array' ? 'Array' : 'List'} of GValues of type "${property.element ?? ''}"`,
      ];
    default:
      return [rangeLine(property, hidden)];
  }
}

function rangeLine(property: PropertyDescription, hidden: string): string {
  const { type, gtype, min, max, value } = property;
  const name = NAMES[type];
  if (name === undefined || min === undefined) return `Unknown type "${gtype}"${hidden}`;
  const show = type === 'float' || type === 'double' ? general : String;
  return `${name}. Range: ${show(min)} - ${show(max)} Default: ${show(value)} ${hidden}`;
}

/** C's `%15.7g`. */
function general(value: unknown): string {
  const number = Number(value);
  const exponent = number === 0 ? 0 : Math.floor(Math.log10(Math.abs(number)));
  const plain =
    exponent < -4 || exponent >= 7
      ? number
          .toExponential(6)
          .replace(/\.?0+e/, 'e')
          .replace(/e([+-])(\d)$/, 'e$10$2')
      : String(Number(number.toPrecision(7)));
  return plain.padStart(15);
}

function nickOf(values: readonly Choice[], bits: number): string {
  return values.find(({ value }) => value === bits)?.nick ?? '';
}

/** The flags that are set, highest first, as gst-inspect joins them. */
function nicksOf(values: readonly Choice[], bits: number): string {
  const exact = values.find(({ value }) => value === bits);
  if (exact !== undefined) return exact.nick;
  let rest = bits;
  const nicks: string[] = [];
  for (const { value, nick } of values.toReversed()) {
    if (value === 0 || (rest & value) !== value) continue;
    nicks.push(nick);
    rest &= ~value;
  }
  return nicks.join('+') || '(none)';
}

function choices(values: readonly Choice[], indent: number, show: (choice: Choice) => string): string[] {
  const start = ' '.repeat(indent + 25);
  return values.map((choice) => `${start}${show(choice)}: ${choice.nick.padEnd(16)} - ${choice.name}`);
}

function hex(bits: number): string {
  return `0x${(bits >>> 0).toString(16).padStart(8, '0')}`;
}

function ratio(value: unknown): string {
  const { num, den } = value as Fraction;
  return `${num}/${den}`;
}

function capsLines(value: unknown, indent: number): string[] {
  if (typeof value !== 'string') return ['Caps (NULL)'];
  const [first = '', ...more] = value.split('; ');
  return [
    `${' '.repeat(27)}${first}`,
    ...more.map((structure) => `${' '.repeat(indent + 49)}${structure}`),
    '',
  ];
}

/** The fields of a structure, names right-aligned; an empty line ends them. */
function structureLines(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return [
    ...Object.entries(value).map(([name, text]) => `${' '.repeat(53)}${name.padStart(15)}: ${text}`),
    '',
  ];
}
