import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  Bin,
  type Builder,
  type Caps,
  type ElementEvent,
  type Fields,
  type Packet,
  type PadTemplates,
  type Part,
  type Properties,
  register,
  Transform,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { any, metadata } from '../support/declared.js';
import { harness } from '../support/harness.js';

/** Counts what goes through; a TypeScript element inside a TypeScript bin. */
class Counted extends Transform {
  static readonly metadata = metadata('testcounted');
  static readonly pads = any;
  count = 0;
  override transform(): void {
    this.count++;
  }
}

/** Sound or pictures, each in its own way; as many as are asked for. */
class Outlet extends Bin<typeof Outlet.properties> {
  static readonly metadata = metadata('testoutlet');
  static readonly properties = {
    'drop-first': { type: 'uint', default: 0, min: 0, max: 9, blurb: 'Read when it is built' },
  } as const satisfies Properties;
  static readonly pads = {
    'media_%u': { caps: 'video/x-raw; audio/x-raw', presence: 'request' },
  } satisfies PadTemplates;
  readonly diary: string[] = [];
  readonly sinks: Part[] = [];
  counted: Part | undefined;

  override build(bin: Builder): void {
    this.diary.push(`build ${this.props['drop-first']} [${bin.pads}]`);
  }

  override padCaps(pad: string, { name }: Caps, bin: Builder): void {
    this.diary.push(`${pad} ${name}`);
    const inside = bin.add(`testcounted name=counted ! fakesink sync=false`, `inside-${pad}`);
    this.counted = inside.child('counted');
    bin.expose(pad, inside);
  }

  override padAdded(pad: string): void {
    this.diary.push(`added ${pad}`);
  }

  override padRemoved(pad: string): void {
    this.diary.push(`removed ${pad}`);
  }

  override event({ name, pad }: ElementEvent): void {
    this.diary.push(`${name} on ${pad}`);
  }
}

/** What stands behind one pad each way. */
class Brighter extends Bin<typeof Brighter.properties> {
  static readonly metadata = metadata('testbrighter');
  static readonly properties = {
    inside: {
      type: 'string',
      default: 'videoconvert ! videobalance name=b brightness=0.5',
      blurb: 'What is built',
    },
  } as const satisfies Properties;
  static readonly pads = {
    sink: { caps: 'video/x-raw' },
    src: { caps: 'video/x-raw' },
  } satisfies PadTemplates;
  built = 0;
  stopped = 0;
  part: Part | undefined;
  override build(bin: Builder): void {
    this.built++;
    this.part = bin.add(this.props.inside, 'inside');
    bin.expose('sink', this.part);
    bin.expose('src', this.part);
  }

  override stop(): void {
    this.stopped++;
  }
}

/** Keeps the packets that reach its appsink. */
class Tapped extends Bin {
  static readonly metadata = metadata('testtapped');
  static readonly pads = { sink: { caps: 'audio/x-raw' } } satisfies PadTemplates;
  readonly packets: Packet[] = [];
  readonly heard: [string, unknown][] = [];
  off: (() => void) | undefined;
  override build(bin: Builder): void {
    const level = bin.add('level interval=3181818');
    const sink = bin.add('appsink sync=false');
    this.off = level.link(sink).onPackets((packets) => this.packets.push(...packets));
    bin.expose('sink', level);
  }
  override message(name: string, fields: Fields): void {
    this.heard.push([name, fields['running-time']]);
  }
}
for (const element of [Counted, Outlet, Brighter, Tapped]) register(element);

const SOUND = 'audio/x-raw,format=U8,layout=interleaved,channels=1,rate=8800';
const seven = { data: new Uint8Array(7), pts: 0 };
const outletOf = (pipeline: Pipeline): Outlet => pipeline.element('o').instance as unknown as Outlet;

t.test('builds when its properties are known, and a branch when its caps are', async (t) => {
  const pipeline = Pipeline.launch(
    'testoutlet name=o drop-first=3  videotestsrc num-buffers=5 ! o.  audiotestsrc num-buffers=7 ! o.media_7',
  );
  t.same(pipeline.element('o').children(), [], 'nothing is there before it starts');
  const said: string[] = [];
  pipeline.on('mark', ({ name, element }) => said.push(`${element} ${name}`));
  await pipeline.play();
  await pipeline.finished();
  t.same(said, ['o ended'], 'its end is told once, when both sinks have ended');
  const outlet = outletOf(pipeline);
  t.equal(outlet.diary[0], 'build 3 [media_0,media_7]');
  t.same(outlet.diary.slice(1).sort(), ['media_0 video/x-raw', 'media_7 audio/x-raw']);
  t.equal((pipeline.element('o/inside-media_0/counted').instance as unknown as Counted).count, 5);
  t.equal((pipeline.element('o/inside-media_7/counted').instance as unknown as Counted).count, 7);
  await pipeline.close();
});

for (const order of [
  ['media_0', 'media_1'],
  ['media_1', 'media_0'],
]) {
  t.test(
    `its end waits for both branches, one of which never had caps: ${order.join(', then ')}`,
    async (t) => {
      const h = await harness('testoutlet', { inputs: { media_0: SOUND, media_1: '' } });
      let ended = false;
      h.pipeline.on('eos', () => (ended = true));
      await h.push(seven, 'media_0');
      const outlet = h.object as unknown as Outlet;
      while (outlet.counted?.instance === undefined) await turn();
      h.end(order[0]);
      for (let i = 0; i < 200; i++) await turn();
      t.equal(ended, false);
      h.end(order[1]);
      await h.pipeline.finished();
      t.same(outlet.diary.slice(1), ['media_0 audio/x-raw'], 'nothing was built for the other');
      await h.close();
    },
  );
}

t.test('is built afresh for every run', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc num-buffers=2 ! testbrighter name=b ! fakesink sync=false');
  for (let round = 1; round <= 3; round++) {
    await pipeline.play();
    await pipeline.finished();
    await pipeline.stop();
    t.equal((pipeline.element('b').instance as unknown as Brighter).built, round);
    t.same(pipeline.element('b').children(), [], 'and empty in between');
  }
  await pipeline.close();
});

t.test('what was built is stopped once, also where it never started or could not', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc ! testbrighter name=b ! fakesink');
  const bin = () => pipeline.element('b').instance as unknown as Brighter;
  await pipeline.ready();
  await pipeline.stop();
  t.hasStrict(bin(), { built: 1, stopped: 1 });
  await pipeline.play();
  await pipeline.stop();
  t.hasStrict(bin(), { built: 2, stopped: 2 });
  pipeline
    .element('b')
    .set('inside', 'tee name=t ! filesink location=/nothing/here async=false t. ! identity');
  await t.rejects(pipeline.ready());
  await pipeline.stop();
  t.hasStrict(bin(), { built: 3, stopped: 3 });
  await pipeline.close();
});

t.test('pads come and go while it runs', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc is-live=true ! testoutlet name=o');
  await pipeline.play();
  const outlet = outletOf(pipeline);
  const pad = pipeline.element('o').requestPad('media_%u');
  t.equal(pad.name, 'media_1');
  await pad.release();
  while (!outlet.diary.includes('removed media_1')) await turn();
  t.ok(outlet.diary.includes('added media_1'));
  await pipeline.close();
});

t.test('custom events are seen at its pads', async () => {
  const pipeline = Pipeline.launch('videotestsrc is-live=true ! identity name=i ! testoutlet name=o');
  await pipeline.play();
  await pipeline.element('i').pad('src')!.sendEvent('talkgraph/word', { n: 1 });
  const outlet = outletOf(pipeline);
  while (!outlet.diary.includes('talkgraph/word on media_0')) await turn();
  await pipeline.close();
});

t.test('its parts are set, read, emitted and linked by the author', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc num-buffers=2 ! testbrighter name=b ! fakesink sync=false');
  await pipeline.ready();
  const { part } = pipeline.element('b').instance as unknown as Brighter;
  const balance = part!.child('b');
  t.equal(balance.get('brightness'), 0.5);
  t.equal(balance.set('brightness', -0.25).get('brightness'), -0.25);
  t.throws(() => balance.set('brightness', 2), {
    name: 'TypeError',
    message: /Expected a number from -1 to 1/,
  });
  t.throws(() => balance.get('nosuch'), { name: 'TypeError', message: 'the property nosuch is missing' });
  t.throws(() => part!.child('nobody'), { message: 'there is no element "nobody" in it' });
  t.throws(() => balance.emit('nosuch'), { name: 'TypeError' });
  t.equal(balance.instance, undefined, 'it is nobody of ours');
  await pipeline.close();
});

t.test('says what is wrong with what it builds', async (t) => {
  for (const [inside, code, message] of [
    ['nosuchthing', 'core/missing-element', /no element "nosuchthing"/],
    ['fakesink', 'core/link', /pad src: "inside" has no free pad for it/],
    ['identity ! ! identity', 'resource/settings', /syntax error/],
    ['identity o.', 'resource/settings', /a name alone does nothing/],
  ] as const) {
    const pipeline = Pipeline.launch(`videotestsrc ! testbrighter name=b inside="${inside}" ! fakesink`);
    await t.rejects(pipeline.play(), { code, message, element: 'b' }, inside);
    await pipeline.close();
  }
});

t.test('says which value of what it builds is out of range, as of any launch line', async (t) => {
  for (const wrong of [
    'x264enc bitrate=-1',
    'identity ! videobalance hue=1.5',
    'identity ! queue current-level-bytes=7',
    'videoflip method=99',
  ]) {
    const said = (await t.rejects(async () =>
      Pipeline.launch(`videotestsrc ! ${wrong} ! fakesink`),
    )) as Error;
    const pipeline = Pipeline.launch(`videotestsrc ! testbrighter name=b inside="${wrong}" ! fakesink`);
    await t.rejects(
      pipeline.play(),
      { code: 'resource/settings', message: said.message, element: 'b' },
      wrong,
    );
    await pipeline.close();
  }
});

t.test('packets of an appsink inside reach the author in order, until he stops listening', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=9 samplesperbuffer=7 ! audio/x-raw,format=S16LE,rate=8800,channels=1 ! testtapped name=o',
  );
  await pipeline.play();
  await pipeline.finished();
  const { packets, heard, off } = pipeline.element('o').instance as unknown as Tapped;
  t.same(
    packets.map(({ runningTime }) => runningTime),
    [0, 795454, 1590909, 2386363, 3181818, 3977272, 4772727, 5568181, 6363636],
  );
  t.equal(packets[0]?.data.length, 14);
  t.equal(packets[0]?.duration, 795454);
  while (heard.length < 2) await turn();
  t.same(
    heard.slice(0, 2),
    [
      ['level', 0],
      ['level', 3181818],
    ],
    'and what its parts say',
  );
  off?.();
  await pipeline.close();
});

t.test('takes part in preroll and in the end of the stream as one sink', async (t) => {
  const h = await harness('testoutlet', { inputs: { media_0: SOUND } });
  await h.push(seven, 'media_0');
  while (h.pipeline.state !== 'playing') await turn();
  h.end();
  await h.pipeline.finished();
  t.same(h.errors, []);
  await h.close();
});
