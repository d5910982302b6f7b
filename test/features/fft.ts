import t from 'tap';
import { RealFft } from '../../src/features/fft.js';

/** The definition, term by term. */
function slow(x: Float64Array, k: number): [number, number] {
  let re = 0;
  let im = 0;
  for (let n = 0; n < x.length; n++) {
    const angle = (-2 * Math.PI * ((k * n) % x.length)) / x.length;
    re += x[n]! * Math.cos(angle);
    im += x[n]! * Math.sin(angle);
  }
  return [re, im];
}

t.test('agrees with the definition at lengths of every factor it knows', async (t) => {
  for (const length of [4, 6, 10, 16, 24, 30, 50, 400, 480, 800]) {
    const x = Float64Array.from({ length }, (_, n) => Math.sin(n * n * 0.37) + (n % 7) / 5);
    const window = Float64Array.from({ length }, (_, n) => 1 + n / length);
    const fft = new RealFft(length);
    fft.transform(x, window);
    const weighted = x.map((v, n) => v * window[n]!);
    let worst = 0;
    for (let k = 0; k <= length / 2; k++) {
      const [re, im] = slow(weighted, k);
      worst = Math.max(worst, Math.abs(re - fft.re[k]!), Math.abs(im - fft.im[k]!));
    }
    t.ok(worst < 1e-9, `length ${length}: off by ${worst}`);
  }
});

t.test('gives only the bins asked for', async (t) => {
  const fft = new RealFft(20);
  const ones = new Float64Array(20).fill(1);
  fft.re.fill(99);
  fft.transform(ones, ones, 3, 4);
  t.ok(Math.abs(fft.re[3]!) < 1e-12);
  t.equal(fft.re[2], 99);
  t.equal(fft.re[5], 99);
});

t.test('refuses lengths it cannot split', async (t) => {
  t.throws(() => new RealFft(14), /factors 2, 3 and 5/);
  t.throws(() => new RealFft(9), /even transform length/);
  t.throws(() => new RealFft(2), /from 4/);
});
