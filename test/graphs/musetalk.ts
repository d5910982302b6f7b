/** From LiveTalking's folders to a video of a MuseTalk, by the command line. */
import { mkdirSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { importModels } from '../../src/checkpoint/index.js';
import { run as talkgraph } from '../../src/cli/main.js';
import { closeSharedPool, toHalves } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { torchArchive } from '../checkpoint/support/archive.js';
import { putWeights, tinyWhisper } from '../checkpoint/support/musetalk.js';
import { list, long, pickle, storage, tensor, tuple } from '../checkpoint/support/pickles.js';
import { putAvatar } from '../support/drawnavatar.js';
import { latentOf } from '../support/latentavatar.js';
import { renders } from '../support/renders.js';
import { registerRig } from '../support/script.js';
import { fakeTerminal } from '../support/terminal.js';

registerRig();
t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

const folder = t.testdir();
await putAvatar(folder, 'one', { width: 320, height: 320, frames: 3, side: 180 });

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
    await renders(t, folder, 'muse', 'latent');
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
