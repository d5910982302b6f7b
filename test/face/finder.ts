/** The nets that find faces, on people whose mouths are known. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openAvatar } from '../../src/avatar/index.js';
import { around, FaceFinder, mouthOpening, overlap, PARTS, partOf } from '../../src/face/index.js';
import { AVATAR_COLOUR } from '../../src/picture/colour.js';
import { pictureIn } from '../../src/picture/picture.js';
import { besides, grey } from '../support/film.js';

const yunet = join(fileURLToPath(import.meta.url), '../../../../../shared/data/yunet.onnx');
t.setTimeout(120_000);

const seen = (data: Uint8Array, width: number, height: number) => ({
  picture: pictureIn(data, width, height),
  colour: AVATAR_COLOUR,
});

for (const [name, detector] of [
  ['the detector that comes with the package', undefined],
  ['YuNet', yunet],
] as const) {
  t.test(
    name,
    { skip: detector !== undefined && !existsSync(detector) && `${detector} is missing` },
    async (t) => {
      const finder = await FaceFinder.open(detector === undefined ? {} : { detector });
      t.teardown(() => finder.close());
      for (const who of ['ava', 'max', 'drawn']) {
        const avatar = await openAvatar(who);
        t.teardown(() => avatar.close());
        for (const frame of [0, 40, 110]) {
          const here = seen(avatar.data(frame), avatar.width, avatar.height);
          const faces = await finder.faces(here);
          t.equal(faces.length, 1, `${who} ${frame}: one face`);
          const found = await finder.points(here, faces[0]!.box);
          const again = await finder.points(here, around(found));
          const box = avatar.box(frame);
          const lips = around(partOf(again, 'outerLips'));
          t.ok(overlap(around(again), faces[0]!.box) > 0.4, 'the points lie in it');
          t.ok(
            Math.abs(lips.x + lips.w / 2 - box.x - box.w / 2) < 0.02 * box.w,
            'the lips are in the middle of the box',
          );
          t.ok(mouthOpening(again) < 0.1, `closed lips are seen as ${mouthOpening(again).toFixed(3)}`);
        }
      }
      const [ava, max] = [await openAvatar('ava'), await openAvatar('max')];
      t.teardown(() => [ava, max].map((one) => one.close()));
      const two = await finder.faces(seen(besides([ava, max], 0, 800, 600), 800, 600));
      t.equal(two.length, 2, 'two people are two faces');
      t.ok(Math.abs(two[0]!.box.x - two[1]!.box.x) > 250, 'beside each other');
      t.same(await finder.faces(seen(grey(320, 200), 320, 200)), [], 'nobody is none');
    },
  );
}

t.test('a file that is no YuNet is refused by what is missing', async (t) => {
  const tinylip = join(fileURLToPath(import.meta.url), '../../../../models/tinylip/tinylip.onnx');
  await t.rejects(FaceFinder.open({ detector: tinylip }), {
    code: 'stream/format',
    message: /no YuNet.*cls_8/,
  });
  await t.rejects(FaceFinder.open({ detector: '/no/such/file.onnx' }), { code: 'stream/format' });
});

t.test('the 68 points are all in one part', async (t) => {
  t.equal(
    Object.values(PARTS).reduce((sum, [from, to]) => sum + to - from, 0),
    68,
  );
});
