/**
 * How many live sessions of the default avatar this machine carries: voice, tinylip, 512x512, 25 fps, H.264 as
 * `webrtcsink` makes it.
 *
 * All sessions of a step live in this process, as in the server. Speaking ones speak without a pause. A picture is late
 * when it reaches the sink more than one frame after it was due; a mouth is missed when its patch came too late. A
 * number of sessions is carried when all keep 25 fps, and late pictures and missed mouths are less than 1 in 200.
 */
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Pipeline } from '../../src/graph/pipeline.js';
import { readManifest, sharedPool } from '../../src/inference/index.js';
import { numbersIn } from '../../src/inference/protocol.js';
import { THIN } from '../../src/webrtc/chain.js';
import { FACE, PICTURE_ENCODER, prepare, session, VOICE_ENCODER, wait } from './support/face.js';
import { watch } from './support/probes.js';
import { progress, type Row, report, spread } from './support/report.js';

const SECONDS = 10;
const SETTLE_S = 3;
const MOUTHS = 150;
const SPEAKING = [1, 2, 4, 6, 8, 10, 12, 16];
const IDLE = [4, 8, 16, 24, 30, 40];
const TEXT =
  'Every morning the old sailor walked along the harbour and told anyone who would listen. '.repeat(12);

interface Step {
  readonly sessions: number;
  readonly fps: number;
  readonly late: number;
  readonly missed: number;
  readonly pictures: number;
  /** Event-loop delay, ms. */
  readonly delay: number;
  /** Cores in use. */
  readonly cpu: number;
}

const avatar = await prepare();

/** What the sessions of a climb do. `idle, half`: pictures at rest that can be spared are left out. */
type Kind = 'speaking' | 'idle' | 'idle, half';

/** Plays `count` sessions for a while. */
async function step(count: number, kind: Kind): Promise<Step> {
  const speaking = kind === 'speaking';
  const thin = kind === 'idle, half' ? `${THIN} !` : '';
  const pipelines: Pipeline[] = [];
  let counting = false;
  const pictures: number[] = Array.from({ length: count }, () => 0);
  let late = 0;
  for (let i = 0; i < count; i++) {
    const shown = watch(({ pts = 0 }) => {
      const pipeline = pipelines[i];
      if (!counting || pipeline === undefined) return;
      pictures[i]!++;
      const due = pts + (pipeline.latency()?.min ?? 0);
      if ((pipeline.runningTime() ?? 0) - due > 40e6) late++;
    });
    pipelines.push(
      await session(
        `ttssrc name=say ! tee name=t  t. ! queue ! cutgate ! ${VOICE_ENCODER} ! fakesink sync=true processing-deadline=0  ${FACE} ! ${thin} ${PICTURE_ENCODER} ! benchsink processing-deadline=0 watch=${shown}`,
      ),
    );
  }
  if (speaking) for (const pipeline of pipelines) pipeline.element('say').emit('say', TEXT, null, null);
  await wait(SETTLE_S * 1000);
  // At rest nobody misses the empty patch that is late.
  const misses = () =>
    pipelines.reduce(
      (sum, p) => sum + Number(p.element('lips').get('missed')) + Number(p.element('face').get('late')),
      0,
    ) * (speaking ? 1 : 0);
  const before = misses();
  const loop = monitorEventLoopDelay({ resolution: 5 });
  const cpu = process.cpuUsage();
  const begin = performance.now();
  loop.enable();
  counting = true;
  await wait(SECONDS * 1000);
  counting = false;
  loop.disable();
  const took = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  const missed = misses() - before;
  await Promise.all(pipelines.map((pipeline) => pipeline.close()));
  return {
    sessions: count,
    fps: (Math.min(...pictures) * 1000) / took,
    late,
    missed,
    pictures: pictures.reduce((sum, n) => sum + n, 0),
    // The histogram holds the whole wait of its timer; only what is above that is delay.
    delay: Math.max(0, loop.percentile(99) / 1e6 - 5),
    cpu: (user + system) / 1000 / took,
  };
}

/** All pictures that are meant to be there are, and in time. */
const carried = ({ fps, late, missed, pictures }: Step, kind: Kind) =>
  fps >= (kind === 'idle, half' ? 12.4 : 24.8) && late + missed <= pictures / 200;

function tell({ sessions, fps, late, missed, pictures, delay, cpu }: Step, kind: Kind): void {
  progress(
    `${sessions} ${kind}: ${fps.toFixed(2)} fps, ${late} late, ${missed} missed of ${pictures}, event loop p99 ${delay.toFixed(1)} ms, ${cpu.toFixed(2)} cores`,
  );
}

/** More and more sessions until they are too many: the steps that were carried, and the one that was not. */
async function climb(
  counts: readonly number[],
  kind: Kind,
): Promise<{ carried: readonly Step[]; bad?: Step }> {
  const good: Step[] = [];
  for (const count of counts) {
    // Once more before it counts as too many: one bad moment of the machine is none of ours.
    let found = await step(count, kind);
    tell(found, kind);
    if (!carried(found, kind)) {
      found = await step(count, kind);
      tell(found, kind);
    }
    if (!carried(found, kind)) return { carried: good, bad: found };
    good.push(found);
  }
  return { carried: good };
}

/**
 * What this machine is worth in this hour: a mouth of the default model when a core has nothing else to do, and when all
 * have the same. Cores that are threads of one core, or of somebody else's, show here.
 */
async function machine(): Promise<Row[]> {
  const model = await sharedPool().load(await readManifest('tinylip'));
  const inputs = Object.fromEntries(
    Object.entries(model.manifest.inputs).map(([name, shape]) => [name, new Float32Array(numbersIn(shape))]),
  );
  const times = async (threads: number): Promise<number[]> => {
    const took: number[] = [];
    const lane = async () => {
      for (let i = 0; i < MOUTHS; i++) {
        const begin = performance.now();
        await model.infer({ inputs });
        took.push(performance.now() - begin);
      }
    };
    await Promise.all(Array.from({ length: threads }, lane));
    return took;
  };
  const cores = availableParallelism();
  return [
    { what: 'one mouth of `tinylip`, one core busy', unit: 'ms', ...spread(await times(1)) },
    { what: `one mouth of \`tinylip\`, ${cores} cores busy`, unit: 'ms', ...spread(await times(cores)) },
  ];
}

const rows: Row[] = await machine();
for (const [word, counts, min] of [
  ['speaking', SPEAKING, 6],
  ['idle', IDLE, 30],
  ['idle, half', IDLE, 30],
] as const) {
  const { carried: steps, bad } = await climb(counts, word);
  const good = steps.at(-1);
  const note = bad
    ? `with ${bad.sessions}: ${bad.fps.toFixed(1)} fps, ${bad.late} late and ${bad.missed} missed of ${bad.pictures}`
    : 'more were not tried';
  rows.push({
    what: `live sessions that keep their pictures, ${word}`,
    unit: 'sessions',
    n: 1,
    value: good?.sessions ?? 0,
    budgets: [{ of: 'value', min }],
    note: `${note}; ${good?.cpu.toFixed(2) ?? '-'} cores at ${good?.sessions ?? 0}`,
  });
  if (!good) continue;
  // The budget is for the sessions that have to be carried; with as many as possible the loop may wait longer.
  const asked = steps.find(({ sessions }) => sessions >= min) ?? good;
  rows.push({
    what: `event-loop delay p99 with ${asked.sessions} ${word}`,
    unit: 'ms',
    n: 1,
    value: asked.delay,
    budgets: [{ of: 'value', max: 10 }],
  });
}
avatar.close();
report(rows);
