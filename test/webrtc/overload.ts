/** A line that becomes too small, and what only looks like one, packet by packet on virtual time. */
import t from 'tap';
import { Overload, type Overrun } from '../../src/webrtc/overload.js';
import { BadLine, type LineOptions } from './support/relay.js';

const DELAY = 20;

/** The same numbers in each run: xorshift. */
function random(seed = 7): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Sends five packets a picture, one each `picture` ms, for `seconds`, 1.2 Mbit/s at 40 ms, over a line that becomes `bad` after one; the viewer misses what the next that
 * came shows to be missing, as Chromium does, and says so.
 * @returns when the line was first found to be overrun, ms since it is bad
 */
function found(
  bad: LineOptions,
  seconds: number,
  faded: (ms: number) => boolean = () => false,
  picture = 40,
) {
  const overload = new Overload();
  const line = new BadLine({ delay: DELAY }, random());
  const arrivals: { at: number; n: number }[] = [];
  const events: { at: number; run: () => void }[] = [];
  let first: { ms: number; overrun: Overrun } | undefined;
  let n = 65_500;
  for (let now = 0; now < seconds * 1000; now += picture) {
    if (now === 1000) line.options = { delay: DELAY, ...bad };
    for (let k = 0; k < 5; k++, n++) {
      const [at, sequence] = [now + k, n];
      events.push({ at, run: () => overload.sent(sequence & 0xffff, at) });
      const after = faded(at - 1000) ? undefined : line.pass(1200, at);
      if (after !== undefined) arrivals.push({ at: at + after, n });
    }
  }
  for (const [i, { at, n }] of arrivals.entries()) {
    const before = arrivals[i - 1]?.n ?? n - 1;
    const missing = Array.from({ length: n - before - 1 }, (_, k) => (before + 1 + k) & 0xffff);
    if (missing.length === 0) continue;
    events.push({
      at: at + DELAY,
      run: () => {
        const overrun = overload.missed(missing, at + DELAY, 2 * DELAY);
        if (overrun !== undefined) first ??= { ms: at + DELAY - 1000, overrun };
      },
    });
  }
  for (const { run } of events.sort((a, b) => a.at - b.at)) run();
  return first;
}

t.test(
  'a line that carries a quarter is found within half a second, with what waits in its queue',
  async (t) => {
    for (const queue of [120, 200, 400]) {
      const { ms = Number.NaN, overrun } = found({ rate: 300_000, queue }, 5) ?? {};
      t.ok(ms < 2 * queue + 150, `queue of ${queue} ms: after ${ms.toFixed(0)} ms`);
      const waits = overrun?.queue ?? 0;
      t.ok(waits >= queue && waits < queue + 80, `${waits.toFixed(0)} ms wait`);
      t.ok((overrun?.share ?? 1) < 0.5);
    }
  },
);

t.test('and where it has no queue to speak of, by how much is missing', async (t) => {
  const { ms = Number.NaN, overrun } = found({ rate: 300_000, queue: 10 }, 5) ?? {};
  t.ok(ms < 500, `after ${ms.toFixed(0)} ms`);
  t.ok((overrun?.share ?? 0) > 0.15 && (overrun?.share ?? 1) < 0.4, `${overrun?.share} gets through`);
});

t.test('a poor radio is no line that is too small, nor is one that fades for a moment', async (t) => {
  for (const loss of [0.03, 0.1, 0.3]) t.equal(found({ loss }, 60), undefined, `${100 * loss} % lost`);
  for (const ms of [60, 200, 500])
    t.equal(
      found({}, 10, (at) => at > 0 && at % 2000 < ms),
      undefined,
      `away for ${ms} ms`,
    );
  t.equal(found({ rate: 1_500_000, queue: 200 }, 10), undefined, 'nor one that takes it all');
});

t.test(
  'nor is one that fades where pictures are far apart, so that the end of one is missed late',
  async (t) => {
    for (const picture of [80, 100, 200])
      for (const ms of [3, 60, 200])
        t.equal(
          found({}, 20, (at) => at > 0 && at % 2000 < ms, picture),
          undefined,
          `a picture each ${picture} ms, away for ${ms} ms`,
        );
  },
);

t.test('what was sent before is of no account any more', async (t) => {
  const overload = new Overload();
  for (let n = 0; n < 40; n++) overload.sent(n, n * 8);
  const missing = Array.from({ length: 20 }, (_, n) => n);
  t.ok(overload.missed(missing, 600, 40));
  t.equal(overload.missed(missing, 620, 40), undefined);
  for (let n = 40; n < 80; n++) overload.sent(n, 640 + n);
  t.equal(overload.missed([...missing, 70_000, -1], 900, 40), undefined, 'nor is what never was');
  overload.forget();
  t.equal(
    overload.missed(
      Array.from({ length: 20 }, (_, n) => 50 + n),
      1200,
      40,
    ),
    undefined,
  );
});

t.test('what is still missing is said again, and is no new loss', async (t) => {
  const overload = new Overload();
  const faded = Array.from({ length: 8 }, (_, n) => 20 + n);
  for (let n = 0; n < 120; n++) {
    overload.sent(n, n * 8);
    // Missed as soon as the next one is there, and asked for until they come.
    const now = n * 8 + 40;
    if (n >= 28 && n % 14 === 0) t.equal(overload.missed(faded, now, 40), undefined, `at ${now} ms`);
  }
});
