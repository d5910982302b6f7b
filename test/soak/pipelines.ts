/**
 * Pipelines that come and go: 2,000, four at a time, of TypeScript elements of every verb. Some end by themselves,
 * some by an error, some are stopped in the middle of a call that never answers, some before they have begun.
 *
 * Afterwards nothing may be left: no object, handle, open call, lent memory, file descriptor or timer, and threads are
 * down to what the pools keep. Memory may not grow with the number of pipelines.
 *
 *   node --expose-gc dist/test/soak/pipelines.js [SHARE]      2,000 pipelines x SHARE
 */
import { Pipeline } from '../../src/graph/pipeline.js';
import { registerSoak, told } from './support/elements.js';
import { held, leftAfter, threads, threadsAtMost } from './support/held.js';
import { Trend } from './support/trend.js';

const PIPELINES = Math.max(40, Math.round(2000 * Number(process.argv[2] ?? 1)));
const AT_ONCE = 4;
/** Pipelines after which caches, pools and allocators have settled. */
const SETTLED = 1000;
/** Bytes a pipeline may cost once it has ended. */
const LIMIT = 8 * 1024;
/** What GLib keeps of the streaming threads that have ended: it lets the others go after 15 s. */
const IDLE_THREADS = 2;

/** How a pipeline ends. */
type End =
  | 'eos'
  | 'error'
  /** Stopped while a call hangs. */
  | 'hang'
  /** Stopped while frames flow. */
  | 'flow'
  /** Closed before it has begun. */
  | 'early'
  /** Never plays. */
  | 'refused';

const CHAIN = ({ source = '', transform = '', pipe = '', sink = '' }) =>
  `soaksource ${source} ! soaktransform ${transform} ! soakpipe ${pipe} ! soaksink ${sink}`;
const MIX = ({ mixer = '', source = '' }) =>
  `soakmixer name=m ${mixer} ! tee name=t ! queue ! soaksink t. ! queue ! soakpipe ! fakesink async=false ` +
  `soaksource ${source} ! m. videotestsrc num-buffers=1000 ! video/x-raw,format=GRAY8,width=64,height=64 ! soaktransform ! m.`;

const KINDS: readonly (readonly [End, string])[] = [
  ['eos', CHAIN({ source: 'count=12' })],
  ['hang', CHAIN({ transform: 'what=hang after=2' })],
  ['error', CHAIN({ transform: 'what=throw after=4' })],
  ['hang', CHAIN({ sink: 'what=hang after=0' })],
  ['eos', MIX({ source: 'count=9' }).replace('num-buffers=1000', 'num-buffers=11')],
  ['flow', CHAIN({ source: 'is-live=true', sink: 'what=tell after=1' })],
  ['hang', CHAIN({ pipe: 'what=hang after=7' })],
  ['error', CHAIN({ pipe: 'what=reject after=5' })],
  ['hang', MIX({ mixer: 'what=hang after=3' })],
  ['early', CHAIN({})],
  ['hang', CHAIN({ source: 'what=hang after=3' })],
  ['error', MIX({ mixer: 'what=reject after=2' })],
  ['refused', CHAIN({ sink: 'what=start' })],
  ['flow', MIX({ mixer: 'what=tell after=4' })],
  ['error', CHAIN({ source: 'what=reject after=3' })],
  ['error', CHAIN({ sink: 'what=throw after=1' })],
  ['early', MIX({ source: 'is-live=true' })],
];

/** Resolves with true when `work` fails, as it should. */
const fails = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => false,
    () => true,
  );

async function one(n: number): Promise<void> {
  const [end, line] = KINDS[n % KINDS.length]!;
  const name = `run-${n}`;
  const there = new Promise<void>((resolve) => told.set(name, resolve));
  const pipeline = Pipeline.launch(line, { name });
  pipeline.on('error', () => undefined);
  try {
    if (end === 'eos') {
      await Promise.all([pipeline.finished(), pipeline.play()]);
    } else if (end === 'error' || end === 'refused') {
      const finished = fails(pipeline.finished());
      const played = await fails(pipeline.play());
      if (end === 'refused' && !played) throw new Error(`${name} plays although it should not: ${line}`);
      if (!(await finished)) throw new Error(`${name} ended without its error: ${line}`);
    } else {
      const playing = fails(pipeline.play());
      if (end !== 'early') await there;
      await pipeline.stop();
      await playing;
    }
  } finally {
    told.delete(name);
    await pipeline.close();
  }
}

registerSoak();
const threadsBefore = threads();
const trend = new Trend('pipeline', PIPELINES, SETTLED);
let next = 0;
async function run(until: number): Promise<void> {
  const lane = async () => {
    while (next < until) await one(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

const begun = performance.now();
// One of each kind, for what is made once.
await run(KINDS.length);
const before = await held();
for (const stop of trend.stops(KINDS.length)) {
  await run(stop);
  await trend.look(stop);
}
const seconds = (performance.now() - begun) / 1000;
const most = threads();
const problems = await leftAfter(before, 20);
const bound = threadsBefore + IDLE_THREADS;
const threadsAfter = await threadsAtMost(bound, 40);

if (threadsAfter > bound) problems.push(`threads: ${threadsBefore} before, ${threadsAfter} after`);
console.log(
  `${PIPELINES} pipelines, ${AT_ONCE} at a time, in ${seconds.toFixed(1)} s; threads ${threadsBefore} -> ${most} -> ${threadsAfter}`,
);
if (!trend.judge(LIMIT)) problems.push('memory, with every pipeline');
for (const problem of problems) console.error(`left behind: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
