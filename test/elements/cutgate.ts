import t from 'tap';
import CutGate from '../../elements/cutgate.js';
import LlmFilter from '../../elements/llmfilter.js';
import TextSrc from '../../elements/textsrc.js';
import TtsSrc from '../../elements/ttssrc.js';
import { type Frame, register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';
import { closeVoices } from '../../src/voice/index.js';
import { asleep } from '../support/asleep.js';
import { harness } from '../support/harness.js';

register(TextSrc);
register(LlmFilter);
register(TtsSrc);
register(CutGate);
t.teardown(() => closeVoices());

const pcm = ({ data }: { readonly data: Uint8Array }) =>
  new Int16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
const loud = (sample: Sample) => pcm(sample).some((value) => value !== 0);

/** Turns of the event loop in which the voice has its turn. */
const ARRIVES = 20;

/** Resolves when the gate has heard of the cut that `cut` sends: it comes on a thread of its own. */
function taken(gate: unknown, cut: () => void): Promise<unknown> {
  const { signal } = gate as { signal: AbortSignal };
  const told = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  cut();
  return told;
}

/** Resolves when the gate has heard of the duck that `duck` asks for: its clock is not to be cranked before. */
function ducked(gate: unknown, duck: () => void): Promise<void> {
  const one = gate as CutGate;
  const told = new Promise<void>((resolve) => {
    one.duck = (on) => {
      CutGate.prototype.duck.call(one, on);
      resolve();
    };
  });
  duck();
  return told;
}

/** A live voice through the gate on a cranked clock; `settle` cranks until `ready`. */
async function gate(rate: number, before = '') {
  const line = `${before}ttssrc name=say voice=tone lead=300 rate=${rate} ! queue name=queue0 ! cutgate name=gate ! appsink name=out sync=false`;
  const pipeline = Pipeline.launch(line, { clock: 'test' });
  t.teardown(() => pipeline.close());
  const got: Sample[] = [];
  pipeline.element('out').onSamples((batch) => void got.push(...batch), { full: 'wait' });
  await pipeline.play();
  // What a piece of sound takes from the voice to the gate takes no time here: the clock goes on when it is there.
  const arrived = async () => {
    for (let turns = 0; turns < ARRIVES || !['say:src', 'queue0:src'].every(asleep); turns++)
      await new Promise(setImmediate);
  };
  const settle = async (ready: () => boolean) => {
    while (!ready()) {
      await arrived();
      await pipeline.clock.crank();
    }
  };
  const say = pipeline.element('say');
  return {
    pipeline,
    got,
    settle,
    say,
    cut: () => taken(pipeline.element('gate').instance, () => say.emit('cut')),
    duck: (on: boolean) => {
      const element = pipeline.element('gate');
      return ducked(element.instance, () => element.emit('duck', on));
    },
  };
}

t.test('nothing leaves before its time, in pieces of 10 ms that join without a gap', async (t) => {
  const { pipeline, got, settle, say } = await gate(8800);
  say.emit('say', '440:0.5');
  await settle(() => got.filter(loud).length > 20);
  const now = pipeline.runningTime() ?? 0;
  for (const [i, { pts = 0, duration = 0 }] of got.entries()) {
    if (pts > now) t.fail(`${pts} left at ${now}`);
    const next = got[i + 1];
    if (next) t.ok(Math.abs((next.pts ?? 0) - pts - duration) <= 1, `piece ${i} joins the next`);
    t.ok(duration <= 10e6 + 1);
  }
});

t.test('at a cut the waiting piece fades, then there is silence, and time never jumps', async (t) => {
  const { pipeline, got, settle, say, cut } = await gate(16000);
  say.emit('say', '500:3');
  await settle(() => got.filter(loud).length > 30);
  const before = got.length;
  const now = pipeline.runningTime() ?? 0;
  await cut();
  await settle(() => got.length > before + 20);
  const last = got.findLastIndex(loud);
  const late = (got[last]?.pts ?? 0) - now;
  t.ok(late <= 20e6, `the last loud piece begins ${late / 1e6} ms after the cut`);
  const fade = pcm(got[last]!);
  const peak = (part: Int16Array) => Math.max(...part.map(Math.abs));
  t.ok(peak(fade.subarray(0, 40)) > 1000, 'the last one begins at full strength');
  t.ok(peak(fade.subarray(-16)) < peak(fade) / 5, 'and fades');
  for (const [i, sample] of got.entries()) {
    const next = got[i + 1];
    if (next) t.ok(Math.abs((next.pts ?? 0) - (sample.pts ?? 0) - (sample.duration ?? 0)) <= 1);
    if (i > 0) t.notOk(sample.discont, `piece ${i} of ${before} is no jump for the encoder`);
  }
});

t.test('a cut between two buffers fades the beginning of the next, and only that', async (t) => {
  const rate = 8800;
  const caps = `audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${rate}`;
  const h = await harness('cutgate', { caps, live: true });
  t.teardown(() => h.close());
  const duration = 40e6;
  const samples = Int16Array.from({ length: (rate * 4) / 100 }, () => 9000);
  const buffer = (n: number) => ({
    data: new Uint8Array(samples.slice().buffer),
    pts: n * duration,
    duration,
  });
  const pieces = async (count: number) => {
    const got: Frame[] = [];
    while (got.length < count) got.push(await h.pull());
    return got;
  };
  await h.push(buffer(0));
  h.clock.set(duration);
  const before = await pieces(4);
  t.equal(before.at(-1)!.pts! + before.at(-1)!.duration!, duration);
  await taken(h.object, () => h.event('cut', { epoch: 1, pts: 20e6 }, { oob: true }));
  await h.push(buffer(1));
  await h.push(buffer(2));
  h.event('epoch', { epoch: 1, pts: 20e6 });
  await h.push({ data: new Uint8Array(samples.slice().fill(1).buffer), pts: 20e6, duration, discont: true });
  h.clock.set(3 * duration);
  const [fade, next] = await pieces(2);
  const sound = pcm(fade!);
  t.equal(fade!.pts, duration);
  t.equal(sound.length, rate / 100);
  t.equal(sound[0], 9000);
  t.ok(sound.at(-1)! < 200, `ends at ${sound.at(-1)}`);
  t.equal(next!.pts, duration + 10e6, 'what is new goes on behind it');
  t.ok(pcm(next!).every((value) => value === 1));
});

t.test('of two cuts in a row the first fades what is heard, and the second finds nothing', async (t) => {
  const rate = 16_000;
  const caps = `audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${rate}`;
  const h = await harness('cutgate', { caps, live: true });
  t.teardown(() => h.close());
  const block = 10e6;
  const sound = (n: number, value: number, blocks = 1) => ({
    data: new Uint8Array(new Int16Array((blocks * rate) / 100).fill(value).buffer),
    pts: n * block,
    duration: blocks * block,
  });
  await h.push(sound(0, 9000));
  h.clock.set(block);
  t.equal((await h.pull()).pts, 0);
  for (const epoch of [1, 2]) {
    await taken(h.object, () => h.event('cut', { epoch, pts: 0 }, { oob: true }));
    // It goes on where the output stands, so it could fade.
    await h.push(sound(epoch, 9000));
  }
  h.event('epoch', { epoch: 2, pts: 0 });
  await h.push({ ...sound(0, 1, 6), discont: true });
  h.clock.set(6 * block);
  const [fade, next] = [await h.pull(), await h.pull()];
  t.equal(fade.pts, block);
  t.equal(pcm(fade)[0], 9000);
  t.equal(next.pts, 2 * block);
  t.ok(pcm(next).every((value) => value === 1));
});

/** The largest sample of each piece, and how it begins and ends. */
const shapes = (samples: readonly Sample[]) =>
  samples.map((sample) => {
    const all = pcm(sample);
    const peak = (part: Int16Array) => part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return { whole: peak(all), first: peak(all.subarray(0, 40)), last: peak(all.subarray(-40)) };
  });

t.test(
  'a duck fades within a piece and comes back within one, and nothing of the speech is lost',
  async (t) => {
    const { got, settle, say, duck } = await gate(16000);
    say.emit('say', '500:3');
    await settle(() => got.filter(loud).length > 30);
    const before = got.length;
    await duck(true);
    await settle(() => got.length > before + 20);
    const until = got.length;
    await duck(false);
    await settle(() => got.length > until + 20);
    const [full = 0] = shapes(got.slice(before - 5, before - 4)).map(({ whole }) => whole);
    const ducked = shapes(got.slice(before, until + 2));
    const fade = ducked.findIndex(({ last }) => last < full / 2);
    t.ok(fade >= 0 && fade <= 1, `it fades in piece ${fade}`);
    t.ok((ducked[fade]?.first ?? 0) > 0.8 * full, 'from full strength');
    t.same(
      new Set(ducked.slice(fade + 1, until - before - 1).map(({ whole }) => whole)),
      new Set([0]),
      'silent',
    );
    const after = shapes(got.slice(until));
    const back = after.findIndex(({ whole }) => whole > 0);
    t.ok(back <= 1 && (after[back]?.first ?? full) < full / 2, 'it comes back softly');
    t.same(new Set(after.slice(back + 1).map(({ whole }) => whole)), new Set([full]), 'as loud as before');
    for (const [i, sample] of got.entries()) {
      const next = got[i + 1];
      if (next) t.ok(Math.abs((next.pts ?? 0) - (sample.pts ?? 0) - (sample.duration ?? 0)) <= 1);
    }
    await settle(() => got.slice(before).some(loud) && !got.slice(-5).some(loud));
    const heard = got.filter(loud).length;
    t.ok(Math.abs(heard + (until - before) - 300) <= 3, 'time went on under it');
  },
);

t.test('a duck ends by a cut, and by itself after a second', async (t) => {
  const { got, settle, say, cut, duck } = await gate(8800);
  say.emit('say', '500:4');
  await settle(() => got.filter(loud).length > 30);
  let before = got.length;
  await duck(true);
  await settle(() => got.length > before + 10);
  await cut();
  await settle(() => got.length > before + 20);
  t.notOk(got.slice(before + 2).some(loud), 'the cut is not heard');
  before = got.length;
  say.emit('say', '500:4');
  await settle(() => got.slice(before).filter(loud).length > 30);
  before = got.length;
  await duck(true);
  await settle(() => got.slice(before + 5).some(loud));
  const back = got.slice(before + 5).findIndex(loud) + 5;
  t.ok(back >= 98 && back <= 103, `heard again after ${back} pieces of 10 ms`);
});

t.test('a duck comes from upstream, through a language model and the voice', async (t) => {
  const graph = 'textsrc name=ask ! funnel ! llmfilter url=http://127.0.0.1:9/v1 model=none ! ';
  const { pipeline, got, settle, say } = await gate(16000, graph);
  say.emit('say', '500:3');
  await settle(() => got.filter(loud).length > 30);
  const before = got.length;
  const ask = pipeline.element('ask').instance as TextSrc;
  await ducked(pipeline.element('gate').instance, () => ask.sendEvent('duck', { on: true }, { oob: true }));
  await settle(() => got.length > before + 10 && !got.slice(-3).some(loud));
  t.ok(got.slice(before).filter(loud).length <= 6);
});

t.test('after a cut new speech goes through whole', async (t) => {
  const { got, settle, say, cut } = await gate(16000);
  say.emit('say', '500:3');
  await settle(() => got.filter(loud).length > 10);
  await cut();
  await settle(() => !got.slice(-5).some(loud));
  const before = got.length;
  say.emit('say', '500:0.2');
  await settle(() => got.slice(before).some(loud));
  await settle(() => !got.slice(-5).some(loud));
  const samples = got.slice(before).flatMap((sample) => Array.from(pcm(sample)));
  const first = samples.findIndex((value) => value !== 0);
  const last = samples.findLastIndex((value) => value !== 0);
  // This graph has no latency: when speech starts right now its first piece may find its place taken.
  t.ok(last - first <= 3200 && last - first > 3200 - 160 - 40, `${last - first} samples of 3200`);
});

t.test('offline nothing is held or split', async (t) => {
  const pipeline = Pipeline.launch(
    'ttssrc is-live=false voice=tone text="440:1" ! cutgate ! appsink name=out sync=false',
  );
  t.teardown(() => pipeline.close());
  const got: Sample[] = [];
  pipeline.element('out').onSamples((batch) => void got.push(...batch), { full: 'wait' });
  await pipeline.play();
  await pipeline.finished();
  t.equal(got[0]?.duration, 40e6);
  t.equal(
    got.reduce((sum, { data }) => sum + data.length / 2, 0),
    24000,
  );
});
