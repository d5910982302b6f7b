import t from 'tap';
import {
  copyPicture,
  cropPicture,
  fitInto,
  type Picture,
  pictureBytes,
  pictureIn,
  scalePicture,
} from '../../src/picture/picture.js';
import { copyOf, crop, difference, draw, waves } from '../support/scene.js';

const colour = { matrix: 'bt601', range: 'tv', siting: 'centre' } as const;

t.test('lays planes out as GStreamer does, odd sizes too', async (t) => {
  t.equal(pictureBytes(512, 512), 393_216);
  t.equal(pictureBytes(319, 241), 320 * 242 + 2 * 160 * 121);
  const odd = pictureIn(new Uint8Array(pictureBytes(321, 3)), 321, 3);
  t.same(odd.strides, [324, 164, 164]);
  t.equal(odd.planes[2].length, 164 * 2);
  t.throws(() => pictureIn(new Uint8Array(10), 4, 4), /Expected 32 bytes for 4x4/);
});

t.test('copies between different strides and leaves the padding alone', async (t) => {
  const from = draw(waves, 37, 23, colour);
  const plane = (stride: number, rows: number) => new Uint8Array(stride * rows).fill(7);
  const to: Picture = {
    width: 37,
    height: 23,
    planes: [plane(50, 23), plane(31, 12), plane(19, 12)],
    strides: [50, 31, 19],
  };
  copyPicture(to, from);
  t.equal(
    difference(to, from, () => true),
    0,
  );
  t.equal(to.planes[0][37], 7);
  t.equal(to.planes[1][30], 7);
  t.throws(() => copyPicture(to, draw(waves, 36, 23, colour)), /Expected a 37x23 picture/);
});

t.test('refuses planes that are too short for what they claim', async (t) => {
  const good = draw(waves, 32, 32, colour);
  const short: Picture = { ...good, planes: [good.planes[0].subarray(1), good.planes[1], good.planes[2]] };
  t.throws(() => copyPicture(short, good), /Expected plane 0/);
  t.throws(() => copyPicture(good, { ...good, strides: [16, 16, 16] }), /stride 16/);
});

t.test('scales a smooth picture to what it would be at that size', async (t) => {
  for (const [width, height] of [
    [200, 150],
    [77, 59],
    [160, 120],
  ] as const) {
    const from = draw((x, y) => waves((x * 512) / 160, (y * 512) / 160), 160, 120, colour);
    const want = draw((x, y) => waves((x * 512) / width, (y * 512) / width), width, height, colour);
    const to = copyOf(want);
    for (const p of to.planes) p.fill(0);
    scalePicture(to, from, { x: 0, y: 0, w: width, h: (width * 120) / 160 });
    const inner = (x: number, y: number) => x > 4 && y > 4 && x < width - 4 && y < height - 4;
    t.ok(difference(to, want, inner) <= 3, `${width}x${height}: ${difference(to, want, inner)}`);
  }
});

t.test('letterboxes with black bars and covers every byte', async (t) => {
  const to = draw(() => [255, 0, 0], 101, 67, colour);
  const from = draw(() => [200, 200, 200], 30, 60, colour);
  const box = fitInto(to, from);
  t.same(box, { x: 33.75, y: 0, w: 33.5, h: 67 });
  scalePicture(to, from, box);
  t.equal(to.planes[0][10], 16);
  t.equal(to.planes[1][3], 128);
  t.equal(to.planes[0][50], Math.round(16 + (219 / 255) * 200));
  t.equal(to.planes[0][90], 16);
  scalePicture(to, from, box, 0);
  t.equal(to.planes[0][10], 0);
});

t.test('crops the square the scene has there, in every coding', async (t) => {
  for (const matrix of ['bt601', 'bt709'] as const) {
    for (const siting of ['centre', 'left'] as const) {
      for (const box of [
        { x: 50.3, y: 41.7, w: 170.6, h: 170.6 },
        { x: 100, y: 60, w: 51, h: 51 },
      ]) {
        const colour = { matrix, range: 'tv', siting } as const;
        const got = cropPicture(draw(waves, 319, 241, colour), box, 96, 'BGR', colour);
        const want = crop(waves, box, 96, 'BGR');
        let worst = 0;
        for (let i = 0; i < want.length; i++) worst = Math.max(worst, Math.abs(want[i]! - got[i]!));
        t.ok(worst <= 3, `${matrix} ${siting}: off by ${worst}`);
      }
    }
  }
});

t.test('repeats the edge where a crop leaves the picture', async (t) => {
  const picture = draw(() => [200, 100, 50], 40, 40, colour);
  const got = cropPicture(picture, { x: -30, y: 25, w: 60, h: 60 }, 24, 'RGB', colour);
  for (let i = 0; i < got.length; i += 3) {
    t.ok(Math.abs(got[i]! - 200) <= 1 && Math.abs(got[i + 1]! - 100) <= 1 && Math.abs(got[i + 2]! - 50) <= 1);
  }
});
