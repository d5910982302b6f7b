import t from 'tap';
import { packFace } from '../../../src/lipsync/families/wav2lip.js';
import { unpackPatch } from '../../../src/lipsync/unpack.js';
import { sameBytes } from '../../support/samebytes.js';

const layout = { size: 6, colour: 'BGR', quantise: 'truncate' } as const;
const crop = Uint8Array.from({ length: 108 }, (_, i) => (i * 53) % 256);

t.test('packs the masked face before the whole one, blue first, as 0..1', async (t) => {
  const face = packFace(layout, crop, 'RGB');
  t.equal(face.length, 216);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < 36; i++) {
      const want = Math.fround(crop[3 * i + 2 - channel]! / 255);
      t.equal(face[(3 + channel) * 36 + i], want);
      t.equal(face[channel * 36 + i], i < 18 ? want : 0);
    }
  }
  t.same(packFace({ ...layout, colour: 'RGB' }, crop, 'BGR'), face);
  t.throws(() => packFace(layout, crop.subarray(1), 'RGB'), /6x6 pixels but received 107/);
});

t.test('masks the larger half of an odd size, as S//2 does', async (t) => {
  const face = packFace({ ...layout, size: 5 }, new Uint8Array(75).fill(255), 'BGR');
  t.equal(face.subarray(0, 25).filter((v) => v === 1).length, 10);
});

t.test('unpacks to RGB bytes, cut or rounded, and holds the ends', async (t) => {
  const out = new Float32Array(108);
  out.set([0.999, 0.5, 1.2, -0.1, 1, 0]);
  const patch = new Uint8Array(108);
  unpackPatch(layout, out, patch);
  t.same(
    [2, 5, 8, 11, 14, 17].map((i) => patch[i]),
    [254, 127, 255, 0, 255, 0],
  );
  unpackPatch({ ...layout, quantise: 'round' }, out, patch);
  t.same(
    [2, 5, 8, 11, 14, 17].map((i) => patch[i]),
    [255, 128, 255, 0, 255, 0],
  );
  unpackPatch({ ...layout, colour: 'RGB' }, out, patch);
  t.equal(patch[0], 254);
  t.throws(() => unpackPatch(layout, out.subarray(1), patch), /Expected 108 numbers/);
});

t.test('a net that returns its reference gives the crop back byte for byte when rounded', async (t) => {
  for (const colour of ['BGR', 'RGB'] as const) {
    const rounded = { size: 6, colour, quantise: 'round' } as const;
    const patch = new Uint8Array(108);
    unpackPatch(rounded, packFace(rounded, crop, 'RGB').subarray(108), patch);
    sameBytes(t, patch, crop);
  }
});
