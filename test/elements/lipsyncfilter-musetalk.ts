/**
 * The family MuseTalk in lipsyncfilter: latents of the avatar instead of its pixels, and a machine that is too slow.
 */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import LipsyncFilter from '../../elements/lipsyncfilter.js';
import { openAvatar } from '../../src/avatar/index.js';
import { importModel } from '../../src/checkpoint/index.js';
import { register, type TimedFrame } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool, readManifest, sharedPool } from '../../src/inference/index.js';
import { PATCH_BYTES } from '../../src/lipsync/patchbytes.js';
import { putWeights } from '../checkpoint/support/musetalk.js';
import { noise } from '../checkpoint/support/noise.js';
import { boxOf, putAvatar } from '../support/drawnavatar.js';
import { latentOf, putLatents } from '../support/latentavatar.js';
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
  'other/tensors,format=static,num_tensors=1,types=float32,dimensions=(string)384:50:1:1,framerate=25/1';
const drawn = { width: 96, height: 80, frames: 3, side: 40 };
const folder = t.testdir();
await putAvatar(folder, 'one', drawn);
putLatents(join(folder, 'one'), drawn.frames);
await putAvatar(folder, 'bare', drawn);
const unet = putWeights(join(folder, 'unet.pth'), 'unet');
const vae = putWeights(join(folder, 'vae.bin'), 'vae');
await importModel(unet, { name: 'muse', folder, vae });
const manifest = await readManifest(join(folder, 'muse'));
/** The model as the element loads it. */
const model = await sharedPool().load(manifest, {
  providers: ['cuda', 'cpu'],
  outputs: ['rgb'],
  finish: PATCH_BYTES,
});

const audio = (n: number) => Float32Array.from(noise(50 * 384, 11 + n), (one) => (one / 65537) * 4 - 2);
const window = (n: number): TimedFrame => ({
  data: new Uint8Array(audio(n).buffer),
  pts: n * 40e6,
  duration: 40e6,
});

function launch(lines: Iterable<Line>, { avatar = 'one', live = false, caps = CAPS, net = 'muse' } = {}) {
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc is-live=${live} script=${script(lines)} caps="${caps}" ! lipsyncfilter name=lip model=${folder}/${net} avatar=${folder}/${avatar} ! recsink sync=${live} record=${name}`,
  );
  const warnings: string[] = [];
  p.on('warning', ({ message }) => warnings.push(message));
  return { p, seen, warnings };
}

async function run(
  lines: Iterable<Line>,
  how?: Parameters<typeof launch>[1],
): Promise<{ seen: Seen[]; warnings: string[] }> {
  const { p, seen, warnings } = launch(lines, how);
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
  }
  return { seen, warnings };
}

t.test('the patch is what the model says of window and latent', async (t) => {
  const frames = framesOf((await run([0, 1, 2, 3].map(window))).seen);
  t.equal(frames.length, 4);
  for (const [n, frame] of [0, 1, 2, 2].entries()) {
    const { data, metas } = frames[n]!;
    const want = await model.infer({ inputs: { audio: audio(n), latent: latentOf(frame) } });
    t.equal(data.length, 3 * 256 * 256);
    t.equal(Buffer.compare(data, want), 0, `picture ${n}`);
    const meta = metas!['TalkgraphPatch']!;
    t.match(meta, { avatar: `${folder}/one`, frame, crop: 'musetalk', layers: false });
    t.ok(Math.abs((meta['x'] as number) - boxOf(drawn, frame)[0]!) < 0.002);
  }
});

t.test('an avatar without latents is refused, one that is changed to rests its mouth', async (t) => {
  await t.rejects(run([window(0)], { avatar: 'bare' }), {
    code: 'resource/settings',
    message: /muse paints in latents, and the avatar .*bare has none/,
  });
  const { seen, warnings } = await run([
    window(0),
    mark('avatar', { name: `${folder}/bare`, pts: 40e6, counter: 0 }),
    window(1),
    window(2),
    mark('avatar', { name: `${folder}/one`, pts: 120e6, counter: 0 }),
    window(3),
  ]);
  t.same(
    framesOf(seen).map(({ gap }) => gap === true),
    [false, true, true, false],
  );
  t.match(warnings, [/paints in latents/], 'and it is said once');
});

t.test('latents that are not those of the avatar are refused', async (t) => {
  const at = join(folder, 'one', 'latents.f16');
  const whole = readFileSync(at);
  truncateSync(at, whole.length - 2);
  await t.rejects(openAvatar(`${folder}/one`), {
    code: 'stream/format',
    message: /its latents should be 49152 bytes in .*latents\.f16, which has 49150/,
  });
  writeFileSync(at, whole);
  const avatar = await openAvatar(`${folder}/one`);
  t.same(await avatar.latent(2), latentOf(2));
  truncateSync(at, whole.length - 2);
  await t.rejects(avatar.latent(2)!, { code: 'resource/read', message: /became shorter/ });
  writeFileSync(at, whole);
  avatar.close();
});

t.test('features of another kind are refused', async (t) => {
  const mel = CAPS.replace('384:50', '16:80');
  await t.rejects(run([window(0)], { caps: mel }), {
    message: /hears whisper features of 384:50, not of 16:80/,
  });
});

t.test('a live session says once that the machine is too slow, another one does not', async (t) => {
  const { timing } = model;
  t.teardown(() => {
    model.timing = timing;
  });
  model.timing = { median: 8000, p99: 8000, rows: 0.25 };
  const live = async () => {
    const hold = gate();
    const { p, seen, warnings } = launch([window(0), hold.wait, window(1), window(2)], { live: true });
    t.teardown(() => p.close());
    await p.play();
    await until(() => framesOf(seen).length === 1 && p.latency()?.live === true);
    t.ok(p.latency()!.min <= 1.2e9, 'and does not hold the voice up for long');
    hold.open();
    await until(() => framesOf(seen).length === 3);
    return warnings;
  };
  const warnings = await live();
  await until(() => warnings.length > 0);
  t.match(warnings, [
    /muse makes 0\.3 pictures a second here \(cpu\), 25 are shown, one in 4 of them its own: the mouth rests/,
  ]);
  t.same((await run([window(0)])).warnings, [], 'what is rendered has time');
  model.timing = { median: 20, p99: 20, rows: 50 };
  t.same(await live(), []);
});

t.test('the other families do not ask for latents', async (t) => {
  putStandIn(folder);
  const caps = CAPS.replace('384:50', '16:80');
  const mel: TimedFrame = { data: new Uint8Array(4 * 1280), pts: 0, duration: 40e6 };
  const { seen, warnings } = await run([mel], { avatar: 'bare', net: 'standin', caps });
  t.equal(framesOf(seen).length, 1);
  t.same(warnings, []);
});
