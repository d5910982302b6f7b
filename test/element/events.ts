import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type ElementEvent,
  type Fields,
  type Frame,
  type Item,
  Pipe,
  type PipeInput,
  register,
  type Signals,
  Transform,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { any, metadata } from '../support/declared.js';
import { harness } from '../support/harness.js';

const TEXT = 'text/x-raw,format=utf8';

/** Writes down what passes by; keeps `secret` to itself, answers `ask` upstream. */
class Listener extends Transform {
  static readonly metadata = metadata('testlistener');
  static readonly pads = any;
  static readonly signals = {
    'say-it': {
      params: {
        text: 'string',
        times: 'int',
        loud: 'bool',
        at: 'int64',
        gain: 'double',
        data: 'bytes',
        voice: 'string?',
        more: 'bytes?',
      },
      blurb: 'Says a text',
    },
    fall: { params: {}, blurb: 'Fails' },
  } satisfies Signals;
  readonly heard: ElementEvent[] = [];
  readonly said: unknown[][] = [];

  override event(event: ElementEvent): 'drop' | undefined {
    this.heard.push(event);
    if (event.name === 'talkgraph/ask')
      this.sendEvent('answer', { n: event.fields['n'] }, { direction: 'up' });
    return event.name === 'talkgraph/secret' ? 'drop' : undefined;
  }

  sayIt(...args: unknown[]): string {
    this.said.push(args);
    return 'an answer that nobody gets';
  }

  async fall(): Promise<void> {
    await turn();
    throw new RangeError('out of luck');
  }

  override transform(frame: Frame): void {
    if (frame.data[0] === 5) this.sendEvent('five', { before: true });
  }
}
/** Passes frames on and lets events fall, unless they are its own. */
class Deaf extends Pipe {
  static readonly metadata = metadata('testdeaf');
  static readonly pads = any;
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) if (!('event' in item)) yield item;
  }
}
for (const element of [Listener, Deaf]) register(element);

const frame = (value: number) => ({ data: Uint8Array.of(value), pts: value });
const listenerOf = (h: { object: unknown }): Listener => h.object as Listener;

t.test('every kind of field arrives as it was sent', async (t) => {
  const h = await harness('testlistener', { caps: TEXT });
  const fields: Fields = {
    text: 'zwölf "°"',
    n: -7,
    big: 2 ** 40,
    exact: 0.125,
    yes: true,
    no: false,
    zero: 0,
  };
  await h.push(frame(1));
  h.event('word', { ...fields, none: undefined, nothing: null });
  await h.pull();
  const out = await h.next();
  t.same(out, { event: true, name: 'talkgraph/word', fields, oob: false });
  t.same(listenerOf(h).heard[0], {
    name: 'talkgraph/word',
    fields,
    pad: 'sink',
    oob: false,
    upstream: false,
  });
  await h.close();
});

t.test('a serialized event keeps its place, and one sent in the method goes before its frame', async (t) => {
  const h = await harness('testlistener', { caps: TEXT });
  await h.push(frame(4));
  h.event('word', { n: 1 });
  await h.push(frame(5));
  h.end();
  const names: unknown[] = [];
  for (let item = await h.next(); item !== undefined; item = await h.next())
    names.push('event' in item ? item.name : item.data[0]);
  t.same(names, [4, 'talkgraph/word', 'talkgraph/five', 5]);
  await h.close();
});

t.test('an event that is dropped goes no further', async (t) => {
  const h = await harness('testlistener', { caps: TEXT });
  await h.push(frame(1));
  h.event('secret');
  h.event('word');
  h.end();
  const { events } = await h.rest();
  t.same(
    events.map(({ name }) => name),
    ['talkgraph/word'],
  );
  await h.close();
});

t.test('an event out of band overtakes what waits', async (t) => {
  const h = await harness('testlistener', { caps: TEXT, after: 'queue', sync: true });
  for (const ms of [1, 2, 3]) await h.push({ data: Uint8Array.of(ms), pts: ms * 1e9 });
  h.event('now', { n: 1 }, { oob: true });
  t.match(await h.next(), { name: 'talkgraph/now', oob: true });
  t.match(listenerOf(h).heard, [{ name: 'talkgraph/now', oob: true }]);
  await h.close();
});

t.test('a sticky event is told to whoever is linked later, and to the next run of a pipe', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc is-live=true ! identity name=i ! tee name=fork allow-not-linked=true  fork. ! queue ! fakesink',
  );
  await pipeline.play();
  t.equal(
    await pipeline.element('i').pad('src')!.sendEvent('talkgraph/lead', { ns: 300 }, { sticky: true }),
    true,
  );
  const branch = pipeline.add('queue ! testlistener name=late ! fakesink async=false');
  await branch.sync();
  pipeline.element('fork').link(branch);
  while (pipeline.element('late').instance === undefined) await turn();
  const late = pipeline.element('late').instance as unknown as Listener;
  while (late.heard.length === 0) await turn();
  t.match(late.heard[0], { name: 'talkgraph/lead', fields: { ns: 300 } });
  await pipeline.close();
});

t.test(
  'an event goes upstream through elements that know nothing of it, and is answered there',
  async (t) => {
    const h = await harness('testlistener', { caps: TEXT, after: 'queue ! testdeaf ! identity' });
    h.event('ask', { n: 3 }, { up: true });
    while (h.upstream().length < 2) await turn();
    t.match(
      h
        .upstream()
        .map(({ name, fields, upstream }) => [name, fields['n'], upstream])
        .sort(),
      [
        ['talkgraph/answer', 3, true],
        ['talkgraph/ask', 3, true],
      ],
    );
    t.match(listenerOf(h).heard[0], { pad: 'src', oob: true, upstream: true });
    await h.close();
  },
);

t.test('a pipe that yields no events lets them fall at the end, not before', async (t) => {
  const h = await harness('testdeaf', { caps: TEXT });
  await h.push(frame(1));
  h.event('word', { n: 1 });
  await h.push(frame(2));
  h.end();
  const { frames, events } = await h.rest();
  t.equal(frames.length, 2);
  t.match(events, [{ name: 'talkgraph/word' }], 'what was taken and not yielded still belongs downstream');
  await h.close();
});

t.test('messages of an element are marks of its pipeline', async (t) => {
  const h = await harness('testlistener', { caps: TEXT });
  h.object.post('talkgraph/heard', { n: 1, text: 'x' });
  while (h.marks.length === 0) await turn();
  t.match(h.marks[0], { name: 'talkgraph/heard', fields: { n: 1, text: 'x' }, element: 'subject' });
  await h.close();
});

t.test('names that GStreamer would drop are refused', async (t) => {
  const h = await harness('testlistener', { caps: TEXT });
  for (const name of ['two words', '', 'ä'])
    t.throws(() => h.object.sendEvent(name), {
      name: 'TypeError',
      message: /Expected a name of letters, digits/,
    });
  t.throws(() => h.object.post('7up'), { message: /that begins with a letter but received "7up"/ });
  await h.close();
});

t.test('an action signal calls the method of its name, with its parameters in order', async (t) => {
  const h = await harness('testlistener', { caps: TEXT });
  const { said } = listenerOf(h);
  const given = ['hé', -2, true, 2 ** 40, 0.5, Uint8Array.of(1, 2)] as const;
  t.equal(
    h.element.emit('say-it', ...given, 'nova', Uint8Array.of(3)),
    undefined,
    'it tells, it is not asked',
  );
  h.element.emit('say-it', ...given);
  t.same(said, [
    [...given, 'nova', Uint8Array.of(3)],
    [...given, undefined, undefined],
  ]);
  await h.close();
});

t.test('an action signal refuses what it was not declared for', async (t) => {
  const h = await harness('testlistener', { caps: TEXT });
  t.throws(() => h.element.emit('say-it', 'x', 1.5), {
    message: /Expected an integer from .* for argument 2 of say-it but received 1.5/,
  });
  t.throws(() => h.element.emit('say-it', 7), { message: /Expected a string for argument 1 of say-it/ });
  t.throws(() => h.element.emit('say'), { message: /has no signal "say"/ });
  t.same(listenerOf(h).said, []);
  await h.close();
});

t.test('an action signal can come before the element is started, and its promise has an owner', async (t) => {
  const pipeline = Pipeline.launch(`fakesrc ! testlistener name=l ! fakesink`);
  pipeline.element('l').emit('say-it', 'early', 1, false, 0, 0, Uint8Array.of());
  t.match((pipeline.element('l').instance as unknown as Listener).said[0], ['early', 1]);
  const failed = new Promise((resolve) => pipeline.on('error', resolve));
  await pipeline.ready();
  pipeline.element('l').emit('fall');
  t.match(await failed, { code: 'stream/failed', element: 'l', message: 'out of luck' });
  await pipeline.close();
});
