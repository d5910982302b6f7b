/** How a model is timed when it is loaded, by a thread and a clock that the test turns. */
import t from 'tap';
import { PooledModel } from '../../src/inference/model.js';
import type { Net } from '../../src/inference/net.js';
import type { Thread } from '../../src/inference/thread.js';

const net: Net = { name: 'net', path: 'net.onnx', pixels: 'floats', inputs: { x: [2] }, outputs: { y: [3] } };
const clock = performance.now;
let now = 0;
t.before(() => {
  performance.now = () => now;
});
t.teardown(() => {
  performance.now = clock;
});

/** Times a model whose runs take so long; the first one has to warm up. */
async function timed(ms: number) {
  let runs = 0;
  const order = async ({ inputs }: { inputs: unknown }) => {
    now += runs++ === 0 ? 10 * ms : ms;
    return { done: 'run', id: 0, inputs, outputs: [], took: ms };
  };
  const running = { providers: ['cpu'], outputs: ['y'], finish: undefined } as const;
  const model = new PooledModel<unknown>('key', net, running, () => Promise.reject(new Error('not asked')));
  await model.time([{ order } as unknown as Thread]);
  return { runs, ...model.timing };
}

t.test('short runs are timed many times, long ones three times, very long ones once', async (t) => {
  t.same(await timed(2), { runs: 1 + 60, median: 2, p99: 2, rows: 500 });
  t.same(await timed(20), { runs: 1 + 20, median: 20, p99: 20, rows: 50 });
  t.same(await timed(1000), { runs: 1 + 3, median: 1000, p99: 1000, rows: 1 });
  t.same(await timed(8000), { runs: 1 + 1, median: 8000, p99: 8000, rows: 0.125 });
});
