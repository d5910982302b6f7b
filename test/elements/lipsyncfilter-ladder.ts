/**
 * lipsyncfilter where not every mouth is inferred: which ones are, what lies between them, and that nothing waits that
 * need not.
 */
import t, { type Test } from 'tap';
import LipsyncFilter from '../../elements/lipsyncfilter.js';
import { register, TalkError, type TimedFrame } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool, readManifest, sharedPool } from '../../src/inference/index.js';
import { PATCH_BYTES } from '../../src/lipsync/patchbytes.js';
import { blended } from '../support/blended.js';
import { putAvatar } from '../support/drawnavatar.js';
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

registerRig();
register(LipsyncFilter);
t.teardown(() => closeSharedPool());

const CAPS =
  'other/tensors,format=static,num_tensors=1,types=float32,dimensions=(string)16:80:1:1,framerate=25/1';
const size = 16;
const folder = putStandIn(t.testdir(), size);
const drawn = { width: 96, height: 80, frames: 5, side: 40 };
await putAvatar(folder, 'one', drawn);
await putAvatar(folder, 'two', { ...drawn, frames: 2 });
/** The model as the element loads it. */
const model = await sharedPool().load(await readManifest(`${folder}/standin`), {
  providers: ['cuda', 'cpu'],
  outputs: ['out'],
  finish: PATCH_BYTES,
});

const window = (n: number): TimedFrame => ({
  data: new Uint8Array(new Float32Array(1280).fill(2 * Math.sin(n) - 2).buffer),
  pts: n * 40e6,
  duration: 40e6,
});
const silence = (n: number): TimedFrame => ({ ...window(n), data: new Uint8Array(0), gap: true });
const windows = (...numbers: number[]) => numbers.map(window);
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

function launch(lines: Iterable<Line>, more = '', live = false) {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc is-live=${live} script=${script(lines)} caps="${CAPS}" ! lipsyncfilter name=lip model=${folder}/standin avatar=${folder}/one ${more} ! recsink sync=${live} record=${name}`,
  );
  const told: Readonly<Record<string, unknown>>[] = [];
  const warnings: string[] = [];
  p.on('mark', ({ name, fields }) => name === 'mouth-rate' && told.push(fields));
  p.on('warning', ({ message }) => warnings.push(message));
  return { p, seen, told, warnings };
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

type Kind = '*' | '_' | readonly [before: number, after: number, part: number];

/**
 * Holds what came of `lines` against all of them inferred: '*' is the same, '_' a gap, else a blend of two of those.
 * What each frame is besides its bytes is the same in any case.
 */
async function hold(t: Test, lines: readonly Line[], more: string, kinds: readonly Kind[], side = size) {
  const layers = side !== size;
  const model = layers ? 'model=tinylip' : '';
  const whole = framesOf(await run(lines, `${model} rate=full`));
  const before = sharedPool().counts.done;
  const frames = framesOf(await run(lines, `${model} ${more}`));
  t.equal(sharedPool().counts.done - before, kinds.filter((kind) => kind === '*').length, 'mouths inferred');
  t.equal(frames.length, kinds.length);
  for (const [n, { data, ...rest }] of frames.entries()) {
    const kind = kinds[n]!;
    const { data: own, ...want } = whole[n]!;
    t.same(rest, want, `times and meta of ${n}`);
    const bytes =
      kind === '*' || kind === '_'
        ? own
        : blended(side, layers, [whole[kind[0]]!.data, whole[kind[1]]!.data], kind[2]);
    t.equal(Buffer.compare(data, bytes), 0, `bytes of ${n}`);
  }
}

t.test('every second mouth is inferred, the others lie half-way', async (t) => {
  const kinds = range(9).map((n): Kind => (n % 2 === 0 ? '*' : [n - 1, n + 1, 0.5]));
  await hold(t, range(9).map(window), 'rate=half', kinds);
});

t.test('every fourth is, and behind the last one it is held', async (t) => {
  const between = (n: number): Kind => [4 * Math.floor(n / 4), 4 * Math.ceil(n / 4), (n % 4) / 4];
  const kinds = range(41).map((n): Kind => (n % 4 === 0 ? '*' : between(n)));
  await hold(t, range(43).map(window), 'rate=quarter', [...kinds, [40, 40, 0], [40, 40, 0]]);
});

t.test('layers lie half-way, too', async (t) => {
  await hold(t, windows(0, 1, 2, 3), 'rate=half', ['*', [0, 2, 0.5], '*', [2, 2, 0]], 96);
});

t.test('silence ends a stretch, and the next one begins with a mouth of its own', async (t) => {
  const lines = [...windows(0, 1), silence(2), ...windows(3, 4, 5)];
  await hold(t, lines, 'rate=half', ['*', [0, 0, 0], '_', '*', [3, 5, 0.5], '*']);
});

t.test('so does a jump in time', async (t) => {
  await hold(t, windows(0, 1, 9, 10, 11), 'rate=half', ['*', [0, 0, 0], '*', [2, 4, 0.5], '*']);
});

t.test('so does another face', async (t) => {
  const two = mark('avatar', { name: `${folder}/two`, pts: 40e6 * 2, counter: 0 });
  const lines = [...windows(0), two, ...windows(1, 2, 3)];
  await hold(t, lines, 'rate=quarter', ['*', [0, 0, 0], '*', [2, 2, 0]]);
});

t.test('events keep their place among mouths that wait', async (t) => {
  const words = Array.from('abcdefghijklm', (text) => mark('word', { text }));
  const [a, ...more] = words;
  const seen = await run([...windows(0), a!, ...windows(1), ...more, ...windows(2, 3, 4)], 'rate=half');
  const order = seen.map((s) => (s.kind === 'event' ? s.fields['text'] : '.')).join('');
  t.equal(order, '.a.bcdefghijklm...');
});

for (const name of ['utterance-end', 'utterance-pause']) {
  t.test(`behind ${name} no mouth waits for another`, async (t) => {
    const more = gate();
    const { p, seen } = launch([...windows(0, 1), mark(name), more.wait, ...windows(2)], 'rate=half');
    t.teardown(() => p.close());
    const done = p.finished();
    await p.play();
    await until(() => seen.length === 3);
    t.same(
      seen.map(({ kind }) => kind),
      ['frame', 'frame', 'event'],
    );
    sameBytes(t, framesOf(seen)[1]!.data, framesOf(seen)[0]!.data);
    more.open();
    await done;
    t.not(Buffer.compare(framesOf(seen)[2]!.data, framesOf(seen)[0]!.data), 0);
  });
}

t.test('a cut drops a mouth that waits, and what comes then begins anew', async (t) => {
  const more = gate();
  const { p, seen } = launch(
    [...windows(0, 1), more.wait, ...windows(2), mark('epoch', { epoch: 1, pts: 80e6 }), ...windows(2, 3, 4)],
    'rate=half',
  );
  t.teardown(() => p.close());
  const done = p.finished();
  await p.play();
  await until(() => framesOf(seen).length === 1);
  const cut = { epoch: 1, pts: 80e6 };
  await p.element('lip').sendEvent('talkgraph/cut', cut, { oob: true, direction: 'down' });
  more.open();
  await done;
  const frames = framesOf(seen);
  t.same(
    frames.map(({ pts }) => pts! / 40e6),
    [0, 2, 3, 4],
  );
  const whole = framesOf(await run(windows(2, 3, 4), 'rate=full')).map(({ data }) => data);
  sameBytes(t, frames[1]!.data, whole[0]);
  sameBytes(t, frames[2]!.data, blended(size, false, [whole[0]!, whole[2]!], 0.5));
  sameBytes(t, frames[3]!.data, whole[2]);
});

t.test('a neighbour that was missed is left out', async (t) => {
  const lines = windows(0, 1, 2, 3, 4, 5, 6);
  const whole = framesOf(await run(lines, 'rate=full'));
  const { infer } = model;
  t.teardown(() => {
    model.infer = infer;
  });
  // Those of windows 2, 4 come to nothing, as when a thread dies under them.
  let count = 0;
  model.infer = (request) =>
    [1, 2].includes(count++)
      ? Promise.reject(new TalkError('resource/busy', 'Too late.'))
      : infer.call(model, request);
  const { p, seen } = launch(lines, 'rate=half');
  t.teardown(() => p.close());
  await Promise.all([p.finished(), p.play()]);
  const frames = framesOf(seen);
  t.same(frames.map(({ gap }) => (gap === true ? '_' : '.')).join(''), '..___..');
  sameBytes(t, frames[1]!.data, whole[0]!.data, 'the one before is held');
  sameBytes(t, frames[5]!.data, whole[6]!.data, 'or the one behind');
  t.equal(p.element('lip').get('missed'), 2);
});

/** A live session on a machine that makes `rows` mouths a second. */
async function live(t: Test, rows: number, more = '') {
  const { timing } = model;
  model.timing = { median: 5, p99: 5, rows };
  const hold = gate();
  const session = launch([window(0), hold.wait, ...windows(1, 2, 3, 4)], more, true);
  t.teardown(async () => {
    model.timing = timing;
    await session.p.close();
  });
  const done = session.p.finished();
  await session.p.play();
  await until(() => framesOf(session.seen).length === 1 && session.p.latency()?.live === true);
  const { min } = session.p.latency()!;
  const before = sharedPool().counts.done;
  hold.open();
  await done;
  return { ...session, min, inferred: sharedPool().counts.done - before };
}

t.test('a live session takes the rung this machine keeps up with, and declares what it waits', async (t) => {
  const full = await live(t, 40);
  t.match(full, { min: 20e6, told: [], warnings: [] });
  const half = await live(t, 21);
  t.match(half, { min: 60e6, told: [{ every: 2, model: 'standin', rows: 21, wanted: 25 }], warnings: [] });
  const quarter = await live(t, 8);
  t.match(quarter, { min: 140e6, told: [{ every: 4, rows: 8 }], warnings: [] });
  const slow = await live(t, 5);
  t.match(slow.told, [{ every: 4 }]);
  t.match(slow.warnings, [
    /standin makes 5\.0 pictures a second here \(cpu\), 25 are shown, one in 4 of them/,
  ]);
  const forced = await live(t, 21, 'rate=full');
  t.match(forced, { min: 20e6, told: [], warnings: [/makes 21\.0 pictures a second .* the mouth rests/] });
  for (const { seen } of [full, half, quarter, slow])
    t.same(
      framesOf(seen).map(({ pts }) => pts! / 40e6),
      [0, 1, 2, 3, 4],
    );
});

t.test('what is rendered has all its mouths inferred, unless it is told otherwise', async (t) => {
  const { timing } = model;
  t.teardown(() => {
    model.timing = timing;
  });
  model.timing = { median: 5, p99: 5, rows: 1 };
  const one = async (more: string) => {
    const { p, told, warnings } = launch(range(8).map(window), more);
    t.teardown(() => p.close());
    const before = sharedPool().counts.done;
    await Promise.all([p.finished(), p.play()]);
    return [sharedPool().counts.done - before, told.map(({ every }) => every), warnings];
  };
  t.same(await one(''), [8, [], []]);
  t.same(await one('rate=half'), [4, [2], []]);
});
