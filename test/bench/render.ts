/**
 * A 10 s text to an H.264 + AAC file with the default avatar: how many times faster than it plays.
 *
 * Inside: from play to the end of the stream in a process that has its model, avatar and voice loaded, as a server has.
 * The whole command: `talkgraph launch` from the shell's side, Node's start and loading included.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAvatar } from '../../src/avatar/index.js';
import { openGraph } from '../../src/graph/open.js';
import { prepare, SIZE } from './support/face.js';
import { progress, type Row, report, spread } from './support/report.js';

const TIMES = 5;
const TEXT =
  'Good morning, and welcome. I am a talking face, made of pictures and sound, and every word that I say is spoken by a small program on this very machine. Ask me whatever you like, and I will answer.';
const root = join(fileURLToPath(import.meta.url), '..', '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'talkgraph-render-'));
const location = join(folder, 'out.mp4');

const avatar = await prepare();
const launch = [
  'graphs/render.yaml',
  `text=${TEXT}`,
  `location=${location}`,
  ...Object.entries(SIZE).map(([name, value]) => `${name}=${value}`),
];

const median = (samples: number[]) => spread(samples).p50!;

/** Seconds of media per second. */
async function inside(size: object): Promise<{ times: number; seconds: number }> {
  const parameters = { text: TEXT, location, ...size };
  const { pipeline } = await openGraph(join(root, 'graphs/render.yaml'), parameters);
  const begin = performance.now();
  await Promise.all([pipeline.finished(), pipeline.play()]);
  const took = (performance.now() - begin) / 1000;
  const seconds = (pipeline.position() ?? 0) / 1e9;
  await pipeline.close();
  return { times: seconds / took, seconds };
}

const { seconds } = await inside(SIZE);
progress(`${TIMES} renders of ${seconds.toFixed(1)} s`);
const within: number[] = [];
for (let i = 0; i < TIMES; i++) within.push((await inside(SIZE)).times);
const tall: Row[] = [];
for (const name of ['ava', 'max']) {
  const natural = await openAvatar(name);
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) times.push((await inside({ avatar: name })).times);
  tall.push({
    what: `offline render, ${name} at ${natural.width}x${natural.height}, inside`,
    unit: 'x real time',
    n: TIMES,
    value: median(times),
    budgets: [{ of: 'value', min: 3 }],
  });
  natural.close();
}
avatar.close();

const whole: number[] = [];
for (let i = 0; i < TIMES; i++) {
  const begin = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'src/cli/talkgraph.mjs'), 'launch', ...launch],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`talkgraph launch ended with ${status}: ${stderr.slice(-500)}`);
  whole.push(seconds / ((performance.now() - begin) / 1000));
}
rmSync(folder, { recursive: true, force: true });

const note = `${seconds.toFixed(1)} s of media, graphs/render.yaml`;
const rows: Row[] = [
  {
    what: 'offline render, 512x512, inside',
    unit: 'x real time',
    n: TIMES,
    value: median(within),
    budgets: [{ of: 'value', min: 4 }],
    note,
  },
  ...tall,
  {
    what: 'offline render, 512x512, the whole command',
    unit: 'x real time',
    n: TIMES,
    value: median(whole),
    budgets: [{ of: 'value', min: 2.5 }],
  },
];
report(rows);
