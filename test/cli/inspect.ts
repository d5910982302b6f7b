import t from 'tap';
import { propertyFacts } from '../../src/cli/describe.js';
import { run } from '../../src/cli/main.js';
import { describe } from '../../src/graph/catalog.js';
import { renderFactory } from '../../src/graph/catalog-text.js';
import { installed } from '../../src/graph/installed.js';
import { fakeTerminal } from '../support/terminal.js';

async function inspect(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(['inspect', ...args], terminal);
  return { exit, ...terminal.written };
}

t.test('lists everything, ours first, then by plugin', async (t) => {
  const { declarations } = await installed();
  const { exit, out } = await inspect();
  t.equal(exit, 0);
  t.match(out, /^talkgraph\n/);
  for (const { name, longName } of declarations) t.ok(out.includes(`\n  ${name}: ${longName}\n`), name);
  t.match(out, /\ncoreelements\n {2}capsfilter: CapsFilter\n/);
  t.match(out, new RegExp(`\\d+ elements, ${declarations.length} of them ours\n$`));
});

t.test('--ours lists ours, words find elements by what they do', async (t) => {
  const { declarations } = await installed();
  t.match(
    (await inspect('--ours')).out,
    `${declarations.length} elements, ${declarations.length} of them ours`,
  );
  const { out } = await inspect('encoder', 'h.264');
  t.match(out, /x264enc/);
  t.notMatch(out, /opusenc/);
});

t.test('a stock element is shown as gst-inspect shows it', async (t) => {
  t.equal((await inspect('queue')).out, `${renderFactory(describe('queue'))}\n`);
});

t.test('one of ours shows its declaration too', async (t) => {
  for (const { name, properties, signals, examples, stock } of (await installed()).declarations) {
    const { out } = await inspect(name);
    t.match(out, 'Factory Details:');
    for (const property of properties)
      t.ok(out.includes(`  ${property.name}: ${property.blurb}`), property.name);
    for (const signal of signals) t.ok(out.includes(`  ${signal.name}(`), signal.name);
    t.equal(out.includes('\nWraps: '), stock !== undefined, `${name} says whether it wraps a stock element`);
    for (const line of examples) t.ok(out.includes(`talkgraph launch ${line}`), line);
  }
});

t.test('--json is the same as data', async (t) => {
  const all = JSON.parse((await inspect('--json')).out);
  t.match(
    all.find((one: { name: string }) => one.name === 'queue'),
    { name: 'queue', plugin: 'coreelements', ours: false },
  );
  t.match(JSON.parse((await inspect('queue', '--json')).out), {
    name: 'queue',
    templates: [{ name: 'sink' }, { name: 'src' }],
  });
  const [own] = (await installed()).declarations;
  if (own) t.match(JSON.parse((await inspect(own.name, '--json')).out), { declaration: { verb: own.verb } });
});

t.test('an unknown element is refused with the one that was meant', async (t) => {
  t.match(await inspect('x264encc'), {
    exit: 2,
    err: /there is no element "x264encc", did you mean "x264enc"\?/,
  });
});

t.test('facts of a property are a phrase', async (t) => {
  const facts = (property: object) =>
    propertyFacts({ name: 'p', blurb: '', default: 0, ...property } as never);
  t.equal(
    facts({ type: 'uint', unit: 'ms', min: 0, max: 2000, default: 300, mutable: 'playing' }),
    'uint, 0 to 2000, ms, default 300, may change at any time',
  );
  t.equal(facts({ type: 'uint', min: 0, max: 2 ** 32 - 1 }), 'uint, default 0, set before it starts');
  t.equal(
    facts({ type: 'uint', min: 1, max: 2 ** 32 - 1, mutable: 'ready' }),
    'uint, from 1, default 0, set while stopped',
  );
  t.equal(facts({ type: 'int', min: -(2 ** 31), max: 7 }), 'int, to 7, default 0, set before it starts');
  t.equal(
    facts({ type: 'enum', values: ['a', 'b'], default: 'a' }),
    'one of a, b, default "a", set before it starts',
  );
  t.equal(
    facts({ type: 'string', secret: true, default: 'x' }),
    'string, default hidden, set before it starts, secret: never shown',
  );
  t.equal(facts({ type: 'bool', readonly: true, default: false }), 'bool, can only be read');
});
