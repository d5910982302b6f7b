import t from 'tap';
import { fromMel, melBands, toMel } from '../../src/features/melbands.js';

t.test('the scale is linear to 1 kHz, logarithmic above, and goes both ways', async (t) => {
  t.equal(toMel(400), 6);
  t.equal(toMel(1000), 15);
  t.ok(Math.abs(toMel(6400) - 42) < 1e-12);
  for (const hz of [55, 999, 1001, 7600]) t.ok(Math.abs(fromMel(toMel(hz)) - hz) < 1e-9);
});

t.test('each triangle has unit area in Hz where the bins resolve it', async (t) => {
  const bands = melBands(80, 55, 7600, 800, 16_000);
  t.equal(bands.from, 3);
  t.ok(bands.to < 380);
  for (const band of [60, 70, 79]) {
    let sum = 0;
    for (let w = bands.offsets[band]!; w < bands.offsets[band + 1]!; w++) sum += bands.weights[w]!;
    t.ok(Math.abs(sum * 20 - 1) < 0.02, `band ${band}: ${sum * 20}`);
  }
});

t.test('neighbouring bands begin where the one before peaks', async (t) => {
  const bands = melBands(5, 100, 4000, 512, 8800);
  for (let band = 1; band < 5; band++) t.ok(bands.bins[band]! >= bands.bins[band - 1]!);
  t.equal(bands.offsets[5], bands.weights.length);
});
