/**
 * How long buffers stay in each element of the face path, by GStreamer's own latency tracer. It is only there for processes that begin
 * with it, so a child plays graphs/lab/sync.yaml with a receiver of our own: this file, run as a program.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openGraph } from '../../../src/graph/open.js';
import { Lab, TONES } from '../../support/outputs/meter.js';
import { ReceiverMeter } from '../../support/outputs/players.js';
import { percentile } from './report.js';

/** One element: what it keeps a buffer for, ms. */
export interface ElementLatency {
  readonly element: string;
  readonly median: number;
  readonly p99: number;
  readonly n: number;
}

const LINE =
  / element-latency, element-id=\(string\)\w+, element=\(string\)([^,]+), .* time=\(guint64\)(\d+)/;

/** Plays for so long in a process of its own; the elements that keep buffers longest come first. */
export async function traced(seconds: number): Promise<ElementLatency[]> {
  const folder = await mkdtemp(join(tmpdir(), 'talkgraph-traced-'));
  try {
    const log = join(folder, 'log');
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), String(seconds)], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        GST_TRACERS: 'latency(flags=element)',
        GST_DEBUG: 'GST_TRACER:7',
        GST_DEBUG_FILE: log,
        GST_DEBUG_NO_COLOR: '1',
      },
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`the traced session ended with ${code}`);
    return read(await readFile(log, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The tracer's log by elements, without filters and bins that nobody has named. */
export function read(log: string): ElementLatency[] {
  const found = new Map<string, number[]>();
  for (const line of log.split('\n')) {
    const [, element, time] = LINE.exec(line) ?? [];
    if (element === undefined || /^(capsfilter|identity|pipeline|bin)\d+$/.test(element)) continue;
    const times = found.get(element) ?? [];
    times.push(Number(time) / 1e6);
    found.set(element, times);
  }
  return [...found]
    .map(([element, times]) => ({
      element,
      median: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      n: times.length,
    }))
    .sort((a, b) => b.median - a.median);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { prepare, wait } = await import('./face.js');
  const avatar = await prepare();
  const lab = new Lab(await openGraph('graphs/lab/sync.yaml', { text: TONES }));
  await lab.pipeline.play();
  const receiver = new ReceiverMeter(lab);
  await receiver.begin();
  await wait(Number(process.argv[2]) * 1000);
  await receiver.end();
  await lab.pipeline.close();
  avatar.close();
  process.exit(0);
}
