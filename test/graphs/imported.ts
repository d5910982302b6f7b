/** Models that were imported, in the elements and in a whole render. */
import { mkdirSync, rmSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import LipsyncFilter from '../../elements/lipsyncfilter.js';
import { openAvatar } from '../../src/avatar/index.js';
import { importModel, importModels } from '../../src/checkpoint/index.js';
import { run as talkgraph } from '../../src/cli/main.js';
import { register, type TimedFrame } from '../../src/element/index.js';
import { PACKAGE } from '../../src/graph/find.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool, toHalves } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { torchArchive } from '../checkpoint/support/archive.js';
import { putWeights, tinyWhisper } from '../checkpoint/support/musetalk.js';
import { list, long, pickle, storage, tensor, tuple } from '../checkpoint/support/pickles.js';
import { putAvatar } from '../support/drawnavatar.js';
import { putEars } from '../support/ears.js';
import { latentOf } from '../support/latentavatar.js';
import { framesOf, record, registerRig, script } from '../support/script.js';
import { fakeTerminal } from '../support/terminal.js';

registerRig();
register(LipsyncFilter);
t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

const fixtures = join(PACKAGE, 'test', 'fixtures', 'checkpoint');
const folder = t.testdir();
await putAvatar(folder, 'one', { width: 320, height: 320, frames: 3, side: 180 });

/** Patches of four windows of noise. */
async function patches(model: string, dimensions: string): Promise<{ data: Uint8Array; layers: unknown }[]> {
  const length = dimensions.split(':').reduce((product, dim) => product * Number(dim), 1);
  const windows = Array.from({ length: 4 }, (_, n): TimedFrame => {
    const floats = Float32Array.from({ length }, (_, i) => Math.sin(i * (n + 1)) * 2 - 1);
    return { data: new Uint8Array(floats.buffer), pts: n * 40e6, duration: 40e6 };
  });
  const { name, seen } = record();
  const caps = `other/tensors,format=static,num_tensors=1,types=float32,dimensions=(string)${dimensions},framerate=25/1`;
  const p = Pipeline.launch(
    `scriptsrc script=${script(windows)} caps="${caps}" ! lipsyncfilter model=${folder}/${model} avatar=${folder}/one ! recsink record=${name}`,
  );
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return framesOf(seen).map(({ data, metas }) => ({ data, layers: metas?.['TalkgraphPatch']?.['layers'] }));
}

for (const { name, dimensions, size } of [
  { name: 'wav2lip-96-legacy', dimensions: '16:80:1:1', size: 96 },
  { name: 'ultralight-hubert', dimensions: '32:32:16:1', size: 160 },
]) {
  t.test(`${name}: bytes in the graph and floats from TypeScript make the same patch`, async (t) => {
    await importModel(join(fixtures, `${name}.pth`), { name: `${name}-bytes`, folder });
    await importModel(join(fixtures, `${name}.onnx`), { name: `${name}-floats`, folder });
    const bytes = await patches(`${name}-bytes`, dimensions);
    const floats = await patches(`${name}-floats`, dimensions);
    t.same([bytes.length, floats.length], [4, 4]);
    for (const [n, { data, layers }] of bytes.entries()) {
      t.equal(data.length, 3 * size * size);
      t.equal(layers, false);
      const worst = data.reduce((most, v, i) => Math.max(most, Math.abs(v - floats[n]!.data[i]!)), 0);
      // Folding rounds differently, and where a value lies next to a whole level the cut goes either way.
      t.ok(worst <= 1, `patch ${n} differs by ${worst} levels`);
      const spread = Math.max(...data) - Math.min(...data);
      t.ok(spread > 50, `and is a picture (${spread} levels)`);
    }
    t.not(Buffer.compare(bytes[0]!.data, bytes[3]!.data), 0, 'it hears');
  });
}

t.test('features of another kind are refused with what would be right', async (t) => {
  await t.rejects(patches('ultralight-hubert-bytes', '16:80:1:1'), {
    message:
      /The model ultralight-hubert-bytes hears hubert features of 32:32:16, not of 16:80; give featextract/,
  });
});

/** A render of a word or two; the picture is where the net painted, and nowhere else. */
async function renders(t: Test, model: string, face = 'one'): Promise<void> {
  const location = join(folder, `${model}.mp4`);
  const terminal = fakeTerminal();
  const exit = await talkgraph(
    [
      'launch',
      '-q',
      join(PACKAGE, 'graphs', 'render.yaml'),
      'text=Oh, my.',
      `model=${folder}/${model}`,
      `avatar=${folder}/${face}`,
      `location=${location}`,
    ],
    terminal,
  );
  t.equal(exit, 0, terminal.written.err);
  const pictures = await picturesOf(location);
  t.ok(pictures.length > 15, `${pictures.length} pictures`);
  const avatar = await openAvatar(join(folder, face));
  t.teardown(() => avatar.close());
  const change = (part: (picture: Uint8Array) => Uint8Array) =>
    pictures.map((picture, n) => difference(part(picture), part(avatar.data(avatar.index(n)))));
  const [above, below] = [change(upperHalf), change(lowerHalf)];
  t.ok(Math.max(...above) < 0.5, `above the mouth all is as it was: ${above.map((x) => x.toFixed(2))}`);
  t.ok(
    Math.min(...below) > 4 * Math.max(...above),
    `below every picture shows what the net painted: ${below.map((x) => x.toFixed(2))}`,
  );
  rmSync(location);
}

t.test('a render with an imported model, from the command line', async (t) => {
  await renders(t, 'wav2lip-96-legacy-bytes');
});

t.test('a render with a model that hears through an imported encoder', async (t) => {
  process.env['TALKGRAPH_MODELS'] = folder;
  t.teardown(() => delete process.env['TALKGRAPH_MODELS']);
  await putEars(folder, 'hubert');
  await renders(t, 'ultralight-hubert-bytes');
});

t.test(
  'checkpoints of MuseTalk and Whisper and an avatar of LiveTalking, each imported, make a video',
  async (t) => {
    process.env['TALKGRAPH_MODELS'] = folder;
    t.teardown(() => delete process.env['TALKGRAPH_MODELS']);
    const from = join(folder, 'checkpoints');
    mkdirSync(join(from, 'whisper'), { recursive: true });
    mkdirSync(join(from, 'sd-vae'));
    putWeights(join(from, 'unet.pth'), 'unet');
    putWeights(join(from, 'sd-vae', 'diffusion_pytorch_model.bin'), 'vae');
    putWeights(join(from, 'whisper', 'model.safetensors'), 'whisper', { shapes: tinyWhisper() });
    const made = await importModels(from, { name: 'muse', folder });
    t.same(
      made.map(({ title }) => title),
      ['MuseTalk', 'Whisper encoder (tiny)'],
    );
    process.env['TALKGRAPH_AVATARS'] = folder;
    t.teardown(() => delete process.env['TALKGRAPH_AVATARS']);
    t.equal(
      await talkgraph(['avatar', 'import', await museTalkFolder(), '--id', 'latent'], fakeTerminal()),
      0,
    );
    await renders(t, 'muse', 'latent');
  },
);

/** The avatar `one` as LiveTalking's generator for MuseTalk writes it; the mask is the lower half of the box. */
async function museTalkFolder(): Promise<string> {
  const live = join(folder, 'muse-live');
  await cp(join(folder, 'one'), join(live, 'full_imgs'), { recursive: true });
  await rm(join(live, 'full_imgs', 'avatar.yaml'));
  mkdirSync(join(live, 'mask'));
  const [left, top, side, margin] = [70, 138, 180, 10];
  const around = [left - margin, top - margin, left + side + margin, 320];
  const [width, height] = [around[2]! - around[0]!, around[3]! - around[1]!];
  const grey = Buffer.alloc(width * height);
  for (let y = margin + side / 2; y < margin + side; y++) {
    grey.fill(255, y * width + margin, y * width + margin + side);
  }
  const halves = [0, 1, 2].map((n) => toHalves(latentOf(n)));
  for (const n of [0, 1, 2]) {
    await sharp(grey, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(join(live, 'mask', `${n}.png`));
  }
  // Left, top, right, bottom, another one for each frame.
  const rows = (edges: readonly number[], step: number) =>
    pickle(
      list(
        ...[0, 1, 2].map((n) => tuple(...edges.map((edge, i) => long(edge + (i % 2 === 0 ? step * n : 0))))),
      ),
    );
  await writeFile(join(live, 'coords.pkl'), rows([left, top, left + side, top + side], 1));
  await writeFile(join(live, 'mask_coords.pkl'), rows(around, 1));
  const shape = [1, 8, 32, 32];
  const tensors = halves.map((_, key) =>
    tensor({ from: storage(String(key), 8192, 'HalfStorage'), shape, stride: [8192, 1024, 32, 1] }),
  );
  const blocks = halves.map((half, key) => [String(key), new Uint8Array(half.buffer)]);
  await writeFile(
    join(live, 'latents.pt'),
    torchArchive(pickle(list(...tensors)), Object.fromEntries(blocks)),
  );
  return live;
}

t.test('an avatar of LiveTalking and a checkpoint, each imported, make a video', async (t) => {
  const live = join(folder, 'live');
  await cp(join(folder, 'one'), join(live, 'full_imgs'), { recursive: true });
  await rm(join(live, 'full_imgs', 'avatar.yaml'));
  // Top, bottom, left, right, as the wav2lip generator writes them: a box that is no square.
  const [top, bottom, left, right] = [100, 260, 90, 210];
  const rows = [0, 1, 2].map((n) => tuple(...[top, bottom, left + n, right + n].map(long)));
  await writeFile(join(live, 'coords.pkl'), pickle(list(...rows)));
  process.env['TALKGRAPH_AVATARS'] = join(folder, 'avatars');
  t.teardown(() => delete process.env['TALKGRAPH_AVATARS']);
  t.equal(await talkgraph(['avatar', 'import', live, '--id', 'lisa'], fakeTerminal()), 0);
  const location = join(folder, 'lisa.mp4');
  const words = [
    `model=${folder}/wav2lip-96-legacy-bytes`,
    'avatar=lisa',
    'text=Hello there.',
    `location=${location}`,
  ];
  t.equal(
    await talkgraph(['launch', '-q', join(PACKAGE, 'graphs', 'render.yaml'), ...words], fakeTerminal()),
    0,
  );
  const pictures = await picturesOf(location);
  const avatar = await openAvatar('lisa');
  t.teardown(() => avatar.close());
  t.ok(pictures.length > 15);
  const changed = (picture: Uint8Array, n: number, rows: [number, number], columns: [number, number]) => {
    const rest = avatar.data(avatar.index(n));
    let sum = 0;
    for (let y = rows[0]; y < rows[1]; y++) {
      for (let x = columns[0]; x < columns[1]; x++)
        sum += Math.abs(picture[y * 320 + x]! - rest[y * 320 + x]!);
    }
    return sum / ((rows[1] - rows[0]) * (columns[1] - columns[0]));
  };
  const inside = pictures.map((picture, n) => changed(picture, n, [190, 240], [110, 190]));
  const beside = pictures.map((picture, n) => changed(picture, n, [190, 240], [10, 85]));
  t.ok(
    Math.min(...inside) > 4,
    `in its box every picture shows what the net painted: ${inside.map(Math.round)}`,
  );
  t.ok(Math.max(...beside) < 2, `beside it all is as it was: ${beside.map(Math.round)}`);
  rmSync(location);
});

/** How red rows of an I420 picture are: a part of its last plane. */
const redness = (picture: Uint8Array, from: number, to: number) =>
  picture.slice(320 * 320 * 1.25).slice(from * 160, to * 160);
/** Above the mouth, and where it is. */
const upperHalf = (picture: Uint8Array) => redness(picture, 0, 100);
const lowerHalf = (picture: Uint8Array) => redness(picture, 118, 155);

/** The pictures of a file, I420. */
async function picturesOf(location: string): Promise<Uint8Array[]> {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `filesrc location="${location}" ! qtdemux ! h264parse ! avdec_h264 ! videoconvert ! video/x-raw,format=I420 ! recsink record=${name}`,
  );
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return framesOf(seen).map(({ data }) => data);
}

function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / a.length;
}
