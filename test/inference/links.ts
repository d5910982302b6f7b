/** A net of several files, which run one behind the other. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Net, Step } from '../../src/inference/net.js';
import { WorkerPool } from '../../src/inference/pool.js';
import { constant, model, node } from '../support/onnx.js';

const folder = t.testdir();
const pool = new WorkerPool({ workers: 1 });
t.teardown(() => pool.close());

/** Writes a file and answers its path. */
function put(name: string, ...[graph]: Parameters<typeof model>): string {
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, model(graph));
  return path;
}

const first = put('first', {
  nodes: [node('Add', ['x', 'x'], 'double'), node('Identity', ['x'], 'same')],
  constants: [],
  inputs: { x: [3] },
  outputs: { double: [3], same: [3] },
});
const sum = put('sum', {
  nodes: [node('Add', ['left', 'right'], 'both'), node('Mul', ['both', 'gain'], 'scaled')],
  constants: [],
  inputs: { left: [3], right: [3], gain: { type: 'float', dims: [1] } },
  outputs: { scaled: [3] },
});
const less = put('less', {
  nodes: [node('Sub', ['from', 'what'], 'y')],
  constants: [constant('what', [1], [1])],
  inputs: { from: [3] },
  outputs: { y: [3] },
});

const adds: Step = {
  path: sum,
  inputs: ['double', 'same'],
  outputs: ['sum'],
  names: { double: 'left', same: 'right', sum: 'scaled' },
  constants: { gain: 10 },
};
const ends: Step = { path: less, inputs: ['sum'], outputs: ['out'], names: { sum: 'from', out: 'y' } };
const net: Net = {
  name: 'chain',
  path: first,
  pixels: 'floats',
  inputs: { x: [3] },
  outputs: { out: [3] },
  next: [adds, ends],
};

t.test('each file is fed with what those before it gave, whatever they call it', async (t) => {
  const chain = await pool.load(net);
  const rows = await Promise.all(
    [1, 2].map((n) => chain.infer({ inputs: { x: Float32Array.of(n, 0, -n) } })),
  );
  t.same(
    rows.map(({ out }) => [...(out ?? [])]),
    [
      [29, -1, -31],
      [59, -1, -61],
    ],
  );
});

t.test('a file may run twice', async (t) => {
  const again: Step = { path: less, inputs: ['out'], outputs: ['last'], names: { out: 'from', last: 'y' } };
  const twice = await pool.load({
    ...net,
    name: 'twice',
    outputs: { last: [3] },
    next: [adds, ends, again],
  });
  const { last } = await twice.infer({ inputs: { x: Float32Array.of(1, 0, -1) } });
  t.same([...(last ?? [])], [28, -2, -32]);
  pool.release(twice, true);
  const still = await pool.load(net);
  t.same([...((await still.infer({ inputs: { x: Float32Array.of(0, 0, 0) } }))['out'] ?? [])], [-1, -1, -1]);
});

t.test('files that do not join are told', async (t) => {
  const refuses = (next: readonly Step[], debug: RegExp) =>
    t.rejects(pool.load({ ...net, next }), {
      code: 'library/init',
      debug,
    });
  await refuses(
    [{ ...adds, inputs: ['double', 'triple'] }, ends],
    /sum\.onnx has no input triple \(left, right, gain\)/,
  );
  await refuses(
    [{ ...adds, names: { ...adds.names, sum: 'total' } }, ends],
    /sum\.onnx has no output total \(scaled\)/,
  );
  await refuses(
    [{ ...ends, inputs: ['other'], names: { other: 'from', out: 'y' } }],
    /no file before it gives other/,
  );
});
