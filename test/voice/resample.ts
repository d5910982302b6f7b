import t from 'tap';
import { Resampler } from '../../src/voice/resample.js';
import fc from '../support/fastcheck.js';

const RATES = [8000, 8800, 11025, 16000, 22050, 24000, 32000, 44100, 48000];

function convert(samples: Int16Array, from: number, to: number, pieces: readonly number[] = []): Int16Array {
  const resampler = new Resampler(from, to);
  const out: number[] = [];
  let at = 0;
  for (const size of pieces) {
    out.push(...resampler.push(samples.subarray(at, at + size)));
    at += size;
  }
  out.push(...resampler.push(samples.subarray(Math.min(at, samples.length))), ...resampler.end());
  return Int16Array.from(out);
}

function sine(frequency: number, rate: number, count: number, level = 0.5): Int16Array {
  return Int16Array.from({ length: count }, (_, n) =>
    Math.round(32767 * level * Math.sin((2 * Math.PI * frequency * n) / rate)),
  );
}

/** Amplitude of one frequency (a single bin of a Hann-windowed Fourier transform), relative to full scale, in dB. */
function levelAt(frequency: number, samples: Int16Array, rate: number): number {
  let [re, im, sum] = [0, 0, 0];
  for (let n = 0; n < samples.length; n++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length);
    const angle = (2 * Math.PI * frequency * n) / rate;
    re += window * samples[n]! * Math.cos(angle);
    im -= window * samples[n]! * Math.sin(angle);
    sum += window;
  }
  return 20 * Math.log10((2 * Math.hypot(re, im)) / sum / 32767 + 1e-9);
}

t.test('makes exactly as many samples as the ratio says, however the input was cut', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...RATES),
      fc.constantFrom(...RATES),
      fc.integer({ min: 0, max: 3000 }),
      fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 8 }),
      (from, to, count, pieces) => {
        const input = sine(440, from, count);
        const whole = convert(input, from, to);
        const cut = convert(input, from, to, pieces);
        return (
          whole.length === Math.round((count * to) / from) && whole.every((value, n) => value === cut[n])
        );
      },
    ),
    { numRuns: 150 },
  );
});

t.test('goes from 22,050 and 44,100 to 48,000 exactly', async (t) => {
  t.equal(convert(sine(440, 22050, 22050), 22050, 48000).length, 48000);
  t.equal(convert(sine(440, 44100, 44100), 44100, 48000).length, 48000);
  t.equal(convert(sine(440, 44100, 441), 44100, 48000).length, 480);
});

t.test('keeps a tone where it is in time, to a fraction of a sample, and as loud as it was', async (t) => {
  for (const [from, to] of [
    [16000, 24000],
    [16000, 48000],
    [22050, 48000],
    [44100, 24000],
    [24000, 16000],
    [48000, 8000],
  ] as const) {
    const out = convert(sine(1000, from, from), from, to);
    const right = sine(1000, to, to);
    let worst = 0;
    // The ends are cut off the endless sine: there the filter rings.
    for (let n = 1000; n < to - 1000; n++) worst = Math.max(worst, Math.abs(out[n]! - right[n]!));
    t.ok(worst <= 3, `${from} -> ${to}: at most ${worst} of 32,768 away`);
  }
});

t.test('lets no image and no alias through above -80 dB', async (t) => {
  const up = convert(sine(5000, 16000, 16000), 16000, 48000);
  t.ok(levelAt(11000, up, 48000) < -80, `image at 11 kHz: ${levelAt(11000, up, 48000)}`);
  t.ok(Math.abs(levelAt(5000, up, 48000) + 6.02) < 0.1, `tone: ${levelAt(5000, up, 48000)}`);
  const down = convert(sine(10000, 48000, 48000), 48000, 16000);
  t.ok(levelAt(6000, down, 16000) < -80, `alias at 6 kHz: ${levelAt(6000, down, 16000)}`);
});

t.test('is flat to 0.88 of the lower Nyquist frequency', async (t) => {
  for (const frequency of [50, 500, 3000, 6000, 7040]) {
    const level = levelAt(frequency, convert(sine(frequency, 16000, 16000), 16000, 24000), 24000);
    t.ok(Math.abs(level + 6.02) < 0.05, `${frequency} Hz: ${level}`);
  }
});

t.test('leaves a constant as it is', async (t) => {
  const out = convert(new Int16Array(4000).fill(1234), 22050, 48000);
  t.ok(out.subarray(300, -300).every((value) => value === 1234));
});

t.test('holds what does not fit at the limit and counts it', async (t) => {
  const loud = Int16Array.from({ length: 4000 }, (_, n) => (n % 8 < 4 ? 32767 : -32768));
  const resampler = new Resampler(16000, 48000);
  const out = [...resampler.push(loud), ...resampler.end()];
  t.ok(out.every((value) => value >= -32768 && value <= 32767));
  t.ok(Math.max(...out) === 32767 && Math.min(...out) === -32768);
  t.ok(resampler.clipped > 0);
});

t.test('hands samples of the same rate through untouched', async (t) => {
  const resampler = new Resampler(24000, 24000);
  const samples = sine(300, 24000, 777);
  t.equal(resampler.push(samples), samples);
  t.equal(resampler.made, 777);
  t.equal(resampler.end().length, 0);
});

t.test('converts between rates without a common measure', async (t) => {
  const out = convert(sine(1000, 22051, 22051), 22051, 47999);
  const right = sine(1000, 47999, 47999);
  t.equal(out.length, 47999);
  let worst = 0;
  for (let n = 1000; n < 46999; n++) worst = Math.max(worst, Math.abs(out[n]! - right[n]!));
  t.ok(worst <= 3, `at most ${worst} away`);
});

t.test('says where an input sample lies in the output', async (t) => {
  const resampler = new Resampler(16000, 24000);
  t.equal(resampler.position(0), 0);
  t.equal(resampler.position(16000), 24000);
  t.equal(resampler.position(3), 5, 'a half is rounded up');
});

t.test('begins anew after its end', async (t) => {
  const resampler = new Resampler(16000, 24000);
  const first = [...resampler.push(sine(440, 16000, 500)), ...resampler.end()];
  const second = [...resampler.push(sine(440, 16000, 500)), ...resampler.end()];
  t.same(second, first);
});

t.test('refuses rates that are none', async (t) => {
  for (const [from, to] of [
    [0, 1],
    [1, -1],
    [1.5, 3],
    [Number.NaN, 1],
  ] as const) {
    t.throws(() => new Resampler(from, to), TypeError);
  }
});
