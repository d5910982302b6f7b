/** Boxes of any size and place: the kernels write where they may and nowhere else (run under ASan, read as well). */

import t from 'tap';
import { layerBytes } from '../../src/lipsync/layers.js';
import { mouthMask } from '../../src/lipsync/paste.js';
import { cropPicture, scalePicture } from '../../src/picture/picture.js';
import fc from '../support/fastcheck.js';
import { copyOf, difference, draw, pastePatch, warpPatch, waves } from '../support/scene.js';

const colour = { matrix: 'bt709', range: 'tv', siting: 'left' } as const;
const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const place = fc.record({
  x: double(-300, 300),
  y: double(-300, 300),
  w: double(0.05, 700),
  h: double(0.05, 700),
});
const shape = fc.record({ width: fc.integer({ min: 1, max: 75 }), height: fc.integer({ min: 1, max: 61 }) });
const side = fc.constantFrom(8, 12, 32);
const fade = double(0, 1);

t.test('a pasted patch stays inside its box', async () => {
  fc.assert(
    fc.property(shape, place, side, fade, fc.boolean(), ({ width, height }, box, size, fade, plain) => {
      const before = draw(waves, width, height, colour);
      const after = copyOf(before);
      const patch = Uint8Array.from({ length: 3 * size * size }, (_, i) => (i * 37) % 256);
      const data = patch.map((v) => 255 - v);
      const reference = plain ? {} : { reference: { data, order: 'RGB' as const } };
      const mask = plain ? new Uint8Array(size * size).fill(255) : mouthMask(size);
      pastePatch(after, { patch, size, box, mask, fade, colour, ...reference });
      // Chroma covers two pixels, so what is beside the box by less than that may change colour.
      const outside = (x: number, y: number) =>
        x < box.x - 2 || y < box.y - 2 || x > box.x + box.w + 2 || y > box.y + box.h + 2;
      return difference(after, before, outside) === 0;
    }),
    { numRuns: 300 },
  );
});

t.test('moved and painted pixels stay inside the box, wherever they come from', async () => {
  fc.assert(
    fc.property(shape, place, side, fade, fc.integer(), ({ width, height }, box, size, fade, seed) => {
      const before = draw(waves, width, height, colour);
      const after = copyOf(before);
      const layers = Uint8Array.from(
        { length: layerBytes(size) },
        (_, i) => Math.imul(i + 1, seed | 1) >>> 24,
      );
      const mask = new Uint8Array(size * size).fill(255);
      warpPatch(after, { layers, size, box, mask, fade, colour });
      const outside = (x: number, y: number) =>
        x < box.x - 2 || y < box.y - 2 || x > box.x + box.w + 2 || y > box.y + box.h + 2;
      return difference(after, before, outside) === 0;
    }),
    { numRuns: 300 },
  );
});

t.test('a crop of a flat picture is flat, wherever it lies', async () => {
  fc.assert(
    fc.property(shape, place, side, ({ width, height }, box, size) => {
      const grey = draw(() => [140, 140, 140], width, height, colour);
      return cropPicture(grey, box, size, 'BGR', colour).every((v) => Math.abs(v - 140) <= 2);
    }),
    { numRuns: 300 },
  );
});

t.test('a scaled flat picture is flat inside its rectangle and black outside', async () => {
  fc.assert(
    fc.property(shape, shape, place, (to, from, box) => {
      const out = draw(waves, to.width, to.height, colour);
      scalePicture(
        out,
        draw(() => [255, 255, 255], from.width, from.height, colour),
        box,
      );
      const [luma] = out.planes;
      for (let y = 0; y < to.height; y++) {
        for (let x = 0; x < to.width; x++) {
          const inside =
            x + 0.5 > box.x && y + 0.5 > box.y && x + 0.5 < box.x + box.w && y + 0.5 < box.y + box.h;
          if (Math.abs(luma[y * out.strides[0] + x]! - (inside ? 235 : 16)) > 1) return false;
        }
      }
      return true;
    }),
    { numRuns: 300 },
  );
});
