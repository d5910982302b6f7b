/**
 * What one TypeScript transform costs, beside `identity` in the same pipeline.
 *
 * Live: GStreamer's own latency tracer times how long each 20 ms buffer is in each element, in a process of its own
 * (the tracer cannot be turned off again). Back to back: buffers a second without a clock, with `identity` in its place
 * for the ratio, turn by turn so that a slow moment hits both.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pipeline } from '../../src/graph/pipeline.js';
import { registerProbes } from './support/probes.js';
import { percentile, progress, type Row, report, spread } from './support/report.js';

const SECONDS = 20;
const BUFFERS = 100_000;
const ROUNDS = 5;
const LIVE = `audiotestsrc is-live=true samplesperbuffer=320 num-buffers=${SECONDS * 50} ! audio/x-raw,rate=16000,channels=1 ! identity name=base ! benchhop name=hop ! fakesink sync=false`;

async function play(line: string): Promise<number> {
  const pipeline = Pipeline.launch(line);
  const begin = performance.now();
  await Promise.all([pipeline.finished(), pipeline.play()]);
  const ms = performance.now() - begin;
  await pipeline.close();
  return ms;
}

/** Microseconds per buffer in the elements `hop` and `base` of the live line. */
function live(): { hop: number[]; base: number[] } {
  const folder = mkdtempSync(join(tmpdir(), 'talkgraph-hop-'));
  const trace = join(folder, 'trace');
  try {
    const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'live'], {
      encoding: 'utf8',
      env: {
        ...process.env,
        GST_TRACERS: 'latency(flags=element)',
        GST_DEBUG: 'GST_TRACER:7',
        GST_DEBUG_NO_COLOR: '1',
        GST_DEBUG_FILE: trace,
      },
    });
    if (status !== 0) throw new Error(`the live run ended with ${status}: ${stderr.slice(-500)}`);
    const text = readFileSync(trace, 'utf8');
    const of = (name: string) =>
      [...text.matchAll(new RegExp(`element=\\(string\\)${name}, .*?time=\\(guint64\\)(\\d+)`, 'g'))]
        .map(([, ns]) => Number(ns) / 1000)
        // The first second is start-up: pages are touched and code is compiled for the first time.
        .slice(50);
    return { hop: of('hop'), base: of('base') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function perSecond(element: string): Promise<number> {
  const ms = await play(
    `audiotestsrc wave=silence samplesperbuffer=320 num-buffers=${BUFFERS} ! audio/x-raw,format=S16LE,rate=16000,channels=1 ! ${element} ! fakesink sync=false`,
  );
  return (BUFFERS / ms) * 1000;
}

registerProbes();
if (process.argv[2] === 'live') {
  await play(LIVE);
  process.exit(0);
}

progress(`live, ${SECONDS} s`);
const { hop, base } = live();
progress(`back to back, ${ROUNDS} rounds`);
await perSecond('benchhop');
const hops: number[] = [];
const identities: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  hops.push(await perSecond('benchhop'));
  identities.push(await perSecond('identity'));
}
const median = percentile(hops, 0.5);
const rows: Row[] = [
  {
    what: 'one hop, live 20 ms audio',
    unit: 'us',
    ...spread(hop),
    budgets: [
      { of: 'p50', max: 150 },
      { of: 'p99', max: 2000 },
    ],
    ratio: { than: 'identity', value: percentile(hop, 0.5) / percentile(base, 0.5) },
  },
  { what: 'identity in the same pipeline', unit: 'us', ...spread(base) },
  {
    what: 'back to back',
    unit: 'buffers/s',
    n: ROUNDS,
    value: median,
    budgets: [{ of: 'value', min: 50_000 }],
    ratio: { than: 'identity', value: median / percentile(identities, 0.5) },
  },
];
report(rows);
