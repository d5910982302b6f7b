import t from 'tap';
import { floatToHalf, halfToFloat, toFloats, toHalves } from '../../src/inference/half.js';

t.test('every half goes to a float and back', async (t) => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const back = toHalves(toFloats(all));
  // Numbers that are none have many forms; they stay none.
  const wrong = all.filter((half, i) => back[i] !== half && !Number.isNaN(halfToFloat(half)));
  t.same([...wrong], []);
  t.ok(Number.isNaN(halfToFloat(floatToHalf(Number.NaN))));
});

t.test('rounds to the nearest, ties to even, and large ones to infinity', async (t) => {
  const cases: [number, number][] = [
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [-1e9, 0xfc00],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.001, 0x0001],
    [3 * 2 ** -25, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
    [0.1, 0x2e66],
  ];
  for (const [value, half] of cases) t.equal(floatToHalf(value), half, `${value}`);
});
