import t from 'tap';
import { clearSpeechCache, closeVoices, speak } from '../../src/voice/index.js';
import { Leveller } from '../../src/voice/loudness.js';
import fc from '../support/fastcheck.js';

t.teardown(closeVoices);

const RATE = 8800;

function tone(seconds: number, dbfs: number): Int16Array {
  const peak = 32768 * Math.SQRT2 * 10 ** (dbfs / 20);
  return Int16Array.from({ length: Math.round(seconds * RATE) }, (_, n) =>
    Math.round(peak * Math.sin(n * 0.31)),
  );
}

const level = (samples: Int16Array): number =>
  10 * Math.log10(samples.reduce((sum, one) => sum + (one / 32768) ** 2, 0) / samples.length);

t.test('brings soft and loud speech to the same level within two seconds', async (t) => {
  for (const dbfs of [-31, -26, -20, -12]) {
    const out = new Leveller(RATE, -20).take(tone(3, dbfs));
    t.ok(
      Math.abs(level(out.subarray(2 * RATE)) + 20) < 0.5,
      `${dbfs}: ${level(out.subarray(2 * RATE)).toFixed(2)}`,
    );
  }
});

t.test('never passes -1 dBFS, whatever comes', async () => {
  await fc.assert(
    fc.property(fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 3000 }), (values) => {
      const leveller = new Leveller(RATE, -3);
      leveller.take(tone(1, -30));
      return leveller.take(Int16Array.from(values)).every((one) => Math.abs(one) <= 29204);
    }),
    { numRuns: 50 },
  );
});

t.test('gives the same samples however the speech was cut', async (t) => {
  const speech = Int16Array.from([...tone(0.7, -30), ...new Int16Array(777), ...tone(0.9, -8)]);
  const whole = new Leveller(RATE, -20).take(speech);
  for (const size of [1, 7, 176, 1001]) {
    const leveller = new Leveller(RATE, -20);
    const parts: number[] = [];
    for (let at = 0; at < speech.length; at += size)
      parts.push(...leveller.take(speech.subarray(at, at + size)));
    t.same(parts, [...whole], `${size}`);
  }
});

t.test('does not pump: a pause changes nothing, and later gain moves by 2 dB a second at most', async (t) => {
  const leveller = new Leveller(RATE, -20);
  const before = level(leveller.take(tone(2, -30)).subarray(-RATE / 10));
  leveller.take(new Int16Array(3 * RATE));
  const after = level(leveller.take(tone(0.1, -30)));
  t.ok(Math.abs(after - before) < 0.3, `${before.toFixed(2)} then ${after.toFixed(2)}`);
  const loud = leveller.take(tone(1, -20));
  const change = level(loud.subarray(0, RATE / 10)) - level(loud.subarray(-RATE / 10));
  t.ok(change < 2.1, `${change.toFixed(2)} dB in a second`);
});

t.test('voices that differ by itself no longer do', async (t) => {
  const text = 'Hello, how are you today? This is a test of the voice, and it goes on for some time.';
  const spread = async (loudness?: number): Promise<number> => {
    const levels: number[] = [];
    for (const voice of ['flite/slt', 'flite/rms', 'flite/awb', 'flite/kal16']) {
      clearSpeechCache();
      const all: number[] = [];
      const request = { text, voice, rate: 16000, ...(loudness !== undefined && { loudness }) };
      for await (const { samples } of speak(request)) all.push(...samples);
      levels.push(level(Int16Array.from(all).subarray(16000)));
    }
    t.comment(levels.map((one) => one.toFixed(1)).join(' '));
    return Math.max(...levels) - Math.min(...levels);
  };
  const [as, levelled] = [await spread(), await spread(-20)];
  t.ok(levelled < Math.max(2.5, as / 2), `${as.toFixed(1)} dB, then ${levelled.toFixed(1)}`);
});
