/**
 * Eight sessions that speak with one model at once: they share its weights and its batches, and none sees that of its
 * mouths that others were made beside them.
 */
import { statSync } from 'node:fs';
import t from 'tap';
import LipsyncFilter from '../../elements/lipsyncfilter.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool, readManifest, sharedPool } from '../../src/inference/index.js';
import { PooledModel } from '../../src/inference/model.js';
import { patchLength } from '../../src/lipsync/blend.js';
import { native } from '../../src/native.js';
import { closeVoices } from '../../src/voice/index.js';
import { putAvatar } from '../support/drawnavatar.js';
import { gc } from '../support/gc.js';
import { framesOf, gate, record, registerRig, script, until } from '../support/script.js';
import { spoken } from '../support/tinyliprun.js';

registerRig();
register(LipsyncFilter);
t.teardown(() => closeSharedPool());
t.teardown(closeVoices);

const CAPS =
  'other/tensors,format=static,num_tensors=1,types=float32,dimensions=(string)16:80:1:1,framerate=25/1';
const SESSIONS = 8;
const WINDOWS = 16;
/** Windows of each session that are done when all hold still. */
const HELD = 4;
const side = 96;

const folder = t.testdir();
await putAvatar(folder, 'one', { width: 96, height: 80, frames: 5, side: 40 });
const { windows } = await spoken('Every morning the old sailor walked along the harbour.', 'flite/slt');
const { path } = await readManifest('tinylip');
const weights = statSync(path).size;

/** Each time a thread loads the weights of a model. */
let loads = 0;
const { open } = PooledModel.prototype;
PooledModel.prototype.open = function (...args) {
  loads++;
  return open.apply(this, args);
};
t.teardown(() => {
  PooledModel.prototype.open = open;
});

/** What session `i` says: each begins somewhere else. */
const speech = (i: number) =>
  Array.from({ length: WINDOWS }, (_, n) => {
    const mel = windows[(10 + n + 5 * i) % windows.length]!;
    return { data: new Uint8Array(mel.slice().buffer), pts: n * 40e6, duration: 40e6 };
  });

interface Spoken {
  /** The patches of each session. */
  readonly patches: readonly (readonly Uint8Array[])[];
  /** Bytes that malloc had handed out when all sessions were in the middle of their speech. */
  readonly memory: number;
  /** Frames, and the runs they were made in. */
  readonly done: number;
  readonly batches: number;
}

/** Has sessions speak at once. */
async function speak(sessions: readonly number[], batch: number): Promise<Spoken> {
  const hold = gate();
  const { done, batches } = sharedPool().counts;
  const all = sessions.map((i) => {
    const { name, seen } = record();
    const lines = speech(i);
    const p = Pipeline.launch(
      `scriptsrc script=${script([...lines.slice(0, HELD), hold.wait, ...lines.slice(HELD)])} caps="${CAPS}" ! lipsyncfilter model=tinylip avatar=${folder}/one batch-size=${batch} ! recsink record=${name}`,
    );
    return { p, seen };
  });
  try {
    const finished = all.map(({ p }) => p.finished());
    await Promise.all(all.map(({ p }) => p.play()));
    await until(() => all.every(({ seen }) => seen.length === HELD));
    await gc();
    const memory = native.memory() ?? 0;
    hold.open();
    await Promise.all(finished);
    const { counts } = sharedPool();
    const patches = all.map(({ seen }) => framesOf(seen).map(({ data }) => data));
    return { patches, memory, done: counts.done - done, batches: counts.batches - batches };
  } finally {
    await Promise.all(all.map(({ p }) => p.close()));
  }
}

/** The largest difference of two patches: in levels of what is seen, and in steps of the flow. */
function apart(one: Uint8Array, other: Uint8Array): { levels: number; flow: number } {
  const [begin, end] = [3 * side * side, 7 * side * side];
  let levels = 0;
  for (let i = 0; i < one.length; i++)
    if (i < begin || i >= end) levels = Math.max(levels, Math.abs(one[i]! - other[i]!));
  const [a, b] = [one, other].map((bytes) => new Int16Array(bytes.slice(begin, end).buffer));
  const flow = a!.reduce((most, v, i) => Math.max(most, Math.abs(v - b![i]!)), 0);
  return { levels, flow };
}

const everybody = Array.from({ length: SESSIONS }, (_, i) => i);
// The first session of a process pays for much that all others share; the second is what one costs.
await speak([0], 1);
const alone: Spoken[] = [];
for (const i of everybody) alone.push(await speak([i], 1));
const lone = alone.map(({ patches }) => patches[0]!);

const together = await speak(everybody, 1);

t.test('eight sessions load the weights no more often than one', async (t) => {
  t.equal(loads, sharedPool().threads.length, 'once for each thread of the pool, in all sessions so far');
  t.ok(weights > 3e6);
  // What a session holds itself is its pipeline and the pictures in it, of which this test keeps copies.
  const kept = HELD * patchLength({ size: side, layers: true });
  const each = (together.memory - alone.at(-1)!.memory) / (SESSIONS - 1) - kept;
  const mb = (bytes: number) => (bytes / 1e6).toFixed(2);
  t.comment(`${mb(each)} MB for each further session, the weights have ${mb(weights)} MB`);
  t.ok(each < weights, 'and have no copy of them');
});

t.test('mouths made one by one are the same to the byte, whoever else speaks', async (t) => {
  const { patches, done, batches } = together;
  t.equal(done, SESSIONS * WINDOWS);
  t.equal(batches, done);
  for (const i of everybody) {
    t.equal(patches[i]!.length, WINDOWS);
    t.equal(Buffer.compare(Buffer.concat(patches[i]!), Buffer.concat(lone[i]!)), 0, `session ${i}`);
  }
  t.not(
    Buffer.compare(Buffer.concat(lone[0]!), Buffer.concat(lone[1]!)),
    0,
    'though each says something else',
  );
});

t.test('batches are mouths of several sessions, and no mouth differs by more than a level', async (t) => {
  const { patches, done, batches } = await speak(everybody, 8);
  t.equal(done, SESSIONS * WINDOWS);
  t.comment(`${done} mouths in ${batches} runs`);
  t.ok(batches <= done / 2);
  const off = everybody.flatMap((i) => patches[i]!.map((patch, n) => apart(patch, lone[i]![n]!)));
  const levels = Math.max(...off.map((one) => one.levels));
  const flow = Math.max(...off.map((one) => one.flow));
  t.comment(`${levels} levels and ${flow} steps of 1/16384 at most`);
  t.ok(levels <= 1);
  t.ok(flow <= 2);
});
