/**
 * `npm run bench:bindings`: our bridge beside the two GStreamer bindings npm has, on the same work, in one run.
 *
 * Installs gstreamer-superficial and node-gtk in a temporary folder (never into the project; node-gtk compiles for
 * a minute and needs libgirepository1.0-dev, libcairo2-dev and gir1.2-gst-plugins-base-1.0) and runs each subject's
 * job in a process of its own, round after round, so that a slow moment of the machine hits all of them. Figures
 * are medians over the rounds and ratios against ours.
 *
 *   npm run bench:bindings                    all jobs, 3 rounds
 *   npm run bench:bindings -- --rounds=1 --keep=DIR   use (and keep) DIR, which may hold an earlier installation
 *   npm run bench:bindings -- --json          one JSON object on stdout
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    keep: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const PACKAGES = ['gstreamer-superficial@1.7.4', 'node-gtk@4.1.1'];
const SUBJECTS = ['talkgraph', 'superficial', 'node-gtk'];
/** Seconds a job may take: one of the subjects can hang for ever on some of them, which is a result. */
const PATIENCE = 60;

const JOBS = {
  frames: { title: '720p I420 pictures with their time into JS', unit: 'pictures/s', better: 'higher' },
  audio: { title: '20 ms audio buffers through JS and on', unit: 'buffers/s', better: 'higher' },
  leak: { title: 'play and stop: memory kept', unit: 'KiB per pipeline', better: 'lower' },
};

const log = (text) => process.stderr.write(`bench:bindings: ${text}\n`);

function install(folder) {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'package.json')))
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
  for (const wanted of PACKAGES) {
    const name = wanted.split('@')[0];
    if (existsSync(join(folder, 'node_modules', name, 'package.json'))) continue;
    log(`installing ${wanted} in ${folder}`);
    const { status, stderr } = spawnSync('npm', ['install', '--ignore-scripts=false', '--no-audit', wanted], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (status !== 0)
      log(`${wanted} could not be installed, it is left out: ${stderr.trim().split('\n').at(-1)}`);
  }
}

/** One measurement: {value} or {problem}. */
function measure(folder, subject, job) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', join(here, `${subject}.mjs`), job],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: PATIENCE * 1000,
      killSignal: 'SIGKILL',
      env: { ...process.env, BINDINGS: folder },
    },
  );
  if (signal) return { problem: signal === 'SIGKILL' ? `no end within ${PATIENCE} s` : `ended by ${signal}` };
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (status !== 0 || !line.startsWith('{')) {
    // Node prints its version last; what went wrong stands in the line that names the error.
    const lines = stderr.trim().split('\n');
    const why = lines.find((text) => /^\S*Error\b/.test(text)) ?? lines.at(-1) ?? '';
    return { problem: why.slice(0, 120) || `exit ${status}` };
  }
  return JSON.parse(line);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'talkgraph-bindings-'));
install(folder);
const results = {};
for (const job of Object.keys(JOBS)) {
  const measured = Object.fromEntries(SUBJECTS.map((subject) => [subject, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const subject of SUBJECTS) {
      const result = measure(folder, subject, job);
      log(
        `${job}, round ${round}, ${subject}: ${result.problem ?? Number(result.value.toPrecision(4))}${result.note ? ` (${result.note})` : ''}`,
      );
      measured[subject].push(result);
    }
  }
  results[job] = {};
  for (const subject of SUBJECTS) {
    const good = measured[subject].filter(({ value }) => value !== undefined).map(({ value }) => value);
    const problem = measured[subject].find((result) => result.problem)?.problem;
    results[job][subject] = {
      ...(good.length > 0 ? { value: median(good) } : {}),
      ...(problem ? { problem } : {}),
      ...(measured[subject][0].note ? { note: measured[subject][0].note } : {}),
    };
  }
}
if (!values.keep) rmSync(folder, { recursive: true, force: true });

if (values.json) console.log(JSON.stringify({ jobs: JOBS, rounds, results }));
else {
  const cell = (job, subject) => {
    const { value, problem } = results[job][subject];
    if (value === undefined) return problem;
    const ours = results[job].talkgraph.value;
    const number = value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3));
    const ratio = subject === 'talkgraph' || !ours ? '' : ` (${Number((value / ours).toPrecision(2))}x)`;
    return `${number}${ratio}${problem ? `; ${problem}` : ''}`;
  };
  console.log(
    '| work | unit | talkgraph | gstreamer-superficial | node-gtk |\n| --- | --- | --- | --- | --- |',
  );
  for (const [job, { title, unit }] of Object.entries(JOBS)) {
    console.log(`| ${title} | ${unit} | ${SUBJECTS.map((subject) => cell(job, subject)).join(' | ')} |`);
  }
}
