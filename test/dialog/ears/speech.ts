import t from 'tap';
import { Hops } from '../../../src/dialog/ears/hops.js';
import { type SpeechChange, SpeechStates } from '../../../src/dialog/ears/speech.js';
import { framesToNs } from '../../../src/element/index.js';
import fc from '../../support/fastcheck.js';

const HOP = 32e6;
const usual = { threshold: 0.5, minSpeech: 64, minSilence: 250 };

/** Changes that a row of likelihoods makes, hop by hop from 0. */
function changes(likelihoods: readonly number[], settings = usual): SpeechChange[] {
  const states = new SpeechStates(settings);
  return likelihoods.flatMap((one, i) => states.hop(one, i * HOP, HOP) ?? []);
}
const row = (count: number, value: number) => new Array<number>(count).fill(value);

t.test('speech is told once it has lasted, with the time it began at', async (t) => {
  t.same(changes([0.1, 0.6, 0.6, 0.6]), [{ state: 'speech', pts: HOP, at: 3 * HOP }]);
  t.same(changes([0.1, 0.6, 0.1, 0.6, 0.1]), [], 'what does not last is none');
  t.same(
    changes([0.1, 0.95]),
    [{ state: 'speech', pts: HOP, at: 2 * HOP }],
    'a voice beyond doubt counts twice',
  );
});

t.test('a pause belongs to the speech around it unless it lasts', async (t) => {
  const talk = [...row(4, 0.9), ...row(7, 0.1), ...row(4, 0.9), ...row(8, 0.1)];
  t.same(
    changes(talk).map(({ state, pts }) => [state, pts / HOP]),
    [
      ['speech', 0],
      ['silence', 15],
    ],
  );
});

t.test('between the thresholds everything stays as it is', async (t) => {
  t.same(changes(row(20, 0.4)), []);
  t.same(
    changes([...row(2, 0.6), ...row(40, 0.4)]).map(({ state }) => state),
    ['speech'],
  );
});

t.test('changes alternate, in time, and never begin before the last one', async () => {
  const settings = fc.record({
    threshold: fc.double({ min: 0.2, max: 0.98, noNaN: true }),
    minSpeech: fc.nat(400),
    minSilence: fc.nat(800),
  });
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 200 }),
      settings,
      (heard, set) => {
        let [state, last] = ['silence', 0];
        for (const change of changes(heard, set)) {
          if (change.state === state || change.pts < last || change.at <= change.pts) return false;
          const [least, told] = [
            change.state === 'speech' ? set.minSpeech / 2 : set.minSilence,
            change.at - change.pts,
          ];
          if (told < least * 1e6 - 1e6) return false;
          [state, last] = [change.state, change.pts];
        }
        return true;
      },
    ),
  );
});

t.test('the end of the sound ends speech, once', async (t) => {
  const states = new SpeechStates(usual);
  t.equal(states.end(0), undefined);
  states.hop(1, 0, HOP);
  t.same(states.end(HOP), { state: 'silence', pts: HOP, at: HOP });
  t.equal(states.end(HOP), undefined);
});

t.test('hops hold every sample once, at its time, however the sound is cut', async () => {
  const rate = 8800;
  const pieces = fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 60 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 3, max: 512 }), fc.nat(1e12), (lengths, length, start) => {
      const hops = new Hops(length, rate);
      let [given, got] = [0, 0];
      for (const count of lengths) {
        const samples = Int16Array.from({ length: count }, (_, i) => (given + i) % 30_000);
        for (const { samples: hop, pts, jump } of hops.push(samples, start + framesToNs(given, rate))) {
          if (jump !== (got === 0) || Math.abs(pts - start - framesToNs(got, rate)) > 2) return false;
          for (const one of hop) if (Math.round(one * 32768) !== got++ % 30_000) return false;
        }
        given += count;
      }
      return given - got < length;
    }),
  );
});

t.test('a jump in time begins a new hop there', async (t) => {
  const hops = new Hops(160, 16_000);
  t.same(
    [...hops.push(new Int16Array(200), 0)].map(({ pts, jump }) => [pts, jump]),
    [[0, true]],
  );
  t.same(
    [...hops.push(new Int16Array(330), 5e9)].map(({ pts, jump }) => [pts, jump]),
    [
      [5e9, true],
      [5.01e9, false],
    ],
  );
  t.equal([...hops.push(new Int16Array(150), undefined)].length, 1, 'without a time it follows');
});
