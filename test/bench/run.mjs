/**
 * `npm run bench`: the figures of the README, measured anew on this machine.
 *
 *   npm run bench                      all benches
 *   npm run bench -- hop cut           those
 *   npm run bench -- --json            one JSON object on stdout
 *   npm run bench -- --list            their names
 *   talkgraph bench sync --json        the same by the command
 *
 * Each bench is a file dist/test/bench/NAME.js and runs in a process of its own, one after the other. A budget that is
 * missed is shown and is no failure; the exit code is 1 only when a bench itself breaks. Quiet the machine first.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const compiled = join(root, 'dist', 'test', 'bench');
/** Seconds after which a bench counts as broken. */
const PATIENCE = 900;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
});

function fail(sentence) {
  process.stderr.write(`bench: ${sentence}\n`);
  process.exit(1);
}

if (!existsSync(compiled)) fail('nothing is compiled yet; run "npm run build" first.');
const known = readdirSync(compiled)
  .filter((file) => /^[a-z-]+\.js$/.test(file))
  .map((file) => file.slice(0, -3))
  .sort();
const unknown = positionals.find((name) => !known.includes(name));
if (unknown !== undefined) fail(`there is no bench "${unknown}", only ${known.join(', ')}.`);
if (options.list) {
  process.stdout.write(`${known.join('\n')}\n`);
  process.exit(0);
}

/** Runs one bench: {rows} or {problem}. */
function run(name) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--expose-gc', join(compiled, `${name}.js`)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      // A busy machine misses frames; the figures say so, not a thousand warnings.
      env: { TALKGRAPH_LOG: 'error', ...process.env },
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE * 1000);
    child.on('error', (error) => resolve({ problem: error.message }));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const line = out.trim().split('\n').at(-1) ?? '';
      if (signal === 'SIGKILL') resolve({ problem: `no end within ${PATIENCE} s` });
      else if (code !== 0 || !line.startsWith('{')) resolve({ problem: `exit ${code ?? signal}` });
      else resolve(JSON.parse(line));
    });
  });
}

const figure = (number) => {
  if (number === undefined || number === null) return '';
  if (Math.abs(number) >= 1000) return Math.round(number).toLocaleString('en');
  return String(Number(number.toPrecision(3)));
};

/** `met`, or by how much it is missed. */
function judge(row) {
  return (row.budgets ?? []).map(({ of, max, min }) => {
    const found = row[of];
    const wanted = `${of === 'value' ? '' : `${of} `}${max !== undefined ? `<= ${max}` : `>= ${min}`}`;
    const met = typeof found === 'number' && (max !== undefined ? found <= max : found >= min);
    const by = max !== undefined ? found - max : min - found;
    return {
      wanted,
      met,
      text: met ? 'met' : typeof found === 'number' ? `missed by ${figure(by)}` : 'no figure',
    };
  });
}

function table(results) {
  const head = ['bench', 'what', 'unit', 'n', 'median', 'p95', 'p99', 'budget', 'result', 'ratio'];
  const lines = [];
  for (const [name, { rows, problem }] of Object.entries(results)) {
    if (problem) lines.push([name, `BROKEN: ${problem}`]);
    for (const row of rows ?? []) {
      const judged = judge(row);
      lines.push([
        name,
        row.what,
        row.unit,
        String(row.n),
        figure(row.value ?? row.p50),
        figure(row.p95),
        figure(row.p99),
        judged.map(({ wanted }) => wanted).join(', '),
        judged.map(({ text }) => text).join(', '),
        row.ratio ? `${figure(row.ratio.value)}x ${row.ratio.than}` : '',
      ]);
    }
  }
  const cells = [head, ...lines].map((line) => head.map((_, i) => line[i] ?? ''));
  const widths = head.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const print = (line) => `| ${line.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [print(cells[0]), rule, ...cells.slice(1).map(print)].join('\n');
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  load: loadavg()[0],
};
const results = {};
for (const name of positionals.length > 0 ? positionals : known) {
  process.stderr.write(`bench: ${name}\n`);
  results[name] = await run(name);
}

if (options.json) {
  // Of one bench what it has for programs stands at the top.
  const [one, ...others] = Object.values(results);
  const { rows: _, problem: __, ...more } = others.length === 0 ? one : {};
  process.stdout.write(`${JSON.stringify({ machine, ...more, results })}\n`);
} else {
  process.stdout.write(
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)} before the first\n\n${table(results)}\n`,
  );
  for (const [name, { rows }] of Object.entries(results)) {
    for (const { what, note } of rows ?? []) if (note) process.stdout.write(`\n${name}, ${what}: ${note}\n`);
  }
}
process.exit(Object.values(results).some(({ problem }) => problem) ? 1 : 0);
