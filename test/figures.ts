/** test/bench/figures.mjs: figures of a bench into the README, by the command that a person types. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const script = fileURLToPath(new URL('../../test/bench/figures.mjs', import.meta.url));
const marks = (name: string) => `<!-- figures: ${name} -->\nold\n<!-- end of figures: ${name} -->`;
const page = `# x\n\n${marks('bindings')}\n\nbetween\n\n${marks('bench')}\n`;

const bench = JSON.stringify({
  machine: { cpu: 'Abacus 7', cores: 3, node: 'v20.19.0' },
  results: {
    hop: {
      rows: [
        { what: 'one hop', unit: 'us', p50: 87.654, p99: 2100, budgets: [{ of: 'p50', max: 150 }] },
        { what: 'back to back', unit: 'buffers/s', value: 12345, budgets: [{ of: 'value', min: 50000 }] },
      ],
    },
    cut: { problem: 'exit 1' },
  },
});
const bindings = JSON.stringify({
  jobs: { frames: { title: 'pictures', unit: 'per s' } },
  rounds: 3,
  results: {
    frames: {
      talkgraph: { value: 800 },
      superficial: { value: 200, note: 'no time on pull' },
      'node-gtk': { problem: 'no end within 60 s' },
    },
  },
});

function fill(root: string, ...files: string[]) {
  const args = [script, `--file=${join(root, 'page.md')}`, ...files.map((file) => join(root, file))];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

t.test('each file fills its own block and leaves the rest', (t) => {
  const root = t.testdir({
    'page.md': page,
    'a.json': `> talkgraph bench\n\n${bench}\n`,
    'b.json': bindings,
  });
  t.equal(fill(root, 'a.json').status, 0);
  const once = readFileSync(join(root, 'page.md'), 'utf8');
  t.match(once, '| `hop` | one hop | us | 87.7 |  | 2,100 | p50 <= 150: met |');
  t.match(once, '| `hop` | back to back | buffers/s | 12,300 |  |  | >= 50,000: missed |');
  t.match(once, 'broken: exit 1');
  t.match(once, 'Abacus 7, 3 cores, Node v20.19.0.');
  t.match(once, marks('bindings'), 'no figures of the bindings were given');

  t.equal(fill(root, 'b.json').status, 0);
  const twice = readFileSync(join(root, 'page.md'), 'utf8');
  t.match(twice, '| pictures (per s) | 800 | 200 (0.25x) | no end within 60 s |');
  t.match(twice, '- gstreamer-superficial, pictures: no time on pull');
  t.match(twice, 'between');

  t.equal(fill(root, 'a.json', 'b.json').status, 0);
  t.equal(readFileSync(join(root, 'page.md'), 'utf8'), twice, 'the same figures again change nothing');
  t.end();
});

t.test('what holds no figures, and a page without the block, are said and change nothing', (t) => {
  const root = t.testdir({ 'page.md': marks('bench'), 'b.json': bindings, 'c.json': '{}' });
  for (const [file, why] of [
    ['b.json', /no block "bindings"/],
    ['c.json', /neither/],
  ] as const) {
    const { status, stderr } = fill(root, file);
    t.equal(status, 1);
    t.match(stderr, why);
  }
  t.equal(readFileSync(join(root, 'page.md'), 'utf8'), marks('bench'));
  t.end();
});
