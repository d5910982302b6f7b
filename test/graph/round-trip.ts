// biome-ignore-all lint/suspicious/noTemplateCurlyInString: graph files have this form
/**
 * Graphs made at random, printed as launch lines and parsed by GStreamer itself: the pipeline must have the same
 * elements, properties and links as the graph says.
 */

import t, { type Test } from 'tap';
import { bindGraph } from '../../src/graph/bind.js';
import { catalogVocabulary } from '../../src/graph/catalog-vocabulary.js';
import type { ElementHandle } from '../../src/graph/handle.js';
import { serializeString, writeValue } from '../../src/graph/launch-text.js';
import { graphFromText } from '../../src/graph/load.js';
import type { Scalar } from '../../src/graph/model.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { escapeTemplate } from '../../src/graph/template.js';
import { yamlFromLaunch } from '../../src/graph/yaml-from-launch.js';
import { printYaml } from '../../src/graph/yaml-print.js';
import fc from '../support/fastcheck.js';

/** Texts with everything that a launch line could trip over. */
const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      '"',
      '\\',
      "'",
      ' ',
      '\n',
      '\t',
      '!',
      ';',
      ':',
      '.',
      ',',
      '=',
      '(',
      ')',
      '@',
      '#',
      '$',
      '{',
      '}',
      'a',
      'é',
      '日',
      '👋',
      '\u00a0',
      '\u202e',
    ),
  }),
  fc.string({ unit: 'binary' }).filter((one) => !one.includes('\0')),
  fc.constantFrom(
    'NULL',
    '"',
    '"quoted"',
    '\\',
    'a\\',
    'x ! fakesink',
    'name=evil',
    'true',
    '1e3',
    '0x10',
    '-',
    '$$',
    '${x}',
    '~/x',
  ),
);

/** Factories with the properties that are set at random. */
const FACTORIES: Record<string, Record<string, fc.Arbitrary<Scalar>>> = {
  identity: {
    silent: fc.boolean(),
    'sleep-time': fc.nat(),
    datarate: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    'drop-probability': fc.float({ min: 0, max: 1, noNaN: true }),
  },
  queue: {
    'max-size-time': fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    leaky: fc.constantFrom('no', 'upstream', 'downstream'),
    'min-threshold-buffers': fc.nat(),
  },
  progressreport: { format: text, 'update-freq': fc.integer({ min: 1, max: 99 }), silent: fc.boolean() },
  debugspy: { 'checksum-type': fc.constantFrom('md5', 'sha1', 'sha256') },
};
interface Node {
  readonly factory: string;
  readonly properties: Record<string, Scalar>;
  readonly name: string;
  /** An entry of `elements`, or made in the link. */
  readonly entry: boolean;
  /** Properties that are given by a parameter. */
  readonly bound: readonly string[];
  readonly link: 'plain' | 'pads' | 'caps';
}

const node = (names: fc.Arbitrary<string>): fc.Arbitrary<Node> =>
  fc.constantFrom(...Object.keys(FACTORIES)).chain((factory) => {
    const properties = FACTORIES[factory] ?? {};
    return fc.record({
      factory: fc.constant(factory),
      properties: fc.record(properties, { requiredKeys: [] }) as fc.Arbitrary<Record<string, Scalar>>,
      name: names,
      entry: fc.boolean(),
      bound: fc.subarray(Object.keys(properties)),
      link: fc.constantFrom('plain' as const, 'pads' as const, 'caps' as const),
    });
  });

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/);
const graph = fc.uniqueArray(node(name), { selector: (one) => one.name, minLength: 2, maxLength: 7 });

const stock = catalogVocabulary();
const CAPS = 'video/x-raw, format=I420, width=(int)[ 16, 64 ]';
const typeOf = (value: Scalar) => ({ boolean: 'bool', number: 'number' })[typeof value as string] ?? 'string';
const json = (value: Scalar) => (typeof value === 'string' ? JSON.stringify(value) : String(value));

/** A chain of random elements as a graph file, with the values of its parameters. */
function fileOf(nodes: readonly Node[]): { yaml: string; values: Record<string, Scalar> } {
  const values: Record<string, Scalar> = {};
  const parameters: string[] = [];
  const entries: string[] = [];
  let line = '';
  const links: string[] = [];
  nodes.forEach((one, i) => {
    const given = Object.entries(one.properties).map(([property, value]): [string, string] => {
      // Bigints are no parameter's type.
      if (!one.bound.includes(property) || typeof value === 'bigint')
        return [property, json(typeof value === 'string' ? escapeTemplate(value) : value)];
      const parameter = `p${i}-${property}`;
      values[parameter] = value;
      parameters.push(`  ${parameter}: { type: ${typeOf(value)} }`);
      return [property, `$${parameter}`];
    });
    const next = nodes[i + 1];
    const joint = { plain: '!', pads: one.entry ? '!' : '.src !', caps: `! ${CAPS} !` }[one.link];
    if (one.entry) {
      entries.push(
        `  ${one.name}: { factory: ${one.factory}${given.map(([key, value]) => `, ${key}: ${value}`).join('')} }`,
      );
      if (line !== '') links.push(`${line}${one.name}.`);
      line = next ? `${one.name}.${one.link === 'pads' ? 'src' : ''} ${joint} ` : '';
    } else {
      const words = Object.entries(one.properties).map(([property, value]) => {
        const parameter = values[`p${i}-${property}`] === undefined ? undefined : `$p${i}-${property}`;
        const plain = typeof value === 'string' ? serializeString(escapeTemplate(value)) : String(value);
        return `${property}=${parameter ?? writeValue(plain)}`;
      });
      line += `${[one.factory, `name=${one.name}`, ...words].join(' ')} ${next ? `${joint} ` : ''}`;
    }
  });
  if (line !== '') links.push(line);
  const section = (title: string, lines: string[]) =>
    lines.length > 0 ? `${title}:\n${lines.join('\n')}\n` : '';
  return {
    yaml:
      section('parameters', parameters) +
      section('elements', entries) +
      section(
        'links',
        links.map((link) => `  - ${JSON.stringify(link)}`),
      ),
    values,
  };
}

/** What GStreamer made of it: properties by element, and who is linked to whom, through caps filters. */
function facts(pipeline: Pipeline, nodes: readonly Node[]) {
  const read = (element: ElementHandle, one: Node) =>
    Object.fromEntries(Object.keys(one.properties).map((property) => [property, element.get(property)]));
  return {
    elements: nodes.map((one) => {
      const element = pipeline.element(one.name);
      return { factory: element.factory, properties: read(element, one) };
    }),
    links: nodes.slice(0, -1).map((one) => {
      const next = behind(pipeline, one.name);
      const filter = pipeline.element(next);
      return filter.factory === 'capsfilter' ? `${filter.get('caps')} ${behind(pipeline, next)}` : next;
    }),
  };
}

/** The element that is linked behind another. */
function behind(pipeline: Pipeline, name: string): string {
  return pipeline.element(name).pad('src')?.peer?.path.split('.')[0] ?? '';
}

function expected(nodes: readonly Node[]) {
  return {
    elements: nodes.map(({ factory, properties }) => ({ factory, properties })),
    links: nodes.slice(0, -1).map((one, i) => {
      const to = nodes[i + 1]?.name;
      return one.link === 'caps' ? `video/x-raw, format=(string)I420, width=(int)[ 16, 64 ] ${to}` : to;
    }),
  };
}

async function check(t: Test, line: string, nodes: readonly Node[]): Promise<void> {
  const pipeline = Pipeline.launch(line);
  try {
    t.same(facts(pipeline, nodes), expected(nodes), line);
  } finally {
    await pipeline.close();
  }
}

t.test('GStreamer makes of a printed graph what the graph says', async (t) => {
  await fc.assert(
    fc.asyncProperty(graph, async (nodes) => {
      const { yaml, values } = fileOf(nodes);
      const bound = bindGraph(graphFromText(yaml), values, stock);
      await check(t, bound.line, nodes);
      // The same through the printed file, and through a file made of the line.
      const printed = printYaml({ file: 'x', text: yaml });
      t.equal(bindGraph(graphFromText(printed), values, stock).line, bound.line);
      await check(t, bindGraph(graphFromText(yamlFromLaunch(bound.line)), {}, stock).line, nodes);
      return t.passing();
    }),
    { numRuns: 100 },
  );
});
