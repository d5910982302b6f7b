/** Bringing lips together, on mouths whose shape is known. */
import t from 'tap';
import { closeMouth, closing } from '../../../src/avatar/create/close.js';
import { findParting, mouthOpening } from '../../../src/face/index.js';
import { AVATAR_COLOUR } from '../../../src/picture/colour.js';
import { pictureIn } from '../../../src/picture/picture.js';
import { asPicture, type Gap, mouthPoints, paintedMouth, SIDE } from '../../support/paintedmouth.js';

async function closed(gap: Gap) {
  const open = await paintedMouth(gap);
  const points = mouthPoints(gap);
  const parting = findParting(pictureIn(asPicture(open), SIDE, SIDE), AVATAR_COLOUR, points);
  const data = Buffer.from(open);
  closeMouth({ data, width: SIDE, height: SIDE }, { parting, points, opening: mouthOpening(points) });
  return { open, data, points };
}

/** Pixels whose green is above that of skin: teeth. */
const teeth = (rgb: Buffer) => {
  let count = 0;
  for (let i = 1; i < rgb.length; i += 3) if (rgb[i]! > 200) count++;
  return count;
};

/** Red lip pixels in the middle column. */
const lip = (rgb: Buffer) => {
  let count = 0;
  for (let row = 0; row < SIDE; row++) {
    const at = 3 * (row * SIDE + SIDE / 2);
    if (rgb[at]! - rgb[at + 1]! > 80) count++;
  }
  return count;
};

t.test(
  'no tooth is left, the lips keep their height, and nothing moves above the nose or below the chin',
  async (t) => {
    const { open, data } = await closed({ upper: -4, lower: 8 });
    t.ok(teeth(open) > 400);
    t.equal(teeth(data), 0);
    // The rim of the lips and the shade between them are taken from 32 rows.
    t.ok(Math.abs(lip(data) - 32) <= 8, `${lip(data)} of 32 rows are lip`);
    const rows = (from: number, to: number) =>
      Buffer.compare(
        open.subarray(3 * SIDE * from, 3 * SIDE * to),
        data.subarray(3 * SIDE * from, 3 * SIDE * to),
      );
    t.equal(rows(0, 88), 0);
    t.equal(rows(202, SIDE), 0);
  },
);

t.test('beyond the corners nothing moves', async (t) => {
  const { open, data } = await closed({ upper: -4, lower: 8 });
  const changed = new Set<number>();
  for (let i = 0; i < open.length; i++) if (open[i] !== data[i]) changed.add(Math.floor(i / 3) % SIDE);
  t.ok(Math.min(...changed) >= 80 && Math.max(...changed) < 160);
});

t.test('a closed mouth is left as it is, and between closed and open there is no step', async (t) => {
  const { open, data } = await closed({ upper: 1, lower: 1 });
  t.same(data, open);
  t.same(
    [0.05, 0.08, 0.12, 0.3].map((opening) => closing({ opening })),
    [0, 0, 1, 1],
  );
  t.ok(closing({ opening: 0.1 }) > 0.4 && closing({ opening: 0.1 }) < 0.6);
});
