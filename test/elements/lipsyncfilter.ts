import t from 'tap';
import LipsyncFilter from '../../elements/lipsyncfilter.js';
import { openAvatar } from '../../src/avatar/index.js';
import { register, type TimedFrame } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool, sharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { boxOf, putAvatar } from '../support/drawnavatar.js';
import { sameBytes } from '../support/samebytes.js';
import {
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
import { spoken } from '../support/tinyliprun.js';

registerRig();
register(LipsyncFilter);
t.teardown(() => closeSharedPool());
t.teardown(closeVoices);

const CAPS =
  'other/tensors,format=static,num_tensors=1,types=float32,dimensions=(string)16:80:1:1,framerate=25/1';
const drawn = { width: 96, height: 80, frames: 3, side: 40 };
const size = 16;

// One folder for all tests: drawing avatars takes longer than most tests do.
const folder = putStandIn(t.testdir(), size);
await putAvatar(folder, 'one', drawn);
await putAvatar(folder, 'two', { ...drawn, frames: 2 });

function window(n: number, loud: number): TimedFrame {
  const data = new Uint8Array(new Float32Array(1280).fill(loud).buffer);
  return { data, pts: n * 40e6, duration: 40e6 };
}

/** The loudest window of a vowel that the default voice says. */
async function vowel(): Promise<Uint8Array> {
  const { windows } = await spoken('Ah.', 'flite/slt');
  const sum = (mel: Float32Array) => mel.reduce((total, v) => total + v, 0);
  const loudest = windows.reduce((best, mel) => (sum(mel) > sum(best) ? mel : best));
  return new Uint8Array(loudest.buffer, loudest.byteOffset, loudest.byteLength);
}
const silence = (n: number): TimedFrame => ({
  data: new Uint8Array(0),
  gap: true,
  pts: n * 40e6,
  duration: 40e6,
});

function launch(lines: Iterable<Line>, more = ''): { p: Pipeline; seen: Seen[] } {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc script=${script(lines)} caps="${CAPS}" ! lipsyncfilter name=lip model=${folder}/standin avatar=${folder}/one ${more} ! recsink record=${name}`,
  );
  return { p, seen };
}

async function run(lines: Iterable<Line>, more?: string): Promise<Seen[]> {
  const { p, seen } = launch(lines, more);
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return seen;
}

t.test('a patch per window, in order, with the avatar frame it was made for', async (t) => {
  const frames = framesOf(await run(Array.from({ length: 20 }, (_, n) => window(n, -4 + n / 5))));
  t.equal(frames.length, 20);
  const loop = [0, 1, 2, 2, 1, 0];
  for (const [n, { pts, duration, gap, data, metas }] of frames.entries()) {
    t.equal(pts, n * 40e6);
    t.equal(duration, 40e6);
    t.notOk(gap);
    t.equal(data.length, 3 * size * size);
    const frame = loop[n % 6]!;
    const [x, y, w, h] = boxOf(drawn, frame);
    const meta = metas!['TalkgraphPatch']!;
    t.match(meta, { avatar: `${folder}/one`, frame, layers: false });
    for (const [key, want] of Object.entries({ x, y, w, h })) {
      t.ok(Math.abs((meta[key] as number) - want!) < 0.002, `${key} of ${frame}`);
    }
  }
});

t.test('the patch is what the model says of window and face', async (t) => {
  const avatar = await openAvatar(`${folder}/one`);
  t.teardown(() => avatar.close());
  const [quiet, loud] = framesOf(await run([window(0, -4), window(1, 0)]));
  const rgb = (frame: number) => {
    const bgr = avatar.face(frame, size);
    return Uint8Array.from(bgr, (_, i) => bgr[i - (i % 3) + 2 - (i % 3)]!);
  };
  sameBytes(t, quiet!.data, rgb(0), 'at silence the stand-in returns its reference');
  const centre = 3 * (11 * size + 8);
  t.ok(loud!.data[centre]! < rgb(1)[centre]! - 40, 'and a dark mouth when it is loud');
  sameBytes(t, loud!.data.subarray(0, 3 * size * 4), rgb(1).subarray(0, 3 * size * 4));
});

t.test('gaps pass through and marks keep their place', async (t) => {
  const seen = await run([
    window(0, 0),
    mark('word', { text: 'a' }),
    silence(1),
    mark('word', { text: 'b' }),
    window(2, 0),
    window(3, 0),
  ]);
  const order = seen.map((s) => (s.kind === 'event' ? s.fields['text'] : s.frame.gap ? '_' : '.')).join('');
  t.equal(order, '.a_b..');
  t.equal(framesOf(seen)[1]!.data.length, 0);
});

t.test('an avatar mark changes face and loop from its moment on', async (t) => {
  const frames = framesOf(
    await run([
      window(0, 0),
      window(1, 0),
      mark('avatar', { name: `${folder}/two`, pts: 80e6, counter: 0 }),
      window(2, 0),
      window(3, 0),
      window(4, 0),
    ]),
  );
  t.same(
    frames.map(({ metas }) => {
      const { avatar, frame } = metas!['TalkgraphPatch']!;
      return `${String(avatar).slice(-3)}${frame}`;
    }),
    ['one0', 'one1', 'two0', 'two1', 'two1'],
  );
});

t.test('batches give the same bytes as single frames', async (t) => {
  const lines = Array.from({ length: 40 }, (_, n) => window(n, Math.sin(n) - 1));
  const alone = framesOf(await run(lines));
  const together = framesOf(await run(lines, 'batch-size=8'));
  t.same(
    together.map(({ data }) => data),
    alone.map(({ data }) => data),
  );
});

t.test('layers follow behind the patch when the model gives them', async (t) => {
  const speech = { ...window(1, 0), data: await vowel() };
  const [quiet, loud] = framesOf(await run([window(0, -4), speech], 'model=tinylip'));
  const side = 96;
  for (const { data, metas } of [quiet!, loud!]) {
    t.equal(data.length, (3 + 8) * side * side);
    t.equal(metas!['TalkgraphPatch']!['layers'], true);
  }
  const flow = (data: Uint8Array) => new Int16Array(data.slice(3 * side * side, 7 * side * side).buffer);
  t.ok(
    flow(quiet!.data).every((v) => v === 0),
    'nothing moves at silence',
  );
  t.ok(flow(loud!.data).some((v) => Math.abs(v) > 500));
  const again = framesOf(await run([window(0, -4), speech], 'model=tinylip'));
  sameBytes(t, again[1]!.data, loud!.data, 'two runs give the same bytes');
});

t.test('told the phonemes it shows those, and what is heard where none are told', async (t) => {
  const data = await vowel();
  const frames = (drive: string) =>
    run(
      [
        mark('phonemes', { pts: 0, epoch: 0, list: JSON.stringify([['m', 0, 400_000]]) }),
        ...Array.from({ length: 30 }, (_, n) => ({ data, pts: n * 40e6, duration: 40e6 })),
      ],
      `model=tinylip drive=${drive}`,
    ).then(framesOf);
  const [heard, told] = [await frames('audio'), await frames('phonemes')];
  /** Cells that are painted: the inside of the mouth. */
  const open = (bytes: Uint8Array) => {
    const layers = bytes.subarray(3 * 96 * 96);
    return layers.subarray(4 * 96 * 96, 5 * 96 * 96).filter((alpha) => alpha > 127).length;
  };
  t.ok(open(heard[5]!.data) > 20, `${open(heard[5]!.data)} cells are open at a loud vowel`);
  t.equal(open(told[5]!.data), 0, 'an m closes them, whatever is heard');
  sameBytes(t, told.at(-1)!.data, heard.at(-1)!.data, 'long after the last phoneme the sound counts again');
});

t.test('a cut drops what is in the works and the next epoch begins anew', async (t) => {
  const hold = gate();
  const { p, seen } = launch([
    window(0, 0),
    hold.wait,
    ...Array.from({ length: 6 }, (_, n) => window(n + 1, 0)),
    mark('epoch', { epoch: 1, pts: 80e6 }),
    window(2, 0),
  ]);
  t.teardown(() => p.close());
  const done = p.finished();
  await p.play();
  await until(() => framesOf(seen).length === 1);
  await p
    .element('lip')
    .sendEvent('talkgraph/cut', { epoch: 1, pts: 80e6 }, { oob: true, direction: 'down' });
  hold.open();
  await done;
  const frames = framesOf(seen);
  t.same(
    frames.map(({ pts }) => pts! / 40e6),
    [0, 2],
  );
  t.ok(frames[1]!.discont);
});

t.test('declares what the model takes as latency, in steps of 20 ms', async (t) => {
  const { name, seen } = record();
  const hold = gate();
  const lines = [window(0, 0), hold.wait];
  const p = Pipeline.launch(
    `scriptsrc is-live=true script=${script(lines)} caps="${CAPS}" ! lipsyncfilter model=${folder}/standin avatar=${folder}/one ! recsink sync=true record=${name}`,
  );
  t.teardown(() => p.close());
  await p.play();
  await until(() => framesOf(seen).length === 1 && p.latency()?.live === true);
  const { min, max } = p.latency()!;
  t.ok(min >= 20e6 && min % 20e6 === 0, `${min}`);
  t.ok(max !== undefined && max > min);
  hold.open();
});

t.test('a dead inference thread costs frames, not the session', async (t) => {
  const hold = gate();
  const { p, seen } = launch([
    window(0, 0),
    hold.wait,
    ...Array.from({ length: 30 }, (_, n) => window(n + 1, 0)),
  ]);
  t.teardown(() => p.close());
  const done = p.finished();
  await p.play();
  await until(() => framesOf(seen).length === 1);
  const killed = sharedPool().threads.map((thread) => thread.kill());
  hold.open();
  await Promise.all(killed);
  await done;
  const frames = framesOf(seen);
  t.equal(frames.length, 31);
  t.equal(p.element('lip').get('missed'), frames.filter(({ gap }) => gap).length);
  t.ok(frames.at(-1)!.pts === 30 * 40e6);
});

t.test('two sessions share the model', async (t) => {
  const before = sharedPool().threads.length;
  const lines = Array.from({ length: 12 }, (_, n) => window(n, 0));
  const [one, two] = await Promise.all([run(lines), run(lines)]);
  t.same(framesOf(one), framesOf(two));
  t.equal(sharedPool().threads.length, before);
});

t.test('says what is wrong with its properties', async (t) => {
  await t.rejects(run([window(0, 0)], 'drive=phonemes'), {
    code: 'library/settings',
    message: /The model standin hears its mouths and cannot be told them: .* such as tinylip/,
  });
  await t.rejects(run([], 'provider=abacus'), { code: 'library/settings', message: /abacus/ });
  await t.rejects(run([], 'model=nobody'), {
    code: 'resource/not-found',
    message: /no model "nobody"/,
  });
  await t.rejects(run([], 'avatar=nobody'), { code: 'resource/not-found', message: /avatar/ });
  await t.rejects(run([], `avatar=${folder}/none`), { code: 'resource/not-found' });
});
