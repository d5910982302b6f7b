/**
 * What a declaration knows of one of our elements beyond GStreamer's own description: the verb, units, when a
 * property may change, signals with the names of their parameters, examples.
 */
import type { Description, PropertyDescription } from '../element/index.js';

/** The part of `inspect` that only our elements have. */
export function describeOwn(own: Description): string {
  return [
    `Verb: ${own.verb}`,
    ...(own.stock === undefined ? [] : [`Wraps: GStreamer's own ${own.stock}. ${wraps(own.stock)}`]),
    ...section('Settings', own.properties.map(propertyLine)),
    ...section('Signals to emit', own.signals.map(signalLine)),
    ...section(
      'Examples',
      own.examples.map((line) => `talkgraph launch ${line}`),
    ),
  ].join('\n');
}

/** What it means that an element has the name of a stock one. */
export const wraps = (stock: string): string =>
  `A line that works with ${stock} works with this one, all its properties included`;

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

/** `lead  uint, 0 to 2000 ms, default 300, while playing: how far ahead …` */
function propertyLine(property: PropertyDescription): string {
  return `${property.name}: ${property.blurb}\n      ${propertyFacts(property)}`;
}

/** Type, range, unit, default and when it may be set, as a phrase. */
export function propertyFacts(property: PropertyDescription): string {
  const { type, unit, min, max, values, mutable, secret, readonly: own } = property;
  const facts = [
    type === 'enum' ? `one of ${values?.join(', ')}` : type,
    range(type, min, max),
    ...(unit === undefined ? [] : [unit]),
    ...(own ? [] : [`default ${secret ? 'hidden' : JSON.stringify(property.default)}`]),
    own ? 'can only be read' : (WHEN[mutable ?? ''] ?? 'set before it starts'),
    ...(secret ? ['secret: never shown'] : []),
  ];
  return facts.filter((fact) => fact !== '').join(', ');
}

const WHEN: Readonly<Record<string, string>> = {
  ready: 'set while stopped',
  playing: 'may change at any time',
};

function range(type: string, min: number | undefined, max: number | undefined): string {
  // The limits of the type itself say nothing.
  const open = (value: number | undefined) => value === undefined || Math.abs(value) >= 2 ** 31 - 1;
  if (type === 'enum' || (open(min) && open(max))) return '';
  if (open(max)) return type.startsWith('u') && min === 0 ? '' : `from ${min}`;
  return open(min) ? `to ${max}` : `${min} to ${max}`;
}

function signalLine({ name, params, blurb }: Description['signals'][number]): string {
  return `${name}(${params.map((one) => `${one.name}: ${one.type}`).join(', ')})\n      ${blurb}`;
}
