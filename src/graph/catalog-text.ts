/**
 * A factory as gst-inspect prints it: same facts, same order, same words, so that whoever knows one knows the other
 * (and a test can hold the two against each other).
 */

import type {
  FactoryDescription,
  PadTemplateDescription,
  PluginDescription,
  SignalDescription,
} from './catalog.js';
import { propertyLines } from './catalog-property.js';

const RANKS: readonly (readonly [string, number])[] = [
  ['none', 0],
  ['marginal', 64],
  ['secondary', 128],
  ['primary', 256],
];

/** The whole page of an element, without a final newline. */
export function renderFactory(factory: FactoryDescription): string {
  return [
    ...section('Factory Details:', facts(factory)),
    ...section('Plugin Details:', plugin(factory.pluginDetails)),
    ...hierarchy(factory.hierarchy),
    '',
    ...section(
      'Implemented Interfaces:',
      factory.interfaces.map((name) => `  ${name}`),
    ),
    ...templates(factory.templates),
    '',
    ...clocking(factory.clocking),
    ...uri(factory.uri),
    '',
    ...pads(factory.pads),
    '',
    ...section('Element Properties:', propertyLines(factory.properties, 2), false),
    ...signals(factory),
    ...section(
      'Children:',
      factory.children.map(({ name }) => `  ${name}`),
      false,
      true,
    ),
    ...section('Presets:', factory.presets.map(preset), false, true),
  ].join('\n');
}

/** A headline and its lines; nothing at all for no lines. */
function section(title: string, lines: readonly string[], after = true, before = false): string[] {
  if (lines.length === 0) return [];
  return [...(before ? [''] : []), title, ...lines, ...(after ? [''] : [])];
}

function fact(name: string, value: string | number): string {
  return `  ${name.padEnd(25)}${value}`;
}

function facts({ name, rank, metadata, pluginDetails, siblings }: FactoryDescription): string[] {
  const entries = Object.entries(metadata).map(([key, value]) =>
    fact(`${key[0]?.toUpperCase()}${key.slice(1)}`, value),
  );
  const page = siblings === 1 ? `#${name}-page` : `${name}.html`;
  return [fact('Rank', rankName(rank)), ...entries, ...documentation(pluginDetails, page)];
}

/** Where GStreamer's own site describes what comes from GStreamer. */
function documentation(details: PluginDescription | null, page: string): string[] {
  if (details === null || !/^(gstreamer|gst-)/.test(details.source)) return [];
  return [fact('Documentation', `https://gstreamer.freedesktop.org/documentation/${details.name}/${page}`)];
}

/** "primary + 1 (257)": the nearest named rank and the way from there. */
function rankName(rank: number): string {
  let [near] = RANKS as [readonly [string, number]];
  for (const known of RANKS) if (Math.abs(known[1] - rank) < Math.abs(near[1] - rank)) near = known;
  const away = rank - near[1];
  const step = away === 0 ? '' : ` ${away > 0 ? '+' : '-'} ${Math.abs(away)}`;
  return `${near[0]}${step} (${rank})`;
}

function plugin(details: PluginDescription | null): string[] {
  if (details === null) return [];
  return [
    fact('Name', details.name),
    fact('Description', details.description),
    fact('Filename', details.filename ?? '(null)'),
    fact('Version', details.version),
    fact('License', details.license),
    fact('Source module', details.source),
    ...documentation(details, ''),
    ...(details.released === null ? [] : [fact('Source release date', releaseDate(details.released))]),
    fact('Binary package', details.package),
    fact('Origin URL', details.origin),
  ];
}

/** `2023-01-23`, or with a time `2023-01-23 12:30 (UTC)`. */
function releaseDate(iso: string): string {
  const [day, time] = iso.split('T');
  return time === undefined ? iso : `${day} ${time.replace(/Z$/, '')} (UTC)`;
}

function hierarchy(names: readonly string[]): string[] {
  return names.map((name, depth) => (depth === 0 ? name : `${' '.repeat(depth * 6 - 5)}+----${name}`));
}

function templates(all: readonly PadTemplateDescription[]): string[] {
  if (all.length === 0) return ['Pad Templates:', '  none'];
  const lines = all.flatMap((template, i) => [...(i > 0 ? ['  '] : []), ...padTemplate(template)]);
  return ['Pad Templates:', ...lines];
}

const PRESENCE = { always: 'Always', sometimes: 'Sometimes', request: 'On request' } as const;

function padTemplate({
  name,
  direction,
  presence,
  caps,
  gtype,
  properties,
}: PadTemplateDescription): string[] {
  return [
    `  ${direction.toUpperCase()} template: '${name}'`,
    `    Availability: ${PRESENCE[presence]}`,
    '    Capabilities:',
    ...capsLines(caps),
    ...(gtype === undefined ? [] : [`    Type: ${gtype}`]),
    ...(properties?.length ? ['    Pad Properties:', ...propertyLines(properties, 6)] : []),
  ];
}

function capsLines({ text, structures }: PadTemplateDescription['caps']): string[] {
  if (structures.length === 0) return [`      ${text}`];
  return structures.flatMap(({ name, features, fields }) => [
    `      ${name}${features === undefined ? '' : `(${features})`}`,
    ...fields.map((field) => `        ${field.name.padStart(15)}: ${field.text}`),
  ]);
}

function clocking({ requires, provides, clock }: FactoryDescription['clocking']): string[] {
  if (!requires && !provides) return ['Element has no clocking capabilities.'];
  return [
    'Clocking Interaction:',
    ...(requires ? ['  element requires a clock'] : []),
    ...(provides && clock !== undefined ? [`  element provides a clock: ${clock}`] : []),
    ...(provides && clock === undefined
      ? ['  element is supposed to provide a clock but returned NULL']
      : []),
  ];
}

function uri(handler: FactoryDescription['uri']): string[] {
  if (handler === null) return ['Element has no URI handling capabilities.'];
  return [
    '',
    'URI handling capabilities:',
    `  Element can act as ${handler.direction === 'src' ? 'source' : 'sink'}.`,
    '  Supported URI protocols:',
    ...handler.protocols.map((protocol) => `    ${protocol}`),
  ];
}

function pads(all: FactoryDescription['pads']): string[] {
  if (all.length === 0) return ['Pads:', '  none'];
  const lines = all.flatMap(({ name, direction, template }) => [
    `  ${direction.toUpperCase()}: '${name}'`,
    ...(template === undefined ? [] : [`    Pad Template: '${template}'`]),
  ]);
  return ['Pads:', ...lines];
}

/** What an element with pads that come and go inherits. */
const PAD_SIGNALS: readonly SignalDescription[] = [
  { name: 'pad-added', action: false, returns: 'void', params: ['GstPad*'] },
  { name: 'pad-removed', action: false, returns: 'void', params: ['GstPad*'] },
  { name: 'no-more-pads', action: false, returns: 'void', params: [] },
];

function signals({ signals: all, templates: made }: FactoryDescription): string[] {
  const comeAndGo = made.some(({ presence }) => presence === 'sometimes');
  const told = [...(comeAndGo ? PAD_SIGNALS : []), ...all.filter(({ action }) => !action)];
  const asked = all.filter(({ action }) => action);
  return [
    ...section('Element Signals:', told.flatMap(signature), false, true),
    ...section('Element Actions:', asked.flatMap(signature), false, true),
  ];
}

/** The C function a listener would be, an argument per line. */
function signature({ name, action, returns, params }: SignalDescription): string[] {
  const start = `  "${name}" :  ${returns} user_function (`;
  const indent = ' '.repeat(start.length + (returns.endsWith('*') ? 1 : 0));
  const args = ['GstElement* object', ...params.map((type, i) => `${type} arg${i}`)];
  if (!action) args.push('gpointer user_data');
  return args.map((arg, i) => `${i === 0 ? start : indent}${arg}${i === args.length - 1 ? ');' : ','}`);
}

function preset({ name, comment }: { name: string; comment?: string }): string {
  return comment === undefined ? `  "${name}"` : `  "${name}": ${comment}`;
}
