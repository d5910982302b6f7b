/** Models that were imported, in the elements and in a whole render. */
import { rmSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import LipsyncFilter from '../../elements/lipsyncfilter.js';
import { openAvatar } from '../../src/avatar/index.js';
import { importModel } from '../../src/checkpoint/index.js';
import { run as talkgraph } from '../../src/cli/main.js';
import { register, type TimedFrame } from '../../src/element/index.js';
import { PACKAGE } from '../../src/graph/find.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { list, long, pickle, tuple } from '../checkpoint/support/pickles.js';
import { putAvatar } from '../support/drawnavatar.js';
import { putEars } from '../support/ears.js';
import { picturesOf, renders } from '../support/renders.js';
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

t.test('a render with an imported model, from the command line', async (t) => {
  await renders(t, folder, 'wav2lip-96-legacy-bytes');
});

t.test('a render with a model that hears through an imported encoder', async (t) => {
  process.env['TALKGRAPH_MODELS'] = folder;
  t.teardown(() => delete process.env['TALKGRAPH_MODELS']);
  await putEars(folder, 'hubert');
  await renders(t, folder, 'ultralight-hubert-bytes');
});

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
