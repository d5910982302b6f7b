/** Where the lips part, on mouths whose shape is known. */
import t from 'tap';
import { edgeAt, findParting, gapOf, mouthOpening } from '../../src/face/index.js';
import { AVATAR_COLOUR } from '../../src/picture/colour.js';
import { pictureIn } from '../../src/picture/picture.js';
import { asPicture, type Gap, mouthPoints, paintedMouth, SIDE } from '../support/paintedmouth.js';

const WIDTH = 80;

async function parting(gap: Gap, off: number, teeth?: string) {
  const data = asPicture(await paintedMouth(gap, teeth));
  return findParting(pictureIn(data, SIDE, SIDE), AVATAR_COLOUR, mouthPoints(gap, off));
}

for (const [what, teeth] of [
  ['teeth', '#f2efe8'],
  ['a dark mouth', '#200c10'],
] as const) {
  for (const off of [-3, 0, 3]) {
    t.test(`${what}: the edges are found to half a pixel, though the points are ${off} px off`, async (t) => {
      const gap = { upper: -5, lower: 7 };
      const { upper, lower } = await parting(gap, off, teeth);
      for (const s of [0.3, 0.5, 0.7]) {
        const up = edgeAt(upper, s) * WIDTH - 4 * s * (1 - s) * gap.upper;
        const down = edgeAt(lower, s) * WIDTH - 4 * s * (1 - s) * gap.lower;
        t.ok(
          Math.abs(up) < 0.6 && Math.abs(down) < 0.8,
          `at ${s}: ${up.toFixed(2)} and ${down.toFixed(2)} px`,
        );
      }
    });
  }
}

t.test('a closed mouth has what gap the points see', async (t) => {
  const gap = { upper: 1, lower: 1 };
  t.ok(gapOf(await parting(gap, 0)) < 0.01);
  t.ok(mouthOpening(mouthPoints(gap)) < 0.01);
  t.ok(mouthOpening(mouthPoints({ upper: -4, lower: 4 })) > 0.08);
});
