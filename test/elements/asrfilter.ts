import t from 'tap';
import AsrFilter from '../../elements/asrfilter.js';
import { framesToNs, register } from '../../src/element/index.js';
import { FakeFunasr } from '../fakes/fake-funasr.js';
import { FakeTranscriptions, hears, refuses, type Script } from '../fakes/fake-openai-transcriptions.js';
import { type Harness, harness, isEvent, type Output } from '../support/harness.js';

register(AsrFilter);
for (const name of ['ASR_BASE_URL', 'ASR_API_KEY', 'ASR_MODEL', 'OPENAI_API_KEY', 'FUNASR_URL'])
  delete process.env[name];

const caps = 'audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000';
const PIECE = 320;

async function bench(t: { teardown(fn: () => unknown): void }, line: string): Promise<Harness> {
  const h = await harness(`asrfilter ${line}`, { caps });
  t.teardown(() => h.close());
  return h;
}

/** Sound whose samples say when they are: the number of their 20 ms. */
async function sound(h: Harness, from: number, to: number): Promise<void> {
  for (let n = Math.round(from * 50); n < Math.round(to * 50); n++) {
    const data = new Uint8Array(new Int16Array(PIECE).fill(n).buffer);
    await h.push({ data, pts: framesToNs(n * PIECE, 16_000) });
  }
}

/** What vadfilter would say. */
function vad(h: Harness, state: 'speech' | 'silence', pts: number): void {
  h.event('vad', { state, pts: pts * 1e9, from: (pts - 0.2) * 1e9, at: (pts + 0.1) * 1e9 });
}

/** A turn from `from` to `to` seconds, with the silence that ends it; the sound goes on from where it was. */
async function turn(h: Harness, begin: number, from: number, to: number): Promise<void> {
  await sound(h, begin, from + 0.1);
  vad(h, 'speech', from);
  await sound(h, from + 0.1, to + 0.25);
  vad(h, 'silence', to);
  await sound(h, to + 0.25, to + 0.8);
}

const text = (item: Output) =>
  item === undefined || isEvent(item) ? undefined : Buffer.from(item.data).toString();

async function server(
  t: { teardown(fn: () => unknown): void },
  ...scripts: Script[]
): Promise<FakeTranscriptions> {
  const fake = await FakeTranscriptions.start(...scripts);
  t.teardown(() => fake.close());
  return fake;
}

const told = (h: Harness, name: string) =>
  h.marks.filter((mark) => mark.name === name).map(({ fields }) => fields);

/** Resolves when the bus has told it. */
async function until(h: Harness, name: string): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const [first] = told(h, name);
    if (first !== undefined) return first;
    await new Promise((resolve) => h.pipeline.once('mark', resolve));
  }
}

t.test('a turn becomes a text with the time at which it began, and the mark of it before', async (t) => {
  const fake = await server(t, hears('What time is it?'));
  const h = await bench(t, `url=${fake.url} model=m language=en`);
  await turn(h, 0, 1, 2);
  const frame = await h.pull();
  t.equal(text(frame), 'What time is it?');
  t.equal(frame.pts, 0.8e9);
  t.match(h.outputCaps, /text\/x-raw.*utf8/);
  t.match(told(h, 'transcript.final'), [{ turn: 1, text: 'What time is it?', pts: 0.8e9 }]);
  t.match(told(h, 'turn-start'), [{ turn: 1, pts: 0.8e9 }]);
  t.match(told(h, 'turn-end'), [{ turn: 1, pts: 0.8e9, end: 2e9 }]);
  const { bytes } = fake.requests[0]!.file;
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length));
  t.equal(samples[0], 40, 'from 0.8 s on');
  t.ok((samples.at(-1) ?? 0) >= 100, 'to the end');
  for (const [n, sample] of samples.entries())
    if (sample !== 40 + Math.floor(n / PIECE)) t.fail(`sample ${n} is ${sample}`);
  h.end();
  t.same((await h.rest()).frames, []);
});

t.test(
  'marks and texts stand in the stream in their order, and the end waits for the last words',
  async (t) => {
    const fake = await server(
      t,
      hears('first'),
      (response, request) => void setTimeout(() => hears('second')(response, request), 50),
    );
    const h = await bench(t, `url=${fake.url}`);
    await turn(h, 0, 1, 2);
    await until(h, 'transcript.final');
    await sound(h, 2.8, 4);
    vad(h, 'speech', 3.9);
    await sound(h, 4, 5);
    h.end();
    const items: string[] = [];
    for (let item = await h.next(); item !== undefined; item = await h.next()) {
      items.push(isEvent(item) ? item.name.replace('talkgraph/', '') : (text(item) ?? ''));
    }
    t.same(items, ['vad', 'vad', 'transcript.final', 'first', 'vad', 'transcript.final', 'second']);
  },
);

t.test('words come while one speaks, and take the turn when they should', async (t) => {
  const fake = await FakeFunasr.start({ words: ['no', 'wait', 'a', 'moment'] });
  t.teardown(() => fake.close());
  const h = await bench(t, `engine=funasr url=${fake.url} barge-in=words`);
  h.element.emit('saying', 'Once upon a time there was a king');
  await turn(h, 0, 1, 2);
  t.equal(text(await h.pull())?.trim(), 'no wait a moment');
  const partials = told(h, 'transcript.partial').map((fields) => String(fields['text']).trim());
  t.equal(partials[0], 'no');
  t.match(told(h, 'barge-in'), [{ turn: 1, pts: 0.8e9 }]);
});

t.test('a voice takes the turn at once; a mhm gives it back', async (t) => {
  const fake = await server(t, hears('Mm-hm.'), hears('And then?'));
  const h = await bench(t, `url=${fake.url}`);
  await sound(h, 0, 0.5);
  h.element.emit('saying', 'Once upon a time');
  await turn(h, 0.5, 1, 2);
  t.match(await until(h, 'turn-nothing'), { turn: 1, why: 'backchannel', resume: true });
  t.match(told(h, 'barge-in'), [{ turn: 1, at: 1.1e9 }]);
  h.element.emit('saying', '');
  await turn(h, 2.8, 4, 5);
  t.equal(text(await h.pull()), 'And then?');
  t.equal(told(h, 'barge-in').length, 1);
});

t.test('what may be a voice over ours is told as a duck, to the bus and to whoever is behind', async (t) => {
  const fake = await server(t, hears('wait a moment'));
  const h = await bench(t, `url=${fake.url}`);
  await sound(h, 0, 0.5);
  h.element.emit('saying', 'Once upon a time');
  for (const [name, at] of [
    ['likely', 0.5],
    ['unlikely', 0.6],
    ['likely', 1],
  ] as const) {
    h.event(`voice-${name}`, { pts: (at - 0.016) * 1e9, at: at * 1e9 });
  }
  await turn(h, 0.5, 1, 2);
  h.end();
  const { events } = await h.rest();
  t.same(told(h, 'duck'), [
    { on: true, at: 0.5e9 },
    { on: false, at: 0.6e9 },
    { on: true, at: 1e9 },
  ]);
  t.equal(told(h, 'barge-in').length, 1);
  t.same(
    events.filter(({ name }) => name === 'talkgraph/duck').map(({ fields }) => fields),
    [{ on: true }, { on: false }, { on: true }],
  );
});

/** What overtook everything, in order. */
const overtook = (h: Harness) =>
  h.waiting.flatMap((item) => (item !== undefined && isEvent(item) && item.oob ? [item] : []));

t.test('who takes the turn cuts what is said, and its text knows of the cut', async (t) => {
  const fake = await server(t, hears('No, wait.'));
  const h = await bench(t, `url=${fake.url}`);
  await sound(h, 0, 0.5);
  h.element.emit('saying', 'Once upon a time');
  await turn(h, 0.5, 1, 2);
  const final = await until(h, 'transcript.final');
  const [cut] = told(h, 'barge-in').map((fields) => fields['cut']);
  t.match(overtook(h), [{ name: 'talkgraph/barge-in', fields: { cut, by: 'subject' } }]);
  t.same((await h.pull()).metas, { TalkgraphTurn: { id: final['id'], voice: '', cut, by: 'subject' } });
});

t.test('a turn that waits for its words when a cut comes does not know of it', async (t) => {
  const fake = await server(t, () => undefined);
  const h = await bench(t, `url=${fake.url}`);
  let answer = () => undefined as unknown;
  fake.scripts = [
    (response, request) => {
      answer = () => hears('First.')(response, request);
    },
  ];
  h.element.emit('cut', 'c1');
  await turn(h, 0, 1, 2);
  await until(h, 'turn-end');
  h.element.emit('cut', 'c2');
  while (fake.requests.length === 0) await new Promise(setImmediate);
  answer();
  t.match((await h.pull()).metas, { TalkgraphTurn: { cut: 'c1' } });
});

t.test('a turn that was none lets what it cut go on', async (t) => {
  const fake = await server(t, hears('Mm-hm.'));
  const h = await bench(t, `url=${fake.url}`);
  await sound(h, 0, 0.5);
  h.element.emit('saying', 'Once upon a time');
  await turn(h, 0.5, 1, 2);
  await until(h, 'turn-nothing');
  const [cut] = told(h, 'barge-in').map((fields) => fields['cut']);
  while (overtook(h).length < 2) await new Promise(setImmediate);
  t.match(overtook(h)[1], { name: 'talkgraph/resume', fields: { cut } });
});

t.test('who may take the turn can be changed while it plays', async (t) => {
  const fake = await server(t, hears('No.'));
  const h = await bench(t, `url=${fake.url}`);
  await sound(h, 0, 0.5);
  h.element.emit('saying', 'Once upon a time');
  h.element.set('barge-in', 'off');
  await turn(h, 0.5, 1, 2);
  await until(h, 'transcript.final');
  t.same(told(h, 'barge-in'), []);
  h.element.set('mode', 'push-to-talk');
  h.element.emit('button', true);
  while (told(h, 'turn-start').length < 2) await new Promise(setImmediate);
  t.match(told(h, 'barge-in'), [{ turn: 2 }], 'a pressed button is meant');
});

t.test('push to talk: the button makes the turn', async (t) => {
  const fake = await server(t, hears('pressed'));
  const h = await bench(t, `url=${fake.url} mode=push-to-talk`);
  await sound(h, 0, 1);
  vad(h, 'speech', 0.5);
  await sound(h, 1, 1.5);
  h.element.emit('button', true);
  await until(h, 'turn-start');
  await sound(h, 1.5, 2);
  h.element.emit('button', false);
  const frame = await h.pull();
  t.equal(text(frame), 'pressed');
  t.ok((frame.pts ?? 0) >= 1.4e9 && (frame.pts ?? 0) <= 1.5e9, `${frame.pts}`);
});

t.test('a button that is pressed before there is any sound is held from the first of it on', async (t) => {
  const fake = await server(t, hears('at once'));
  const h = await bench(t, `url=${fake.url} mode=push-to-talk`);
  h.element.emit('button', true);
  await sound(h, 60, 61);
  t.match(await until(h, 'turn-start'), { turn: 1, pts: 60e9 });
  await sound(h, 61, 61.5);
  h.element.emit('button', false);
  t.equal(text(await h.pull()), 'at once');
  t.equal(fake.requests.length, 1);
});

t.test('a recogniser that fails costs its turn and nothing else', async (t) => {
  const fake = await server(t, refuses(400), refuses(503), hears('heard'));
  const h = await bench(t, `url=${fake.url}`);
  await turn(h, 0, 1, 2);
  t.match(await until(h, 'turn-nothing'), { turn: 1, why: 'empty', resume: false });
  t.match(told(h, 'asr-failed'), [{ turn: 1, code: 'resource/settings', retryable: false, again: false }]);
  await turn(h, 2.8, 4, 5);
  t.equal(text(await h.pull()), 'heard');
  t.match(told(h, 'asr-failed')[1], { turn: 2, code: 'resource/unreachable', retryable: true, again: true });
  t.same(h.errors, []);
});

t.test('what is wrong with its settings is told before anything flows', async (t) => {
  await t.rejects(bench(t, 'engine=siri'), { code: 'resource/not-found' });
  await t.rejects(bench(t, ''), { code: 'resource/settings', message: /ASR_BASE_URL/ });
  await t.rejects(bench(t, 'engine=funasr url=http://x'), { code: 'resource/settings' });
});
