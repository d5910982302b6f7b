import { execFileSync } from 'node:child_process';
import t from 'tap';
import { describe, factories, forgetDescriptions, plugins } from '../../src/graph/catalog.js';
import { renderFactory } from '../../src/graph/catalog-text.js';

/** Two more than the twelve that the project asks for; each has something the others lack. */
const ELEMENTS = [
  'queue',
  'x264enc', // flags, presets
  'audioresample',
  'mp4mux', // pads with properties of their own
  'appsink', // action signals, a structure as a property
  'tee',
  'webrtcbin', // sometimes pads, promises, children
  'compositor', // controllable doubles
  'audiotestsrc',
  'filesink', // URIs
  'playbin',
  'audiomixmatrix', // arrays
  'decodebin', // caps
  'rtph264pay',
];

/** What differs from process to process: names of temporary files and programs. */
function lasting(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/"\/tmp\/\w+-?\d+"/, '"/tmp/FILE"').trimEnd())
    .filter((line) => line !== '');
}

/** GStreamer 1.24 lists element flags, and writes types and actions in another way; what is said stays the same. */
const NEWER =
  Number(/ 1\.(\d+)\./.exec(execFileSync('gst-inspect-1.0', ['--version'], { encoding: 'utf8' }))?.[1]) >= 24;

/** The lines without what the two ways of writing differ in; of actions that is all but the name. */
function either(lines: string[]): string[] {
  if (!NEWER) return lines;
  let part = '';
  return lines.flatMap((line) => {
    part = /^(?:Element .*|Children|Pads|Presets).*:$|^\w.*:$/.exec(line)?.[0] ?? part;
    if (part === 'Element Flags:') return [];
    if (part === 'Element Actions:') return /^ {2}"[^"]+"/.exec(line) ?? (line === part ? [line] : []);
    return [
      line
        .replace(', can be set only at object construction time', '')
        .replace(/const gchar ?\*/g, 'gchararray')
        .replace(/ \*/g, '*')
        .replace(/(?<=\S)\s+|^\s{30,}/g, ' '),
    ];
  });
}

/** Signals come in an order that GLib's hash decides: blocks of them are compared without it. */
function sortedSignals(lines: string[]): string[] {
  const from = lines.findIndex((line) => line === 'Element Signals:' || line === 'Element Actions:');
  if (from < 0) return lines;
  const blocks = lines
    .slice(from)
    .join('\n')
    .split(/\n(?= {2}")/);
  return [...lines.slice(0, from), ...blocks.sort()];
}

function inspected(name: string): string | undefined {
  try {
    return execFileSync('gst-inspect-1.0', [name], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
}

for (const name of ELEMENTS)
  t.test(`prints ${name} as gst-inspect does`, async (t) => {
    const expected = inspected(name);
    if (expected === undefined) {
      t.throws(() => describe(name), { code: 'core/missing-element' });
      return;
    }
    const comparable = (text: string) => sortedSignals(either(lasting(text)));
    t.same(comparable(renderFactory(describe(name))), comparable(expected));
  });

t.test('describes properties as data', async (t) => {
  const { properties } = describe('queue');
  const leaky = properties.find(({ name }) => name === 'leaky');
  t.match(leaky, {
    type: 'enum',
    gtype: 'GstQueueLeaky',
    owner: 'GstQueue',
    readable: true,
    writable: true,
    mutable: 'playing',
    default: 'no',
    value: 'no',
    bits: 0,
  });
  t.same(
    leaky?.values?.map(({ nick }) => nick),
    ['no', 'upstream', 'downstream'],
  );
  const time = properties.find(({ name }) => name === 'max-size-time');
  t.match(time, { type: 'uint64', min: 0, default: 1e9 });
  t.equal(time?.max, 2n ** 64n - 1n, 'a range beyond 2^53 is exact');
});

t.test('describes templates, pads, clocking, URIs and presets as data', async (t) => {
  t.match(describe('filesrc'), { uri: { direction: 'src', protocols: ['file'] } });
  t.match(describe('tee').templates, [
    { name: 'sink', direction: 'sink', presence: 'always', caps: { text: 'ANY', structures: [] } },
    { name: 'src_%u', direction: 'src', presence: 'request' },
  ]);
  t.match(describe('tee').pads, [{ name: 'sink', direction: 'sink', template: 'sink' }]);
  t.same(describe('queue').clocking, { requires: false, provides: false });
  t.same(describe('queue').hierarchy.slice(-2), ['GstElement', 'GstQueue']);
  t.match(describe('x264enc').presets[0], { name: 'Profile Baseline', comment: 'Baseline Profile' });
});

t.test('lists factories and plugins', async (t) => {
  const all = factories();
  t.match(
    all.find(({ name }) => name === 'queue'),
    { longName: 'Queue', klass: 'Generic', rank: 0, plugin: 'coreelements' },
  );
  t.same(
    all.map(({ name }) => name),
    all.map(({ name }) => name).sort(),
  );
  const core = plugins().find(({ name }) => name === 'coreelements');
  t.ok(core?.features.some(({ name, type }) => name === 'tee' && type === 'GstElementFactory'));
});

t.test('remembers a description until it is told to forget', async (t) => {
  const first = describe('tee');
  t.equal(describe('tee'), first);
  forgetDescriptions();
  t.not(describe('tee'), first);
});

t.test('says that an element is missing', async (t) => {
  t.throws(() => describe('no-such-thing'), {
    code: 'core/missing-element',
    message: 'There is no element "no-such-thing".',
    details: { missing: ['no-such-thing'] },
  });
});
