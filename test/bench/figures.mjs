/**
 * Puts measured figures into README.md, between the markers that name their bench, so that none is typed by hand.
 *
 *   npm run bench -- --json > bench.json
 *   npm run bench:bindings -- --json > bindings.json
 *   node test/bench/figures.mjs bench.json bindings.json
 *
 * Any of the files may be left out: the block it fills stays as it is. `--file=FILE` fills another page than README.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Three figures, thousands apart: 0.123, 45.6, 12,300. */
export function figure(value) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '';
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) >= 1000 ? rounded.toLocaleString('en') : String(rounded);
}

const cell = (text) => String(text ?? '').replaceAll('|', '\\|');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** The table of `npm run bench -- --json`: what, median, p95, p99, budget. */
export function benchBlock({ machine, results }) {
  const rows = Object.entries(results).flatMap(([name, { rows = [], problem }]) =>
    problem
      ? [[`\`${name}\``, `broken: ${problem}`, '', '', '', '', '']]
      : rows.map((row) => [
          `\`${name}\``,
          row.what,
          row.unit,
          figure(row.value ?? row.p50),
          figure(row.p95),
          figure(row.p99),
          (row.budgets ?? []).map((budget) => judged(row, budget)).join(', '),
        ]),
  );
  const place = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`;
  return `${table(['bench', 'what', 'unit', 'median', 'p95', 'p99', 'budget'], rows)}\n\n${place}.`;
}

function judged(row, { of, min, max }) {
  const found = row[of];
  const name = of === 'value' ? '' : `${of} `;
  const wanted = max === undefined ? `${name}>= ${figure(min)}` : `${name}<= ${figure(max)}`;
  if (typeof found !== 'number') return `${wanted}: no figure`;
  return `${wanted}: ${(max === undefined ? found >= min : found <= max) ? 'met' : 'missed'}`;
}

/** The table of `npm run bench:bindings -- --json`: one job a row, ratios against ours. */
export function bindingsBlock({ jobs, rounds, results }) {
  const names = { talkgraph: 'talkgraph', superficial: 'gstreamer-superficial', 'node-gtk': 'node-gtk' };
  const rows = Object.entries(jobs).map(([job, { title, unit }]) => [
    `${title} (${unit})`,
    ...Object.keys(names).map((subject) => {
      const { value, problem } = results[job]?.[subject] ?? {};
      if (value === undefined) return problem ?? 'not measured';
      const ours = results[job].talkgraph?.value;
      return subject === 'talkgraph' || !ours ? figure(value) : `${figure(value)} (${figure(value / ours)}x)`;
    }),
  ]);
  const notes = Object.entries(names).flatMap(([subject, title]) =>
    Object.entries(jobs).flatMap(([job, { title: work }]) => {
      const note = results[job]?.[subject]?.note;
      return note ? [`- ${title}, ${work}: ${note}`] : [];
    }),
  );
  return [
    table(['same work, same run', ...Object.values(names)], rows),
    '',
    `Medians of ${rounds} rounds, each in a process of its own; in brackets the ratio to ours.`,
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}

/** `page` with the block NAME (between its two marker comments) replaced. Throws where a marker is missing. */
export function fill(page, name, block) {
  const [from, to] = [`<!-- figures: ${name} -->`, `<!-- end of figures: ${name} -->`];
  const [start, end] = [page.indexOf(from), page.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`the page has no block "${name}" (${from} … ${to})`);
  return `${page.slice(0, start + from.length)}\n\n${block}\n\n${page.slice(end)}`;
}

/** Which block a file of figures is for, and the block. */
export function blockOf(figures) {
  if (figures.machine && figures.results) return ['bench', benchBlock(figures)];
  if (figures.jobs && figures.results) return ['bindings', bindingsBlock(figures)];
  throw new Error('it holds neither the figures of bench --json nor those of bench:bindings --json');
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { file: { type: 'string', default: join(root, 'README.md') } },
  });
  if (positionals.length === 0) throw new Error('name the files of figures; the head of this file says how');
  let page = readFileSync(values.file, 'utf8');
  for (const path of positionals) {
    // npm run prints its own lines first: the figures are the last line.
    const line = readFileSync(path, 'utf8').trim().split('\n').at(-1);
    page = fill(page, ...blockOf(JSON.parse(line)));
  }
  writeFileSync(values.file, page);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(`figures: ${error.message}`);
    process.exitCode = 1;
  }
}
