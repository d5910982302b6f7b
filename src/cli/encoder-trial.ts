/**
 * What an encoder that was just imported does on this machine: its speed, and what hearing little at a time changes.
 */
import { Encoding } from '../features/encoding.js';
import type { Context } from '../features/plans.js';
import type { Pending } from '../features/windows.js';
import { type Encoder, WorkerPool } from '../inference/index.js';
import { closeVoices, speak } from '../voice/index.js';
import type { Terminal } from './terminal.js';

const RATE = 16_000;
const SENTENCE =
  'She had your dark suit in greasy wash water all year. Please, could you buy more shoes for me?';

/** Runs it on a sentence and says what came of it. */
export async function tryEncoder(encoder: Encoder, terminal: Terminal): Promise<void> {
  const pool = new WorkerPool({ workers: 1 });
  try {
    const short = await openEncoder(encoder, 'short', pool);
    const { plan, model } = short;
    const cost = plan.perSecond * model.timing.median;
    terminal.out(
      `A second of speech takes it ${cost.toFixed(0)} ms on one core (context=${short.context}); live needs less than 1000.\n`,
    );
    // Rows that are heard for themselves have no context, and a file of one length no short one.
    if (short.context !== 'short' || plan.perSecond >= 20) return;
    const reference = await openEncoder(encoder, 'reference', pool);
    const samples = await sentence();
    const [ours, theirs] = await Promise.all([windows(short, samples), windows(reference, samples)]);
    const seconds = (samples.length / RATE).toFixed(1);
    terminal.out(
      `Features with context=short are ${(100 * deviation(ours, theirs)).toFixed(1)} % off those with context=reference (RMS, ${seconds} s of speech).\n`,
    );
  } finally {
    await pool.close();
    await closeVoices();
  }
}

/** Loads it in a pool, on the CPU. */
export function openEncoder(encoder: Encoder, context: Context, pool: WorkerPool): Promise<Encoding> {
  const framerate = { num: 25, den: 1 };
  return Encoding.load(encoder, {
    framerate,
    shape: undefined,
    offsetMs: undefined,
    context,
    providers: ['cpu'],
    pool,
  });
}

async function sentence(): Promise<Int16Array> {
  const parts: Int16Array[] = [];
  for await (const { samples } of speak({ text: SENTENCE, rate: RATE })) parts.push(samples);
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

/** The windows of all frames; undefined where all is silence. */
async function windows(encoding: Encoding, samples: Int16Array): Promise<(Float32Array | undefined)[]> {
  const given: Pending[] = [];
  const all = encoding.windows({
    signal: new AbortController().signal,
    deadline: () => ({}),
    missed: () => undefined,
  });
  const receive = (_: number, window: Pending) => given.push(window);
  all.push(samples, receive);
  all.complete(samples.length, receive);
  return await Promise.all(given);
}

/** Root of the mean square of what differs, against that of what should be. */
function deviation(
  ours: readonly (Float32Array | undefined)[],
  theirs: readonly (Float32Array | undefined)[],
): number {
  let off = 0;
  let all = 0;
  for (const [n, want] of theirs.entries()) {
    const found = ours[n];
    if (want === undefined || found === undefined) continue;
    for (const [i, x] of want.entries()) {
      off += (x - (found[i] ?? 0)) ** 2;
      all += x * x;
    }
  }
  return Math.sqrt(off / all);
}
