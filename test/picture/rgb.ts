import t from 'tap';
import { AVATAR_COLOUR, yuvToRgb } from '../../src/picture/colour.js';
import { pictureBytes, pictureIn, rgbPicture } from '../../src/picture/picture.js';
import { rgbOf } from '../../src/picture/rgb.js';

const [width, height] = [38, 26];

/** Colours that RGB has, and that a quarter of a cell of chroma can tell. */
function some(): Uint8Array {
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < rgb.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    rgb[i] = 60 + ((((x >> 1) * 37 + (y >> 1) * 61 + (i % 3) * 29) * 7) % 140);
  }
  return rgb;
}

t.test('there and back is the same to the level that bytes have', async (t) => {
  const data = rgbPicture(some(), width, height);
  const again = rgbPicture(rgbOf(pictureIn(data, width, height), AVATAR_COLOUR), width, height);
  const off = data.map((level, i) => Math.abs(level - again[i]!));
  t.ok(Math.max(...off) <= 1, `off by ${Math.max(...off)}`);
});

t.test('every colour coding is followed, and what is out of range is held', async (t) => {
  const data = new Uint8Array(pictureBytes(2, 2));
  const picture = pictureIn(data, 2, 2);
  for (const colour of [AVATAR_COLOUR, { matrix: 'bt709', range: 'pc', siting: 'left' } as const]) {
    for (const [y, u, v] of [
      [16, 128, 128],
      [235, 128, 128],
      [120, 90, 200],
      [255, 255, 255],
      [0, 0, 0],
    ] as const) {
      for (const [p, level] of [y, u, v].entries()) picture.planes[p]!.fill(level);
      const m = yuvToRgb(colour);
      const exact = [0, 3, 6].map((r) =>
        Math.min(255, Math.max(0, m[r]! * (y - m[9]!) + m[r + 1]! * (u - m[10]!) + m[r + 2]! * (v - m[11]!))),
      );
      const rgb = rgbOf(picture, colour);
      t.ok(
        exact.every((value, c) => Math.abs(value - rgb[c]!) <= 0.51),
        `${colour.matrix} ${y} ${u} ${v}`,
      );
    }
  }
});
