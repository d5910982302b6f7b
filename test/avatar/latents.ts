/** Latents of an avatar: made once for each frame, and read when they are wanted. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkAvatar, hashPackage, openAvatar } from '../../src/avatar/index.js';
import { makeLatents } from '../../src/avatar/making.js';
import { importModel } from '../../src/checkpoint/index.js';
import { toFloats, toHalves } from '../../src/inference/half.js';
import { closeSharedPool, readManifest, sharedPool } from '../../src/inference/index.js';
import { putWeights } from '../checkpoint/support/musetalk.js';
import { putAvatar } from '../support/drawnavatar.js';
import { sameBytes } from '../support/samebytes.js';
import { putStandIn } from '../support/standin.js';

t.teardown(() => closeSharedPool());
const root = t.testdir();
const drawn = { width: 96, height: 80, frames: 3, side: 40 };
await putAvatar(root, 'one', drawn);
const vae = putWeights(join(root, 'vae.bin'), 'vae');
await importModel(putWeights(join(root, 'unet.pth'), 'unet'), { name: 'muse', folder: root, vae });
const muse = await readManifest(join(root, 'muse'));
const files = () => readdirSync(join(root, 'one')).sort();
const text = () => readFileSync(join(root, 'one', 'avatar.yaml'), 'utf8');

t.test('an abort leaves the avatar as it was', async (t) => {
  const [before, yaml] = [files(), text()];
  const control = new AbortController();
  const progress = () => control.abort(new Error('enough'));
  await t.rejects(makeLatents('one', muse, { root, signal: control.signal, progress }), {
    message: 'enough',
  });
  t.same(files(), before);
  t.equal(text(), yaml);
});

t.test('each frame gets the latent of its face', async (t) => {
  const yaml = text();
  writeFileSync(join(root, 'one', 'avatar.yaml'), `${yaml}sha256: ${await hashPackage(join(root, 'one'))}\n`);
  const seen: number[] = [];
  const made = await makeLatents('one', muse, { root, progress: (done, total) => seen.push(done, total) });
  t.same(made, { folder: join(root, 'one'), frames: 3, cut: false });
  t.same(seen, [1, 3, 2, 3, 3, 3]);
  t.same(files(), ['0.png', '1.png', '2.png', 'avatar.yaml', 'latents.f16']);
  const lines = text().split('\n');
  t.ok(
    yaml
      .trim()
      .split('\n')
      .every((line) => lines.includes(line)),
    'all else in its manifest stays',
  );
  const findings = await checkAvatar('one', { root });
  t.notOk(
    findings.some(({ severity }) => severity === 'error'),
    'the hash is that of what is there now',
  );
  const avatar = await openAvatar('one', { root });
  t.teardown(() => avatar.close());
  const encoder = await sharedPool().load(muse.latents!);
  for (const frame of [0, 1, 2]) {
    const { latent } = await encoder.infer({ inputs: { face: avatar.face(frame, 256) } });
    sameBytes(t, await avatar.latent(frame), toFloats(toHalves(latent as Float32Array)), `frame ${frame}`);
  }
  const [first, last] = [await avatar.latent(0), await avatar.latent(2)];
  t.ok(
    first?.some((value, i) => value !== last?.[i]),
    'each its own',
  );
});

t.test('a model that is shown pixels needs none, one that lacks its encoder cannot make any', async (t) => {
  const standIn = await readManifest(join(putStandIn(root), 'standin'));
  await t.rejects(makeLatents('one', standIn, { root }), {
    code: 'resource/settings',
    message: /standin is shown pixels and needs no latents/,
  });
  const bare = { ...standIn, name: 'muse', family: 'musetalk' };
  await t.rejects(makeLatents('one', bare, { root }), {
    code: 'resource/settings',
    message: /muse was imported without what makes latents: import it again, with --vae-encoder/,
  });
});
