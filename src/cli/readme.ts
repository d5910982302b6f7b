/**
 * `elements/README.md`: the index of our elements, made of their declarations. `test/docs.ts` holds the file to it.
 */
import type { Description } from '../element/index.js';
import { propertyFacts, wraps } from './describe.js';

/** The page, for all elements in the order given. */
export function elementsReadme(elements: readonly Description[]): string {
  const sorted = [...elements].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${[
    '<!-- Made of the declarations by "talkgraph inspect --readme". Change those, not this. -->',
    '',
    '# Elements',
    '',
    'One file is one element; the file name is the factory name. `talkgraph inspect NAME` shows everything about one,',
    'pads and caps included; `talkgraph new` begins another ([how](../docs/first-element.md)).',
    '',
    '| element | what it does | verb |',
    '| --- | --- | --- |',
    ...sorted.map(
      ({ name, description, verb }) => `| [${name}](#${name}) | ${cell(description)} | ${verb} |`,
    ),
    ...sorted.flatMap(page),
  ].join('\n')}\n`;
}

function page(element: Description): string[] {
  const { name, longName, description, klass, pads, properties, signals, examples } = element;
  return [
    '',
    `## ${name}`,
    '',
    `${longName}. ${description}. (${klass})`,
    ...(element.stock === undefined ? [] : ['', `It wraps GStreamer's own. ${wraps(element.stock)}.`]),
    ...code(examples.map((line) => `talkgraph launch ${line}`)),
    ...table(
      ['pad', 'direction', 'there', 'caps'],
      pads.map((pad) => [`\`${pad.name}\``, pad.direction, pad.presence, `\`${pad.caps}\``]),
    ),
    ...table(
      ['property', 'what it is', 'what it does'],
      properties.map((one) => [`\`${one.name}\``, propertyFacts(one), one.blurb]),
    ),
    ...table(
      ['signal to emit', 'what it does'],
      signals.map(({ name: signal, params, blurb }) => [
        `\`${signal}(${params.map((one) => `${one.name}: ${one.type}`).join(', ')})\``,
        blurb,
      ]),
    ),
  ];
}

function code(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', '```', ...lines, '```'];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return ['', line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
