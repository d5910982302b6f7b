import t from 'tap';
import { Levelled } from '../../src/features/levelled.js';
import { MelWindows } from '../../src/features/mel.js';
import { featureKind } from '../../src/features/open.js';
import type { FeatureWindows, WindowReceiver } from '../../src/features/windows.js';
import fc from '../support/fastcheck.js';

const RATE = 16_000;
const LEVEL = -25;
const framerate = { num: 25, den: 1 };

/** Keeps the samples that come through. */
class Kept implements FeatureWindows {
  readonly rate = RATE;
  readonly shape = [1];
  readonly lookAhead = 0;
  readonly samples: number[] = [];
  position = 0;
  restart(sample: number): void {
    this.position = sample;
  }
  begin(): void {}
  push(samples: Int16Array): void {
    for (const sample of samples) this.samples.push(sample);
    this.position += samples.length;
  }
  complete(): void {}
}

const none: WindowReceiver = () => undefined;
/** A tone whose RMS lies so many dB below full scale. */
const tone = (dbfs: number, seconds: number): Int16Array =>
  Int16Array.from({ length: seconds * RATE }, (_, n) => {
    return Math.round(32768 * Math.SQRT2 * 10 ** (dbfs / 20) * Math.sin(n * 0.7));
  });
const rms = (samples: readonly number[] | Int16Array): number =>
  10 * Math.log10(Array.from(samples).reduce((sum, v) => sum + v * v, 0) / samples.length / 32768 ** 2);

t.test('whoever speaks is brought to the level, loud or soft', async (t) => {
  for (const dbfs of [-6, -14, -22, -32]) {
    const kept = new Kept();
    const windows = new Levelled(kept, LEVEL);
    windows.push(tone(dbfs, 8), none);
    const off = rms(kept.samples.slice(-RATE)) - LEVEL;
    t.ok(Math.abs(off) < 0.5, `${dbfs} dBFS ends ${off.toFixed(2)} dB from the level`);
  }
});

t.test(
  'somebody loud is known within one block, and a pause of ten seconds is not raised to speech',
  async (t) => {
    const kept = new Kept();
    const windows = new Levelled(kept, LEVEL);
    windows.push(tone(-4, 0.06), none);
    t.ok(Math.abs(rms(kept.samples.slice(640, 960)) - LEVEL) < 1.5);
    windows.push(tone(-50, 10), none);
    const raised = rms(kept.samples.slice(-320)) - (-50 + LEVEL + 4);
    t.ok(raised < 5.5 && raised > 4, `${raised.toFixed(2)} dB in ten seconds`);
  },
);

t.test(
  'silence stays silence, full scale stays within it, and nothing is raised by more than 15 dB',
  async (t) => {
    const kept = new Kept();
    const windows = new Levelled(kept, -1);
    windows.push(new Int16Array(RATE), none);
    t.ok(kept.samples.every((v) => v === 0));
    windows.push(tone(-45, 60), none);
    t.ok(rms(kept.samples.slice(-RATE)) < -45 + 15.1);
    windows.push(new Int16Array(RATE).fill(-32768), none);
    t.ok(kept.samples.every((v) => v >= -32768 && v <= 32767));
  },
);

t.test('an utterance begins anew at its own sample', async (t) => {
  const said = tone(-12, 0.5);
  const alone = new Kept();
  new Levelled(alone, LEVEL).push(said, none);
  const kept = new Kept();
  const windows = new Levelled(kept, LEVEL);
  windows.push(tone(-2, 1), none);
  windows.push(new Int16Array(RATE), none);
  windows.begin(2 * RATE);
  windows.push(said, none);
  // The gain glides there over one block; the silence before is two of them.
  t.same(kept.samples.slice(2 * RATE + 640), alone.samples.slice(640));
});

t.test('an utterance does not depend on how long it was silent before it', async (t) => {
  const [begin, said] = [RATE, tone(-20, 0.1)];
  const outcomes = [0, 0.7, 0.96].map((since) => {
    const kept = new Kept();
    const windows = new Levelled(kept, LEVEL);
    windows.restart(since * RATE);
    windows.begin(begin);
    windows.push(new Int16Array(begin - since * RATE), none);
    windows.push(said, none);
    return kept.samples.slice(-said.length);
  });
  t.same(outcomes[1], outcomes[0]);
  t.same(outcomes[2], outcomes[0]);
});

t.test('what comes out does not depend on how samples were cut into buffers', async () => {
  const speech = Int16Array.from([...tone(-30, 0.3), ...tone(-8, 0.3), ...tone(-20, 0.4)]);
  const whole = new Kept();
  const at = 4321;
  const open = (kept: Kept) => {
    const windows = new Levelled(kept, LEVEL);
    windows.restart(at);
    windows.begin(at + 7000);
    return windows;
  };
  open(whole).push(speech, none);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 12 }), (cuts) => {
      const kept = new Kept();
      const windows = open(kept);
      let from = 0;
      for (const cut of [...cuts, speech.length]) {
        windows.push(speech.subarray(from, from + cut), none);
        from = Math.min(speech.length, from + cut);
      }
      return kept.samples.every((v, i) => v === whole.samples[i]) && kept.samples.length === speech.length;
    }),
  );
});

t.test('only a model that wants it gets it', async (t) => {
  const mel = featureKind('mel');
  t.ok(mel.open({ framerate, offsetMs: 0 }) instanceof MelWindows);
  const levelled = mel.open({ framerate, offsetMs: -80, level: LEVEL });
  t.ok(levelled instanceof Levelled);
  t.equal(levelled.lookAhead, mel.open({ framerate, offsetMs: -80 }).lookAhead);
  t.same(levelled.shape, [80, 16]);
});
