import t from 'tap';
import { blendPatches, patchLength } from '../../src/lipsync/blend.js';
import { noise } from '../checkpoint/support/noise.js';
import { blended } from '../support/blended.js';

/** A patch of noise in which a quarter of the cells are not painted, as nets and their packing leave it. */
function patch(size: number, layers: boolean, seed: number): Uint8Array {
  const area = size * size;
  const bytes = Uint8Array.from(noise(patchLength({ size, layers }), seed), (one) => one & 255);
  if (!layers) return bytes;
  for (let i = 0; i < area; i++) {
    if (bytes[i]! >= 64 && bytes[7 * area + i]! > 0) continue;
    bytes[7 * area + i] = 0;
    bytes.fill(0, 8 * area + 3 * i, 8 * area + 3 * i + 3);
  }
  return bytes;
}

for (const [size, layers] of [
  [9, false],
  [9, true],
  [96, true],
] as const) {
  t.test(`a patch of ${size} cells ${layers ? 'with' : 'without'} layers, between two others`, async (t) => {
    const layout = { size, layers };
    const [one, other] = [patch(size, layers, 1), patch(size, layers, 2)];
    for (const [step, every] of [
      [1, 2],
      [1, 4],
      [2, 4],
      [3, 4],
    ] as const) {
      const out = blendPatches(layout, one, other, { step, every });
      t.equal(
        Buffer.compare(out, blended(size, layers, [one, other], step / every)),
        0,
        `${step} of ${every}`,
      );
      t.equal(Buffer.compare(blendPatches(layout, one, one, { step, every }), one), 0, 'of two equal ones');
    }
  });
}

t.test('a colour that only one of the two paints stays that colour', async (t) => {
  const layout = { size: 1, layers: true };
  const [shut, open] = [new Uint8Array(11), new Uint8Array(11)];
  open.set([90, 180, 40, 10], 7);
  const out = blendPatches(layout, shut, open, { step: 1, every: 2 });
  t.same([...out.subarray(7)], [45, 180, 40, 10]);
});

t.test('memory is used again where it fits', async (t) => {
  const layout = { size: 9, layers: false };
  const [one, other] = [patch(9, false, 1), patch(9, false, 2)];
  const into = new Uint8Array(243);
  const way = { step: 1, every: 2 };
  t.equal(blendPatches(layout, one, other, way, into), into);
  t.not(blendPatches(layout, one, other, way, into.subarray(1)), into);
  t.throws(() => blendPatches(layout, one.subarray(1), other, way), {
    message: 'Expected patches of 243 bytes but received 242 and 243.',
  });
});
