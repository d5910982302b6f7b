import t from 'tap';
import { colourOf, rgbToYuv, yuvToRgb } from '../../src/picture/colour.js';

t.test('there and back is where it was', async (t) => {
  for (const matrix of ['bt601', 'bt709'] as const) {
    for (const range of ['tv', 'pc'] as const) {
      const f = rgbToYuv({ matrix, range });
      const b = yuvToRgb({ matrix, range });
      const rgb = [200, 31, 77];
      const yuv = [0, 1, 2].map((r) => rgb.reduce((sum, v, c) => sum + f[3 * r + c]! * v, f[9 + r]!));
      const again = [0, 1, 2].map((r) => yuv.reduce((sum, v, c) => sum + b[3 * r + c]! * (v - b[9 + c]!), 0));
      for (const [c, v] of rgb.entries()) t.ok(Math.abs(again[c]! - v) < 1e-9);
    }
  }
});

t.test('white and black keep their levels in every coding', async (t) => {
  for (const matrix of ['bt601', 'bt709'] as const) {
    for (const range of ['tv', 'pc'] as const) {
      const m = rgbToYuv({ matrix, range });
      const luma = (level: number) => m[9]! + (m[0]! + m[1]! + m[2]!) * level;
      t.ok(Math.abs(luma(255) - (range === 'tv' ? 235 : 255)) < 1e-9);
      t.equal(luma(0), range === 'tv' ? 16 : 0);
      t.ok(Math.abs(m[3]! + m[4]! + m[5]!) < 1e-9);
      t.ok(Math.abs(m[6]! + m[7]! + m[8]!) < 1e-9);
    }
  }
});

t.test('reads caps, and falls back as GStreamer does', async (t) => {
  t.same(colourOf({ height: 512 }), { matrix: 'bt601', range: 'tv', siting: 'centre' });
  t.same(colourOf({ height: 720 }), { matrix: 'bt709', range: 'tv', siting: 'left' });
  t.same(colourOf({ height: 96, colorimetry: 'bt709', 'chroma-site': 'mpeg2' }), {
    matrix: 'bt709',
    range: 'tv',
    siting: 'left',
  });
  t.same(colourOf({ height: 1080, colorimetry: '1:4:0:0', 'chroma-site': 'jpeg' }), {
    matrix: 'bt601',
    range: 'pc',
    siting: 'centre',
  });
  t.equal(colourOf({ height: 1080, colorimetry: '2:3:5:1' }).matrix, 'bt709');
});
