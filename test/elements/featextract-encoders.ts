/** featextract where an encoder makes the features: what holds for mel windows holds for each of its kinds. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import FeatExtract from '../../elements/featextract.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool, ENCODERS, sharedPool } from '../../src/inference/index.js';
import { putEars } from '../support/ears.js';
import { heardWindows } from '../support/heard.js';
import { babble } from '../support/melreference.js';
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

registerRig();
register(FeatExtract);
const folder = t.testdir();
process.env['TALKGRAPH_MODELS'] = folder;
for (const family of ENCODERS) await putEars(folder, family);
t.teardown(() => closeSharedPool());

const CAPS = 'audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000';
const frame = (n: number) => n * 640;
const alone = (family: string) => `kind=${family} model="" encoder=${family}`;

function graph(lines: Iterable<Line>, properties: string): { p: Pipeline; seen: Seen[] } {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc script=${script(lines)} caps="${CAPS}" ! featextract name=f ${properties} ! recsink record=${name}`,
  );
  return { p, seen };
}

async function run(lines: Iterable<Line>, properties: string): Promise<Seen[]> {
  const { p, seen } = graph(lines, properties);
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return seen;
}

function* cut(samples: Int16Array, at = 0): Generator<Line> {
  for (let i = 0, n = 0; i < samples.length; n++) {
    const size = [161, 320, 7, 999][n % 4]!;
    yield audio(samples.subarray(i, i + size), at + i);
    i += size;
  }
}

const numbers = (data: Uint8Array) => new Float32Array(data.slice().buffer);
const close = (data: Uint8Array, want: Float32Array) => {
  const found = numbers(data);
  return found.length === want.length && found.every((x, i) => Math.abs(x - want[i]!) < 1e-4);
};

for (const family of ENCODERS) {
  t.test(`${family}: one window per frame, each of what its frame may hear`, async (t) => {
    const speech = babble(16_000, 2);
    const frames = framesOf(await run(cut(speech), alone(family)));
    const want = await heardWindows(family, speech);
    t.equal(frames.length, 25);
    for (const [n, { pts, duration, data, gap }] of frames.entries()) {
      t.same([pts, duration, gap], [n * 40e6, 40e6, want.get(n)!.length === 0]);
      t.ok(close(data, want.get(n)!), `frame ${n}`);
    }
    t.ok(frames.filter(({ gap }) => !gap).length > 10);
  });

  t.test(`${family}: another place, another rate, and a long context`, async (t) => {
    const speech = babble(12_000, 3);
    const framerate = { num: 30_000, den: 1001 };
    const frames = framesOf(
      await run(cut(speech), `${alone(family)} framerate=30000/1001 context=reference`),
    );
    const want = await heardWindows(family, speech, { framerate, context: 'reference' });
    t.equal(frames.length, want.size);
    for (const [n, { data }] of frames.entries()) t.ok(close(data, want.get(n)!), `frame ${n}`);
  });

  t.test(`${family}: silence is a gap, and the encoder is not asked`, async (t) => {
    await run([audio(babble(640), 0)], alone(family));
    const { done } = sharedPool().counts;
    const frames = framesOf(await run([audio(new Int16Array(frame(40)), 0)], alone(family)));
    t.equal(frames.length, 40);
    for (const f of frames) t.ok(f.gap && f.data.length === 0);
    t.equal(sharedPool().counts.done, done);
  });

  t.test(
    `${family}: the end of an utterance completes what is pending, before anything else comes`,
    async (t) => {
      const speech = babble(frame(9), 7);
      const hold = gate();
      const { p, seen } = graph(
        [
          mark('utterance-start', { id: 'u', pts: 0 }),
          audio(speech, 0),
          mark('utterance-end', { id: 'u', pts: 9 * 40e6 }),
          hold.wait,
          audio(new Int16Array(frame(8)), frame(9)),
        ],
        alone(family),
      );
      t.teardown(() => p.close());
      const done = p.finished();
      await p.play();
      await until(() => seen.some((s) => s.kind === 'event' && s.name === 'talkgraph/utterance-end'));
      const before = framesOf(seen);
      t.equal(before.length, 9);
      const want = await heardWindows(family, speech);
      for (const [n, { data }] of before.entries()) t.ok(close(data, want.get(n)!), `frame ${n}`);
      t.match(seen.at(-1), { kind: 'event', name: 'talkgraph/utterance-end' });
      hold.open();
      await done;
      t.equal(framesOf(seen).length, 17);
    },
  );

  t.test(`${family}: pauses leave no sample of drift`, async (t) => {
    const word = babble(3_234, 5);
    const starts = Array.from({ length: 100 }, (_, i) => i * 25_600 + (i % 5) * 640);
    function* lines(): Generator<Line> {
      for (const at of starts) {
        yield audio(word.subarray(0, 500), at, 16_000, { discont: true });
        yield audio(word.subarray(500), at + 500, 16_000, {
          pts: Math.round(((at + 500) * 1e9) / 16_000) + 60_000,
        });
      }
    }
    const byPts = new Map(framesOf(await run(lines(), alone(family))).map((f) => [f.pts, f]));
    for (const at of [starts[0]!, starts[50]!, starts[99]!]) {
      const want = await heardWindows(family, word, { at });
      t.equal(want.size, 6);
      for (const [n, window] of want) t.ok(close(byPts.get(n * 40e6)!.data, window), `frame ${n}`);
    }
    t.ok(byPts.get(starts[3]! * 62_500)!.discont);
  });

  t.test(`${family}: marks go on right before the frame they fall into`, async (t) => {
    const speech = babble(frame(12), 9);
    const seen = await run(
      [
        mark('utterance-start', { pts: 0 }),
        mark('word', { text: 'a', pts: 0 }),
        audio(speech.subarray(0, frame(4)), 0),
        mark('word', { text: 'b', pts: 170e6 }),
        audio(speech.subarray(frame(4)), frame(4)),
        mark('sentence', { index: 1 }),
        mark('utterance-end', { pts: 480e6 }),
      ],
      alone(family),
    );
    const order = seen
      .map((s) => (s.kind === 'event' ? `${s.name.slice(10)}${s.fields['text'] ?? ''}` : '.'))
      .join(' ');
    t.equal(order, 'utterance-start worda . . . . wordb . . . . . . . . sentence utterance-end');
  });

  t.test(`${family}: a cut drops what is in the works, and the next epoch begins anew`, async (t) => {
    const speech = babble(frame(30), 4);
    const hold = gate();
    const { p, seen } = graph(
      [
        mark('utterance-start', { pts: 0 }),
        audio(speech, 0),
        hold.wait,
        audio(speech, frame(30)),
        mark('epoch', { epoch: 1, pts: 31 * 40e6 }),
        mark('utterance-start', { pts: 31 * 40e6 }),
        audio(speech, frame(31)),
        mark('utterance-end', { pts: 61 * 40e6 }),
      ],
      alone(family),
    );
    t.teardown(() => p.close());
    const done = p.finished();
    await p.play();
    await until(() => framesOf(seen).length >= 12);
    await p
      .element('f')
      .sendEvent('talkgraph/cut', { epoch: 1, pts: 31 * 40e6 }, { oob: true, direction: 'down' });
    hold.open();
    await done;
    const at = seen.findIndex((s) => s.kind === 'event' && s.name === 'talkgraph/epoch');
    const after = framesOf(seen.slice(at));
    const want = await heardWindows(family, speech, { at: frame(31) });
    t.equal(after.length, 30);
    t.ok(after[0]!.discont);
    for (const { pts, data } of after) t.ok(close(data, want.get(pts! / 40e6)!), `frame ${pts! / 40e6}`);
  });
}

t.test('eight sessions share the weights and batches, and do not know of each other', async (t) => {
  await closeSharedPool();
  process.env['TALKGRAPH_INFERENCE_WORKERS'] = '1';
  t.teardown(async () => {
    delete process.env['TALKGRAPH_INFERENCE_WORKERS'];
    await closeSharedPool();
  });
  const voices = Array.from({ length: 8 }, (_, i) => babble(24_000, 20 + i));
  const sessions = await Promise.all(
    voices.map((voice) => run(cut(voice), `${alone('hubert')} batch-size=8`)),
  );
  const { done, batches } = sharedPool().counts;
  t.ok(batches < 0.8 * done, `${done} runs in ${batches} batches`);
  for (const [i, seen] of sessions.entries()) {
    const want = await heardWindows('hubert', voices[i]!);
    for (const [n, { data }] of framesOf(seen).entries()) t.ok(close(data, want.get(n)!), `${i}, frame ${n}`);
  }
});

t.test('lead pays for the look-ahead, and then for the time the encoder takes', async (t) => {
  const latency = async (family: string, lead: number | undefined) => {
    const hold = gate();
    const { name } = record();
    const lines = [
      ...(lead === undefined ? [] : [mark('lead', { ns: lead })]),
      audio(new Int16Array(16_000), 0),
    ];
    const p = Pipeline.launch(
      `scriptsrc is-live=true script=${script([...lines, hold.wait])} caps="${CAPS}" ! featextract ${alone(family)} ! recsink sync=true record=${name}`,
    );
    try {
      await p.play();
      const full = () => p.latency()!.min;
      await until(() => p.latency()?.live === true && (lead === undefined || full() < 300e6));
      return full();
    } finally {
      hold.open();
      await p.close();
    }
  };
  const whole = await latency('hubert', undefined);
  // A run of these takes next to nothing, so one step of 20 ms, on a busy machine more.
  t.ok(whole >= 320e6 && whole % 20e6 === 0, `${whole}`);
  t.ok((await latency('hubert', 300e6)) >= 20e6);
  t.ok((await latency('ave', undefined)) >= 472.5e6);
  t.equal(await latency('hubert', 2e9), 0);
});

t.test('the sound itself, for a model that wants no features', async (t) => {
  const speech = babble(6_400, 3);
  const frames = framesOf(await run(cut(speech), 'kind=base model=""'));
  t.equal(frames.length, 10);
  for (const [n, { data, gap }] of frames.entries()) {
    const part = speech.subarray(frame(n), frame(n + 1));
    t.equal(
      gap,
      part.every((x) => x === 0),
    );
    if (!gap)
      t.same(
        numbers(data),
        Float32Array.from(part, (x) => x / 32768),
        `frame ${n}`,
      );
  }
});

const LIPS = `name: lips
family: ultralight
file: lips.onnx
licence: ours
size: 160
features: hubert
window-offset-ms: -160
inputs: { audio: [16, 32, 32], face: [6, 160, 160] }
outputs: { out: [3, 160, 160] }
`;

t.test('a lip-sync model says what is heard, where, and by which encoder', async (t) => {
  const models = t.testdir({ lips: { 'model.yaml': LIPS.replace('-160', '-120') } });
  const speech = babble(16_000, 6);
  const want = await heardWindows('hubert', speech, { offsetMs: -120 });
  const frames = framesOf(await run(cut(speech), `model=${models}/lips`));
  for (const [n, { data }] of frames.entries()) t.ok(close(data, want.get(n)!), `frame ${n}`);
  await putEars(folder, 'hubert', { name: 'a-small-one', width: 768 });
  const named = join(models, 'lips', 'model.yaml');
  writeFileSync(named, `${LIPS}encoder: hubert\n`);
  await run([audio(speech, 0)], `model=${models}/lips`);
  writeFileSync(named, `${LIPS}encoder: a-small-one\n`);
  await t.rejects(run([audio(speech, 0)], `model=${models}/lips`), {
    code: 'resource/settings',
    message: /is \[16,32,32\], 16384 numbers; the encoder a-small-one gives vectors of 768, and no number/,
  });
});

t.test('what is missing or does not fit is said', async (t) => {
  const sound = [audio(babble(640), 0)];
  const models = t.testdir({ lips: { 'model.yaml': LIPS.replace('hubert', 'ave') } });
  await t.rejects(run(sound, 'kind=hubert model=""'), {
    code: 'library/settings',
    message: /made by an encoder: name one by encoder=/,
  });
  await t.rejects(run(sound, 'kind=hubert model="" encoder=wenet'), {
    code: 'library/settings',
    message: /The encoder wenet makes wenet features, asked for were hubert ones/,
  });
  await t.rejects(run(sound, `model=${models}/lips encoder=hubert`), {
    code: 'library/settings',
    message: /The encoder hubert makes hubert features, the model .*lips hears ave ones/,
  });
  await t.rejects(run(sound, 'model=hubert'), {
    code: 'resource/settings',
    message: /draws no mouth itself/,
  });
  await t.rejects(run(sound, `${alone('hubert')} provider=abacus`), { code: 'library/settings' });
});
