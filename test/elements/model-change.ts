/**
 * Another model takes over while one speaks: at a frame, without a gap, with its own features, and the weights of the one
 * before go. One that cannot is refused, and everything stays.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import FeatExtract from '../../elements/featextract.js';
import LipsyncFilter from '../../elements/lipsyncfilter.js';
import PasteBackMix from '../../elements/pastebackmix.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool, sharedPool } from '../../src/inference/index.js';
import { putAvatar } from '../support/drawnavatar.js';
import { putEars } from '../support/ears.js';
import { constant, model, node } from '../support/onnx.js';
import {
  audio,
  framesOf,
  type Line,
  mark,
  record,
  registerRig,
  type Seen,
  script,
  scriptOf,
} from '../support/script.js';
import { putStandIn } from '../support/standin.js';

registerRig();
for (const element of [FeatExtract, LipsyncFilter, PasteBackMix]) register(element);
t.teardown(() => closeSharedPool());

/** Samples of a video frame. */
const FRAME = 640;
/** Frames at least, and behind the answer, and at most. */
const FRAMES = 90;
const BEHIND = 50;
const MOST = 20_000;
/** The frame behind which the change is asked for. */
const ASKED = 12;

const folder = t.testdir();
process.env['TALKGRAPH_MODELS'] = folder;
await putAvatar(folder, 'one', { width: 96, height: 80, frames: 3, side: 40 });
const [small, large] = [join(folder, 'small'), join(folder, 'large')].map((at, i) =>
  join(putStandIn(at, 16 + 8 * i), 'standin'),
) as [string, string];
/** As `large`, but its windows begin elsewhere. */
const later = join(putStandIn(join(folder, 'later'), 24), 'standin');
writeFileSync(
  join(later, 'model.yaml'),
  `${readFileSync(join(later, 'model.yaml'), 'utf8').replace('-80', '0')}`,
);
await putEars(folder, 'ave');
const other = putAve(20);

/** A model of 20 pixels that hears `ave` features: grey, the lighter the louder. */
function putAve(size: number): string {
  const onnx = model({
    nodes: [
      node('Slice', ['face', 'zero', 'three', 'one'], 'ref'),
      node('ReduceMean', ['audio'], 'mean', { axes: [1, 2, 3], keepdims: 1 }),
      node('Mul', ['ref', 'mean'], 'lit'),
      node('Sigmoid', ['lit'], 'out'),
    ],
    constants: [
      constant('zero', [1], [0], 'int64'),
      constant('three', [1], [3], 'int64'),
      constant('one', [1], [1], 'int64'),
    ],
    inputs: { audio: [32, 16, 16], face: [6, size, size] },
    outputs: { out: [3, size, size] },
  });
  const at = join(folder, 'other');
  mkdirSync(at);
  writeFileSync(join(at, 'other.onnx'), onnx);
  writeFileSync(
    join(at, 'model.yaml'),
    `name: other
family: ultralight
file: other.onnx
sha256: ${createHash('sha256').update(onnx).digest('hex')}
licence: ours
size: ${size}
features: ave
window-offset-ms: 0
inputs: { audio: [32, 16, 16], face: [6, ${size}, ${size}] }
outputs: { out: [3, ${size}, ${size}] }
`,
  );
  return at;
}

/** Speech without a pause, until `over` says how many frames there are; `ask` is done behind frame ASKED. */
function* speech(ask: () => void, over: (n: number) => boolean): Generator<Line> {
  yield mark('utterance-start', { id: 'u', pts: 0 });
  let n = 0;
  for (; !over(n) && n < MOST; n++) {
    const first = n * FRAME;
    const wave = (_: unknown, i: number) =>
      4000 * Math.sin((first + i) / 7) + 900 * Math.sin((first + i) ** 2);
    yield audio(Int16Array.from({ length: FRAME }, wave), first);
    yield async () => {
      if (n === ASKED) ask();
      await turn();
    };
  }
  yield mark('utterance-end', { id: 'u', pts: n * 40e6 });
}

interface Outcome {
  readonly patches: Seen[];
  readonly pictures: Seen[];
  readonly told: Readonly<Record<string, unknown>>[];
  readonly warnings: string[];
  /** The property when all is over. */
  readonly name: unknown;
}

/** Speaks with `from`, and asks for `to` in between. */
async function change(from: string, to: string, frames = FRAMES): Promise<Outcome> {
  const [patches, pictures] = [record(), record()];
  const told: Outcome['told'] = [];
  const warnings: string[] = [];
  let answered = Number.POSITIVE_INFINITY;
  const over = (n: number): boolean => {
    if (from === to) return n >= frames;
    if (told.length > 0) answered = Math.min(answered, n);
    return n >= Math.max(FRAMES, answered + BEHIND);
  };
  const lines = () => speech(() => p.element('lip').set('model', to), over);
  const p: Pipeline = Pipeline.launch(
    `scriptsrc script=${scriptOf(lines)} caps="audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000"
     ! featextract name=ears model=${from} ! lipsyncfilter name=lip model=${from} avatar=${folder}/one
     ! tee name=t ! queue ! recsink record=${patches.name} t. ! queue ! pastebackmix avatar=${folder}/one ! recsink record=${pictures.name}`,
  );
  p.on('mark', ({ name, fields }) => name === 'model' && told.push(fields));
  p.on('warning', ({ message }) => warnings.push(message));
  try {
    await Promise.all([p.finished(), p.play()]);
    return {
      patches: patches.seen,
      pictures: pictures.seen,
      told,
      warnings,
      name: p.element('lip').get('model'),
    };
  } finally {
    await p.close();
  }
}

/** Sides of the patches, as often as they change. */
function sides(t: Test, { patches, pictures }: Outcome): number[] {
  const frames = framesOf(patches);
  t.ok(frames.length >= FRAMES && frames.length < MOST, `${frames.length} frames`);
  t.same(
    frames.map(({ pts }) => pts),
    frames.map((_, n) => n * 40e6),
    'no gap and no jump in time',
  );
  t.ok(
    frames.every(({ gap }) => gap !== true),
    'no mouth rests',
  );
  t.same(
    framesOf(pictures).map(({ pts }) => pts),
    frames.map(({ pts }) => pts),
    'a picture for each of them',
  );
  const all = frames.map(({ data }) => Math.sqrt(data.length / 3));
  return all.filter((side, n) => side !== all[n - 1]);
}

/** Names of the models that threads hold. */
const held = (): string[] =>
  [...new Set(sharedPool().threads.flatMap(({ keys }) => [...keys]))].map(
    (key) => JSON.parse(key)[0] as string,
  );

t.test('a model that hears the same takes over with a frame', async (t) => {
  const outcome = await change(small, large);
  t.same(sides(t, outcome), [16, 24]);
  t.same(outcome.told, [{ name: large }]);
  t.equal(outcome.name, large);
  t.same(outcome.warnings, []);
  t.notOk(held().includes(join(small, 'standin.onnx')), 'the weights of the one before are gone');
  t.ok(held().includes(join(large, 'standin.onnx')), 'its own stay for the next session');
});

t.test('weights that another session speaks with stay', async (t) => {
  const p = Pipeline.launch(
    `scriptsrc is-live=true script=${script([() => new Promise(() => undefined)])} caps="other/tensors,format=static,num_tensors=1,types=float32,dimensions=(string)16:80:1:1,framerate=25/1" ! lipsyncfilter model=${small} avatar=${folder}/one ! fakesink async=false`,
  );
  await p.play();
  await change(small, large);
  t.ok(held().includes(join(small, 'standin.onnx')));
  await p.close();
});

for (const [title, to, side] of [
  ['hears at another time', later, 24],
  ['hears something else', other, 20],
] as const) {
  t.test(`a model that ${title} takes over with its own features`, async (t) => {
    const outcome = await change(small, to);
    t.same(sides(t, outcome), [16, side]);
    t.same(outcome.told, [{ name: to }]);
    const marks = outcome.patches.filter((seen) => seen.kind === 'event' && seen.name === 'talkgraph/model');
    t.equal(marks.length, 1);
    const at = outcome.patches.indexOf(marks[0]!);
    const before = framesOf(outcome.patches.slice(0, at));
    t.ok(before.length > ASKED - 6 && before.every(({ data }) => data.length === 3 * 16 * 16));
    const own = await change(to, to, framesOf(outcome.patches).length);
    const [alone, taken] = [own, outcome].map(({ patches }) => framesOf(patches).slice(before.length + 30));
    t.ok(taken!.length > 0);
    t.same(taken, alone, 'and makes of what follows what it would have made anyway');
  });
}

t.test('back from other features', async (t) => {
  t.same(sides(t, await change(other, small)), [20, 16]);
});

for (const [title, to, message] of [
  ['is not there', join(folder, 'nowhere'), /The model stays .*small.*, .*nowhere is not taken: .*nowhere/],
  ['has latents that the avatar lacks', 'paints', /talkgraph avatar latents/],
] as const) {
  t.test(`a model that ${title} is refused, and the old one goes on`, async (t) => {
    if (to === 'paints') putPainter();
    const outcome = await change(small, to);
    t.same(sides(t, outcome), [16]);
    t.equal(outcome.name, small, 'the property says who speaks');
    t.match(outcome.told, [{ name: small, refused: to, message }]);
    t.match(outcome.warnings, [message]);
  });
}

t.test('a model whose features cannot be made is refused', async (t) => {
  rmSync(join(folder, 'ave'), { recursive: true });
  const outcome = await change(small, other);
  t.same(sides(t, outcome), [16]);
  t.equal(outcome.name, small);
  t.match(outcome.warnings, [/The model stays .*small.* is not taken: .*no encoder that makes them/]);
  t.notOk(held().includes(join(other, 'other.onnx')), 'what was loaded for it is let go');
});

/** A model that would be shown latents. */
function putPainter(): void {
  const onnx = model({
    nodes: [
      node('ReduceMean', ['audio'], 'mean', { axes: [1, 2], keepdims: 1 }),
      node('Slice', ['latent', 'zero', 'three', 'one'], 'first'),
      node('Unsqueeze', ['mean', 'one'], 'deep'),
      node('Mul', ['first', 'deep'], 'few'),
      node('Resize', ['few', '', 'scales'], 'out'),
    ],
    constants: [
      constant('zero', [1], [0], 'int64'),
      constant('one', [1], [1], 'int64'),
      constant('three', [1], [3], 'int64'),
      constant('scales', [4], [1, 1, 8, 8]),
    ],
    inputs: { audio: [50, 384], latent: [8, 2, 2] },
    outputs: { out: [3, 16, 16] },
  });
  mkdirSync(join(folder, 'paints'));
  writeFileSync(join(folder, 'paints', 'paints.onnx'), onnx);
  writeFileSync(
    join(folder, 'paints', 'model.yaml'),
    `name: paints
family: musetalk
file: paints.onnx
licence: ours
size: 16
features: whisper
window-offset-ms: 0
inputs: { audio: [50, 384], latent: [8, 2, 2] }
outputs: { out: [3, 16, 16] }
`,
  );
}
