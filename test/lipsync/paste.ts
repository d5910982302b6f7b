import t from 'tap';
import { mouthMask } from '../../src/lipsync/paste.js';
import type { Colour } from '../../src/picture/colour.js';
import type { Box } from '../../src/picture/picture.js';
import { copyOf, crop, difference, draw, pastePatch, type Scene, waves } from '../support/scene.js';

const size = 96;
const mask = mouthMask(size);
const colours: Colour[] = [
  { matrix: 'bt601', range: 'tv', siting: 'centre' },
  { matrix: 'bt709', range: 'tv', siting: 'left' },
  { matrix: 'bt601', range: 'pc', siting: 'left' },
  { matrix: 'bt709', range: 'pc', siting: 'centre' },
];
const boxes: Box[] = [
  { x: 100.37, y: 81.9, w: 170.5, h: 170.5 },
  { x: 57, y: 33, w: 61, h: 83 },
  { x: 3.5, y: -40.2, w: 240, h: 240 },
  { x: 210, y: 150, w: 140.25, h: 140.25 },
];
const inside = (box: Box, margin: number) => (x: number, y: number) =>
  x > box.x - margin && x < box.x + box.w + margin && y > box.y - margin && y < box.y + box.h + margin;

/** The scene with a bright disc in the middle of the lower half of the box: something a mouth could do. */
const opened =
  (scene: Scene, box: Box): Scene =>
  (x, y) => {
    const [r, g, b] = scene(x, y);
    const d = Math.hypot(x - box.x - box.w / 2, y - box.y - box.h * 0.72) / box.w;
    const k = Math.max(0, Math.min(1, (0.16 - d) / 0.08));
    return [r + k * (235 - r), g + k * (60 - g), b + k * (70 - b)];
  };

t.test('a patch equal to its reference leaves every byte of the picture as it is', async (t) => {
  for (const colour of colours) {
    for (const box of boxes) {
      const before = draw(waves, 319, 241, colour);
      const after = copyOf(before);
      const patch = crop(waves, box, size);
      const bgr = crop(waves, box, size, 'BGR');
      pastePatch(after, { patch, size, box, mask, colour, reference: { data: bgr, order: 'BGR' } });
      t.equal(
        difference(after, before, () => true),
        0,
      );
    }
  }
});

t.test('touches nothing outside the mask, at odd boxes and over the edges of the picture', async (t) => {
  for (const colour of colours) {
    for (const box of boxes) {
      for (const withReference of [true, false]) {
        const before = draw(waves, 319, 241, colour);
        const after = copyOf(before);
        const patch = crop(opened(waves, box), box, size);
        const reference = withReference ? { data: crop(waves, box, size), order: 'RGB' as const } : undefined;
        pastePatch(after, { patch, size, box, mask, colour, ...(reference ? { reference } : {}) });
        t.equal(
          difference(after, before, (x, y) => !inside(box, 2)(x, y)),
          0,
        );
        t.equal(
          difference(after, before, (_, y) => y < box.y + 0.41 * box.h),
          0,
          'the upper part stays',
        );
        t.ok(difference(after, before, inside(box, 0)) > 20);
      }
    }
  }
});

t.test(
  'what is pasted is where it belongs, luma and chroma, for every matrix, range and siting',
  async (t) => {
    for (const colour of colours) {
      for (const box of boxes.slice(0, 3)) {
        const scene = opened(waves, box);
        const want = draw(scene, 319, 241, colour);
        const after = draw(waves, 319, 241, colour);
        pastePatch(after, {
          patch: crop(scene, box, size),
          size,
          box,
          mask,
          colour,
          reference: { data: crop(waves, box, size), order: 'RGB' },
        });
        const centre = (x: number, y: number) =>
          Math.hypot(x - box.x - box.w / 2, y - box.y - box.h * 0.72) < 0.25 * box.w;
        t.ok(difference(after, want, centre) <= 9, `off by ${difference(after, want, centre)}`);
      }
    }
  },
);

t.test('the picture keeps detail that the small patch cannot hold', async (t) => {
  const box = { x: 60, y: 30, w: 200, h: 200 };
  const fine: Scene = (x, y) => waves(x, y).map((v) => v + (Math.round(x) % 2 ? 12 : -12)) as never;
  const colour = colours[0]!;
  const before = draw(fine, 320, 240, colour);
  const after = copyOf(before);
  // The model saw the picture without the stripes and returned it a little brighter all over.
  const reference = crop(waves, box, size);
  const patch = reference.map((v) => v + 2);
  pastePatch(after, { patch, size, box, mask, colour, reference: { data: reference, order: 'RGB' } });
  t.ok(difference(after, before, () => true) <= 2, `off by ${difference(after, before, () => true)}`);
});

t.test('takes a colour cast off, different left and right', async (t) => {
  const box = { x: 60, y: 30, w: 180, h: 180 };
  const colour = colours[1]!;
  const before = draw(waves, 320, 240, colour);
  const after = copyOf(before);
  const reference = crop(waves, box, size);
  const patch = reference.map((v, i) => v + Math.round(3 + (6 * (Math.floor(i / 3) % size)) / size));
  pastePatch(after, { patch, size, box, mask, colour, reference: { data: reference, order: 'RGB' } });
  t.ok(difference(after, before, () => true) <= 2, `off by ${difference(after, before, () => true)}`);
});

t.test('fades evenly, and a fade of zero does nothing', async (t) => {
  const box = boxes[0]!;
  const colour = colours[0]!;
  const before = draw(waves, 319, 241, colour);
  const patch = crop(opened(waves, box), box, size);
  const reference = { data: crop(waves, box, size), order: 'RGB' } as const;
  const at = (fade: number) => {
    const after = copyOf(before);
    pastePatch(after, { patch, size, box, mask, colour, reference, fade });
    return after;
  };
  const full = at(1);
  const half = at(0.5);
  t.equal(
    difference(at(0), before, () => true),
    0,
  );
  for (const [p, plane] of half.planes.entries()) {
    let worst = 0;
    for (let i = 0; i < plane.length; i++) {
      worst = Math.max(worst, Math.abs(plane[i]! - (full.planes[p]![i]! + before.planes[p]![i]!) / 2));
    }
    t.ok(worst <= 1, `plane ${p}: ${worst}`);
  }
});

t.test('shrinks a patch that is larger than its box without dropping pixels', async (t) => {
  const large = 256;
  const box = { x: 100.5, y: 70.25, w: 64, h: 64 };
  const colour = colours[0]!;
  const scene = opened(waves, box);
  const after = draw(waves, 319, 241, colour);
  // A checkerboard on top of the scene must average away.
  const patch = crop(scene, box, large).map(
    (v, i) => v + (((Math.floor(i / 3) % large) + Math.floor(i / 3 / large)) % 2 ? 16 : -16),
  );
  pastePatch(after, { patch, size: large, box, mask: mouthMask(large), colour });
  const want = draw(scene, 319, 241, colour);
  const centre = (x: number, y: number) => Math.hypot(x - 132.5, y - 116) < 14;
  t.ok(difference(after, want, centre) <= 8, `off by ${difference(after, want, centre)}`);
});

t.test('a box that misses the picture changes nothing', async (t) => {
  const colour = colours[0]!;
  const before = draw(waves, 64, 64, colour);
  const after = copyOf(before);
  const patch = new Uint8Array(3 * size * size).fill(255);
  pastePatch(after, { patch, size, box: { x: 300, y: -400, w: 50, h: 50 }, mask, colour });
  pastePatch(after, { patch, size, box: { x: 10, y: 10, w: 0.2, h: 0.2 }, mask, colour });
  t.ok(difference(after, before, (x, y) => x > 12 || y > 12) === 0);
});

t.test('says what is wrong with its arguments', async (t) => {
  const colour = colours[0]!;
  const picture = draw(waves, 64, 64, colour);
  const patch = new Uint8Array(3 * size * size);
  const box = { x: 0, y: 0, w: 10, h: 10 };
  t.throws(() => pastePatch(picture, { patch, size: 97, box, mask, colour }), /97x97 pixels/);
  t.throws(
    () => pastePatch(picture, { patch, size, box: { ...box, w: 0 }, mask, colour }),
    /box with an extent/,
  );
  t.throws(
    () => pastePatch(picture, { patch, size, box: { ...box, x: Number.NaN }, mask, colour }),
    /box with an extent/,
  );
});

t.test('the mouth mask is soft, lies in the lower part and spares the outermost pixels', async (t) => {
  for (const side of [96, 160, 256]) {
    const m = mouthMask(side);
    for (let i = 0; i < side; i++) {
      t.equal(m[i], 0);
      t.equal(m[i * side], 0);
      t.equal(m[i * side + side - 1], 0);
      t.ok(m[(side - 1) * side + i]! < 3);
    }
    t.equal(m[Math.floor(0.72 * side) * side + side / 2], 255);
    const column = Array.from({ length: side - 1 }, (_, y) =>
      Math.abs(m[(y + 1) * side + side / 2]! - m[y * side + side / 2]!),
    );
    t.ok(Math.max(...column) < 255 * 2 * (1.5 / (0.07 * side)), 'no hard step');
  }
});
