import t from 'tap';
import type { Detector } from '../../../src/dialog/ears/detector.js';
import { Interleaved } from '../../../src/dialog/ears/interleaved.js';
import { Likely } from '../../../src/dialog/ears/likely.js';
import { Listening } from '../../../src/dialog/ears/listening.js';
import fc from '../../support/fastcheck.js';

const HOP = 16e6;

/** What rows of likelihoods make known: of each hop, and whether it is already known for speech. */
function told(likelihoods: readonly number[], speaking: (hop: number) => boolean = () => false) {
  const likely = new Likely(0.2);
  return likelihoods.flatMap((one, i) => likely.hop(one, speaking(i), i * HOP, (i + 1) * HOP) ?? []);
}
const row = (count: number, value: number) => new Array<number>(count).fill(value);

t.test('what may be speech is told at once, and after 64 ms without it that it was nothing', async (t) => {
  t.same(told([0.1, 0.25, ...row(8, 0.1)]), [
    { state: 'likely', pts: HOP, at: 2 * HOP },
    { state: 'unlikely', pts: HOP, at: 6 * HOP },
  ]);
  t.same(told([0.25, 0.1, 0.1, 0.1, 0.3, ...row(3, 0.1)]).length, 1, 'a stop within a word is not its end');
  t.same(told(row(50, 0.19)), [], 'below the threshold there is nothing');
});

t.test('what becomes speech was not nothing', async (t) => {
  t.same(
    told([0.3, 0.6, 0.7, 0.8, ...row(10, 0.1)], (i) => i > 2).map(({ state }) => state),
    ['likely'],
  );
});

t.test(
  'what stays likely and nothing more was nothing after 320 ms, and waits before it is told again',
  async (t) => {
    t.same(
      told(row(50, 0.3)).map(({ state, at }) => [state, at / HOP]),
      [
        ['likely', 1],
        ['unlikely', 20],
        ['likely', 40],
      ],
    );
  },
);

t.test('likely and unlikely alternate in time', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean())), (hops) => {
      const changes = told(
        hops.map(([one]) => one),
        (i) => hops[i]?.[1] ?? false,
      );
      // Speech may come between two that are likely, but nothing is taken back that was not told.
      return changes.every(({ state, pts, at }, i) => {
        const last = changes[i - 1];
        return (
          pts < at &&
          (last === undefined ? state === 'likely' : at > last.at) &&
          (state === 'likely' || (last?.state === 'likely' && last.pts === pts))
        );
      });
    }),
  );
});

/** Says of each hop its first sample, and keeps what it heard. */
class Told implements Detector {
  readonly hop = 8;
  readonly heard: number[][] = [];
  hear(samples: Float32Array): number {
    this.heard.push([...samples]);
    return samples[0] ?? 0;
  }
  reset(): void {
    this.heard.length = 0;
  }
}

t.test('two detectors half a hop apart hear every sample once each, in order', async (t) => {
  const [first, second] = [new Told(), new Told()];
  const both = new Interleaved(first, second);
  t.equal(both.hop, 4);
  const answers: number[] = [];
  for (let n = 0; n < 6; n++)
    answers.push(await both.hear(Float32Array.from([4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3])));
  t.same(answers, [0, 0, 4, 8, 12, 16]);
  t.same(first.heard.flat().slice(4), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  t.same(
    second.heard.flat(),
    Array.from({ length: 24 }, (_, n) => n),
  );
  both.reset();
  t.equal(await both.hear(Float32Array.from([7, 7, 7, 7])), 0, 'nothing is left of before');
});

t.test('a jump in time takes back what was likely before it', async (t) => {
  const constant: Detector = { hop: 256, hear: () => 0.3, reset: () => undefined };
  const settings = { threshold: 0.5, minSpeech: 64, minSilence: 250, minLevel: -90, likely: 0.2 };
  const listening = new Listening(constant, settings, (error) => {
    throw error;
  });
  const changes = [];
  for (const pts of [0, 9e9]) {
    for await (const change of listening.push(new Int16Array(1000).fill(300), pts)) changes.push(change);
  }
  t.match(changes, [
    { state: 'likely', pts: 0, at: HOP },
    { state: 'unlikely', at: 3 * HOP },
  ]);
});
