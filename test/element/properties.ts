import t from 'tap';
import {
  type Metadata,
  type PadTemplates,
  type Properties,
  register,
  Transform,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { harness } from '../support/harness.js';

/** One property of each kind. */
class Knobs extends Transform<typeof Knobs.properties> {
  static readonly metadata = {
    name: 'testknobs',
    longName: 'Knobs',
    klass: 'Filter',
    description: 'One property of each kind',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly properties = {
    text: { type: 'string', default: 'thä', mutable: 'playing', blurb: 'A text' },
    place: { type: 'path', default: '/tmp', mutable: 'playing', blurb: 'A path' },
    on: { type: 'bool', default: true, mutable: 'playing', blurb: 'A switch' },
    cut: {
      type: 'double',
      unit: 'Hz',
      min: 0.5,
      max: 99.5,
      default: 7,
      mutable: 'playing',
      blurb: 'A number',
    },
    turns: { type: 'int', min: -3, max: 9, default: 1, mutable: 'playing', blurb: 'An integer' },
    count: { type: 'uint', default: 0, mutable: 'playing', blurb: 'A count' },
    when: { type: 'int64', unit: 'ns', default: -1, mutable: 'playing', blurb: 'A time' },
    mode: {
      type: 'enum',
      values: ['soft', 'hard-clip'],
      default: 'soft',
      mutable: 'playing',
      blurb: 'A choice',
    },
    early: { type: 'int', min: 0, max: 9, default: 0, blurb: 'Before the start only' },
    ready: { type: 'int', min: 0, max: 9, default: 0, mutable: 'ready', blurb: 'Up to READY' },
    seen: { type: 'uint', default: 0, readonly: true, blurb: 'What the element tells' },
    key: { type: 'string', default: '', secret: true, blurb: 'What it never tells' },
  } as const satisfies Properties;
  static readonly pads = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } } satisfies PadTemplates;
  readonly changes: string[] = [];

  override propertyChanged(name: string): void {
    this.changes.push(`${name} ${this.props[name as 'text']}`);
  }

  override transform(): void {
    this.props.seen++;
  }
}
register(Knobs);

const bench = () => harness('testknobs', { caps: 'text/x-raw,format=utf8' });
const knobsOf = (h: { object: unknown }): Knobs => h.object as Knobs;

/** The value of a property after a launch line. */
async function launched(line: string, name: string): Promise<unknown> {
  const pipeline = Pipeline.launch(`fakesrc ! ${line} name=k ! fakesink`);
  try {
    return pipeline.element('k').get(name);
  } finally {
    await pipeline.close();
  }
}

t.test('are what was declared: defaults, ranges, units, blurbs', async (t) => {
  const h = await bench();
  const { props } = knobsOf(h);
  t.match(props, {
    text: 'thä',
    place: '/tmp',
    on: true,
    cut: 7,
    turns: 1,
    count: 0,
    when: -1,
    mode: 'soft',
  });
  t.same(Object.keys(Object.getPrototypeOf(props)), Object.keys(Knobs.properties), 'and no others');
  t.match([h.element.get('cut'), h.element.get('mode')], [7, 'soft']);
  await h.close();
});

t.test('are set from a launch line, at both ends of their ranges', async (t) => {
  for (const [line, name, value] of [
    ['testknobs text="a b=c"', 'text', 'a b=c'],
    ['testknobs on=false', 'on', false],
    ['testknobs cut=0.5', 'cut', 0.5],
    ['testknobs cut=99.5', 'cut', 99.5],
    ['testknobs turns=-3', 'turns', -3],
    ['testknobs turns=9', 'turns', 9],
    ['testknobs count=4294967295', 'count', 4294967295],
    ['testknobs when=9007199254740991', 'when', 9007199254740991],
    ['testknobs mode=hard-clip', 'mode', 'hard-clip'],
  ] as const)
    t.equal(await launched(line, name), value, line);
});

t.test('refuse in a launch line what is out of range, unknown or read only', async (t) => {
  for (const [line, message] of [
    ['testknobs cut=99.6', /"cut" of testknobs must be from 0.5 to 99.5, not 99.6/],
    ['testknobs turns=-4', /must be from -3 to 9, not -4/],
    ['testknobs turns=3000000000', /must be from -3 to 9/],
    ['testknobs seen=3', /can only be read, not 3/],
    ['testknobs mode=loud', /could not set property "mode" in element "testknobs" to "loud"/],
    ['testknobs nosuch=1', /no property "nosuch" in element "testknobs"/],
    ['audiotestsrc volume=7', /"volume" of audiotestsrc must be from 0 to 1, not 7/],
    ['bin.( testknobs turns=10 )', /must be from -3 to 9/],
  ] as const)
    t.throws(() => Pipeline.launch(line), { code: 'resource/settings', message }, line);
  const pipeline = Pipeline.launch('fakesrc ! fakesink');
  t.throws(() => pipeline.add('testknobs turns=10'), { message: /must be from -3 to 9/ });
  await pipeline.close();
});

t.test('set from outside are told, with the new value already there', async (t) => {
  const h = await bench();
  const knobs = knobsOf(h);
  h.element.set('turns', -3).set('text', 'x').setText('mode', 'hard-clip').set('text', null);
  t.same(knobs.changes, ['turns -3', 'text x', 'mode hard-clip', 'text ']);
  t.throws(() => h.element.set('turns', -4), { message: /Expected an integer from -3 to 9 for turns/ });
  t.throws(() => h.element.setText('turns', '-4'), { name: 'TypeError' }, 'a text out of range, too');
  t.equal(knobs.props.turns, -3);
  t.throws(() => h.element.set('seen', 1), { message: /is readonly/ });
  await h.close();
});

t.test('set from inside notify those outside, and not the author', async (t) => {
  const h = await bench();
  const knobs = knobsOf(h);
  const heard: unknown[] = [];
  h.element.on('notify::cut', () => heard.push(h.element.get('cut')));
  knobs.props.cut = 8.25;
  t.same(heard, [8.25]);
  t.same(knobs.changes, []);
  await h.push({ data: Uint8Array.of(1), pts: 0 });
  await h.pull();
  t.equal(h.element.get('seen'), 1, 'read only is for those outside');
  await h.close();
});

t.test('refuse from inside, too, what they were not declared for', async (t) => {
  const h = await bench();
  const props = knobsOf(h).props as Record<string, unknown>;
  for (const [name, value, expected] of [
    ['cut', 100, 'a number from 0.5 to 99.5 for cut but received 100 of type number'],
    ['cut', Number.NaN, 'a number from 0.5 to 99.5 for cut but received NaN of type number'],
    ['turns', 2.5, 'an integer from -3 to 9 for turns but received 2.5 of type number'],
    ['turns', '2', 'an integer from -3 to 9 for turns but received "2" of type string'],
    ['count', 2 ** 32, 'an integer from 0 to 4294967295 for count but received 4294967296 of type number'],
    ['mode', 'loud', 'one of soft, hard-clip for mode but received "loud" of type string'],
    ['on', 1, 'a boolean for on but received 1 of type number'],
    ['text', 1, 'a string for text but received 1 of type number'],
  ] as const)
    t.throws(() => Object.assign(props, { [name]: value }), {
      name: 'TypeError',
      message: `Expected ${expected}`,
    });
  t.throws(() => Object.assign(props, { nosuch: 1 }), TypeError);
  t.match(
    props,
    { cut: 7, turns: 1, count: 0, mode: 'soft', on: true, text: 'thä' },
    'they stay as they were',
  );
  await h.close();
});

t.test('set too late stay as they are, with a warning that says until when', async (t) => {
  const h = await bench();
  const warnings: string[] = [];
  const told = new Promise<void>((resolve) =>
    h.pipeline.on('warning', ({ message }) => {
      if (warnings.push(message) === 2) resolve();
    }),
  );
  h.element.set('early', 5).set('ready', 5);
  await told;
  t.match(warnings, [
    /property early cannot be set in state PLAYING, only before the element is started/,
    /property ready cannot be set in state PLAYING, only up to READY/,
  ]);
  t.match(knobsOf(h).props, { early: 0, ready: 0 });
  await h.pipeline.ready();
  h.element.set('ready', 6);
  t.equal(h.element.get('ready'), 6);
  await h.pipeline.stop();
  h.element.set('early', 6);
  t.equal(h.element.get('early'), 6);
  await h.close();
});

t.test('a secret can be set, is known inside and never told', async (t) => {
  const h = await harness('testknobs key=s3sam3', { caps: 'text/x-raw,format=utf8' });
  t.equal(knobsOf(h).props.key, 's3sam3');
  t.throws(() => h.element.get('key'), { message: /is unreadable/ });
  t.notMatch(h.pipeline.dot('verbose'), /s3sam3/);
  await h.close();
});

t.test('belong to one instance each', async (t) => {
  const pipeline = Pipeline.launch(
    'fakesrc ! testknobs name=a turns=2 ! testknobs name=b turns=3 ! fakesink',
  );
  pipeline.element('a').set('turns', 4);
  t.same(
    ['a', 'b'].map((name) => pipeline.element(name).get('turns')),
    [4, 3],
  );
  await pipeline.close();
});

t.test('say at registration what is wrong with their declaration', async (t) => {
  const declared = (properties: unknown) =>
    class extends Transform {
      static readonly metadata = { ...Knobs.metadata, name: 'testwrong' };
      static readonly properties = properties as Properties;
      static readonly pads = Knobs.pads;
      override transform(): void {}
    };
  const blurb = 'x';
  for (const [properties, message] of [
    [{ Loud: { type: 'bool', default: true, blurb } }, /Expected a kebab-case name .* received "Loud"/],
    [{ sync: { type: 'bool', default: true, blurb } }, /sync belongs to the base class/],
    [{ a: { type: 'bool', default: true } }, /Expected a blurb for a/],
    [{ a: { type: 'bool', default: 1, blurb } }, /Expected true or false as default of a/],
    [{ a: { type: 'text', default: '', blurb } }, /Expected a type of property for a but received "text"/],
    [{ a: { type: 'int', default: 1.5, blurb } }, /Expected an integer as default of a/],
    [{ a: { type: 'int', min: 2, max: 3, default: 1, blurb } }, /from 2 to 3 as default of a but received 1/],
    [{ a: { type: 'uint', min: -1, default: 0, blurb } }, /min <= max within the limits of uint for a/],
    [{ a: { type: 'int', default: 1, ui: [5, 2], blurb } }, /Expected the ui range of a/],
    [{ a: { type: 'enum', values: ['x'], default: 'y', blurb } }, /Expected one of x as default of a/],
  ] as const)
    t.throws(() => register(declared(properties)), { name: 'TypeError', message });
});
