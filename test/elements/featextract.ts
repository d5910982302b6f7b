import t from 'tap';
import FeatExtract from '../../elements/featextract.js';
import { register } from '../../src/element/index.js';
import { MelWindows } from '../../src/features/mel.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { babble } from '../support/melreference.js';
import { sameBytes } from '../support/samebytes.js';
import {
  audio,
  framesOf,
  gate,
  type Line,
  mark,
  record,
  registerRig,
  type Seen,
  script,
  until,
} from '../support/script.js';
import { putStandIn } from '../support/standin.js';

registerRig();
register(FeatExtract);

const CAPS = 'audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000';
const frame = (n: number) => n * 640;

function graph(lines: Iterable<Line>, properties = 'kind=mel model=""'): { p: Pipeline; seen: Seen[] } {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc script=${script(lines)} caps="${CAPS}" ! featextract name=f ${properties} ! recsink record=${name}`,
  );
  return { p, seen };
}

async function run(lines: Iterable<Line>, properties?: string): Promise<Seen[]> {
  const { p, seen } = graph(lines, properties);
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return seen;
}

/** Buffers of changing odd sizes. */
function* cut(samples: Int16Array, at = 0): Generator<Line> {
  for (let i = 0, n = 0; i < samples.length; n++) {
    const size = [161, 320, 7, 999][n % 4]!;
    yield audio(samples.subarray(i, i + size), at + i);
    i += size;
  }
}

/** Windows as the front end alone makes them; an empty one where all is silence. */
function direct(samples: Int16Array, at = 0, offsetMs = 0): Map<number, Float32Array> {
  const windows = new MelWindows({ framerate: { num: 25, den: 1 }, offsetMs });
  const out = new Map<number, Float32Array>();
  const receive = (n: number, window: Float32Array, silent: boolean) =>
    out.set(n, silent ? new Float32Array(0) : window.slice());
  windows.restart(at);
  windows.push(samples, receive);
  windows.complete(at + samples.length, receive);
  return out;
}

const numbers = (data: Uint8Array) => new Float32Array(data.slice().buffer);

t.test('gives one window per video frame, stamped with the time of its frame', async (t) => {
  const speech = babble(8_800, 2);
  const frames = framesOf(await run(cut(speech)));
  const want = direct(speech);
  t.equal(frames.length, 14);
  t.equal(frames[0]!.pts, 0);
  for (const [n, { pts, duration, data, gap }] of frames.entries()) {
    t.equal(pts, n * 40e6);
    t.equal(duration, 40e6);
    t.equal(gap, want.get(n)!.length === 0);
    t.same(numbers(data), want.get(n));
  }
});

t.test('follows another frame rate', async (t) => {
  const frames = framesOf(await run(cut(babble(8_800)), 'kind=mel model="" framerate=30000/1001'));
  t.equal(frames.length, 17);
  t.equal(frames[3]!.pts, Math.round((3 * 1001e9) / 30_000));
  t.equal(frames[1]!.duration, frames[2]!.pts! - frames[1]!.pts!);
});

t.test('asks the model for kind and offset', async (t) => {
  const folder = putStandIn(t.testdir());
  const speech = babble(8_000, 3);
  const frames = framesOf(await run(cut(speech), `model=${folder}/standin`));
  const want = direct(speech, 0, -80);
  for (const [n, { data }] of frames.entries()) t.same(numbers(data), want.get(n));
});

t.test('a thousand pauses leave no sample of drift', async (t) => {
  const word = babble(1_234, 5);
  const starts = Array.from({ length: 1000 }, (_, i) => i * 6_400 + (i % 5) * 640);
  function* lines(): Generator<Line> {
    for (const at of starts) {
      yield audio(word.subarray(0, 500), at, 16_000, { discont: true });
      // Rounded and a little off, as after a resampler: still the same stretch.
      yield audio(word.subarray(500), at + 500, 16_000, {
        pts: Math.round(((at + 500) * 1e9) / 16_000) + 60_000,
      });
    }
  }
  const frames = framesOf(await run(lines()));
  const byPts = new Map(frames.map((f) => [f.pts, f]));
  for (const at of [starts[0]!, starts[500]!, starts[999]!]) {
    const want = direct(word, at);
    t.equal(want.size, 2);
    for (const [n, window] of want) t.same(numbers(byPts.get(n * 40e6)!.data), window);
  }
  t.ok(byPts.get(starts[3]! * 62_500)!.discont);
});

t.test('silence is a gap without data', async (t) => {
  const frames = framesOf(await run([audio(new Int16Array(frame(10)), 0)]));
  t.equal(frames.length, 10);
  for (const f of frames) t.ok(f.gap && f.data.length === 0);
});

t.test('a hole in the samples is silence, an overlap is heard once', async (t) => {
  const speech = babble(frame(12), 6);
  const holed = speech.slice();
  holed.fill(0, 3_000, 3_100);
  const want = direct(holed);
  const frames = framesOf(
    await run([
      audio(speech.subarray(0, 3_000), 0),
      audio(speech.subarray(3_100, 5_000), 3_100),
      audio(speech.subarray(4_500), 4_500),
    ]),
  );
  t.equal(frames.length, 12);
  for (const [n, { data }] of frames.entries()) t.same(numbers(data), want.get(n));
});

t.test('the end of an utterance completes what is pending, before anything else comes', async (t) => {
  const speech = babble(frame(9), 7);
  const hold = gate();
  const { p, seen } = graph([
    mark('utterance-start', { id: 'u', pts: 0 }),
    audio(speech, 0),
    mark('utterance-end', { id: 'u', pts: 9 * 40e6 }),
    hold.wait,
    audio(new Int16Array(frame(8)), frame(9)),
  ]);
  t.teardown(() => p.close());
  const done = p.finished();
  await p.play();
  await until(() => seen.some((s) => s.kind === 'event' && s.name === 'talkgraph/utterance-end'));
  const before = framesOf(seen);
  t.equal(before.length, 9);
  const want = direct(speech);
  for (const [n, { data }] of before.entries()) t.same(numbers(data), want.get(n));
  t.match(seen.at(-1), { kind: 'event', name: 'talkgraph/utterance-end' });
  hold.open();
  await done;
  t.equal(framesOf(seen).length, 17);
});

t.test('between utterances a frame waits for its first sample only', async (t) => {
  const speech = babble(frame(5), 8);
  const hold = gate();
  const { p, seen } = graph(
    [
      mark('utterance-start', { id: 'u', pts: 0 }),
      audio(speech, 0),
      mark('utterance-end', { id: 'u', pts: 5 * 40e6 }),
      audio(new Int16Array(frame(2) + 1), frame(5)),
      hold.wait,
      mark('utterance-start', { id: 'v', pts: 8 * 40e6 }),
      audio(speech, frame(8)),
    ],
    `model=${putStandIn(t.testdir())}/standin`,
  );
  t.teardown(() => p.close());
  const done = p.finished();
  await p.play();
  await until(() => framesOf(seen).length >= 8);
  const frames = framesOf(seen);
  t.same(
    frames.slice(5).map(({ pts, gap }) => [pts, gap]),
    // With the window at -80 ms the two frames behind the speech still hear it.
    [
      [5 * 40e6, false],
      [6 * 40e6, false],
      [7 * 40e6, false],
    ],
  );
  hold.open();
  await done;
});

t.test('marks go on right before the frame they fall into', async (t) => {
  const speech = babble(frame(12), 9);
  const seen = await run([
    mark('utterance-start', { pts: 0 }),
    mark('word', { text: 'a', pts: 0 }),
    audio(speech.subarray(0, frame(4)), 0),
    mark('word', { text: 'b', pts: 170e6 }),
    audio(speech.subarray(frame(4)), frame(4)),
    mark('sentence', { index: 1 }),
    mark('utterance-end', { pts: 480e6 }),
  ]);
  const order = seen
    .map((s) => (s.kind === 'event' ? `${s.name.slice(10)}${s.fields['text'] ?? ''}` : '.'))
    .join(' ');
  t.equal(order, 'utterance-start worda . . . . wordb . . . . . . . . sentence utterance-end');
});

t.test('the sound of a clip moves no mouth, and is not heard in the speech behind it', async (t) => {
  const clip = babble(6 * 640, 5);
  const speech = babble(8 * 640, 9);
  const frames = framesOf(
    await run([
      mark('lead', { ns: 300e6 }),
      mark('clip', { id: 'c', name: 'wave', pts: 0, counter: 0 }),
      audio(clip, 0),
      mark('clip', { id: 'c', name: '', pts: 6 * 40e6 }),
      mark('utterance-start', { id: 'u', pts: 6 * 40e6 }),
      audio(speech, 6 * 640),
      mark('utterance-end', { id: 'u', pts: 14 * 40e6 }),
    ]),
  );
  const alone = framesOf(
    await run([
      mark('lead', { ns: 300e6 }),
      audio(new Int16Array(6 * 640), 0),
      mark('utterance-start', { id: 'u', pts: 6 * 40e6 }),
      audio(speech, 6 * 640),
      mark('utterance-end', { id: 'u', pts: 14 * 40e6 }),
    ]),
  );
  t.strictSame(
    frames.slice(0, 6).map(({ gap }) => gap),
    new Array(6).fill(true),
  );
  t.equal(frames.length, 14);
  for (const [n, { data }] of frames.entries()) sameBytes(t, data, alone[n]!.data);
});

t.test('lead pays for look-ahead', async (t) => {
  const latency = async (lines: Line[]) => {
    const hold = gate();
    const { name } = record();
    const p = Pipeline.launch(
      `scriptsrc is-live=true script=${script([...lines, hold.wait])} caps="${CAPS}" ! featextract name=f kind=mel model="" ! recsink sync=true record=${name}`,
    );
    try {
      await p.play();
      await until(() => p.latency()?.live === true && (lines.length === 1 || p.latency()!.min < 212e6));
      return p.latency()!.min;
    } finally {
      hold.open();
      await p.close();
    }
  };
  const sound = audio(new Int16Array(8_000), 0);
  t.equal(await latency([sound]), 212.5e6);
  t.equal(await latency([mark('lead', { ns: 200e6 }), sound]), 12.5e6);
  t.equal(await latency([mark('lead', { ns: 300e6 }), sound]), 0);
});

t.test('says what is wrong with its properties', async (t) => {
  await t.rejects(run([], 'model=nobody'), { code: 'resource/not-found', message: /no model "nobody"/ });
  await t.rejects(run([], 'kind=mel model="" framerate=0/1'), { code: 'library/settings' });
  await t.rejects(run([], 'kind=mel model="" framerate=fast'), { code: 'library/settings' });
});

t.test('two at once do not know of each other', async (t) => {
  const [a, b] = [babble(5_000, 11), babble(7_000, 12)];
  const [one, two] = await Promise.all([run(cut(a)), run(cut(b))]);
  t.same(numbers(framesOf(one)[4]!.data), direct(a).get(4));
  t.same(numbers(framesOf(two)[4]!.data), direct(b).get(4));
});
