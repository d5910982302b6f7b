/** Pipelines in worker threads: each isolate runs its own, and may be ended in the middle of anything. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';

t.setTimeout(1_500_000); // 34 workers; with sanitizers each takes some seconds to start

const GRAPH = new URL('../../src/graph/pipeline.js', import.meta.url).href;
const ELEMENT = new URL('../../src/element/index.js', import.meta.url).href;

/** Without what the test runner has node load first, which takes longer than all a worker does here. */
const bare = { execArgv: [] as string[] };

/** A worker that runs a script; it says 'ready' when its pipeline does what the script wants. */
function work(script: string): Worker {
  const source = `
    import { parentPort } from 'node:worker_threads';
    import { Pipeline } from '${GRAPH}';
    import { Transform, register } from '${ELEMENT}';
    const ready = (value) => parentPort.postMessage(value ?? 'ready');
    let reached = () => {};
    class Held extends Transform {
      static metadata = { name: 'heldhere', longName: 'Held', klass: 'Filter', description: 'never answers', author: 'test' };
      static properties = {};
      static pads = { sink: { caps: 'video/x-raw' }, src: { caps: 'video/x-raw' } };
      transform() { reached(); return new Promise(() => {}); }
    }
    ${script}`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), bare);
}

const COUNT = `
  const p = Pipeline.launch('videotestsrc num-buffers=500 ! video/x-raw,width=16,height=16 ! appsink name=out sync=false');
  let count = 0;
  p.element('out').onSamples((batch) => { count += batch.length; }, { full: 'wait' });
  await p.play();
  await p.finished();
  await p.close();
  ready(count);`;

t.test('three workers and the main thread run pipelines at the same time', async (t) => {
  const workers = [work(COUNT), work(COUNT), work(COUNT)];
  const counts = workers.map((worker) => once(worker, 'message'));
  const pipeline = Pipeline.launch('videotestsrc num-buffers=500 ! appsink name=out sync=false');
  let count = 0;
  pipeline.element('out').onSamples((batch) => (count += batch.length), { full: 'wait' });
  await pipeline.play();
  await pipeline.finished();
  await pipeline.close();
  t.equal(count, 500);
  t.same(await Promise.all(counts), [[500], [500], [500]]);
  await Promise.all(workers.map((worker) => worker.terminate()));
});

t.test('a worker goes on while the main thread is blocked', async (t) => {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { workerData, parentPort } from 'node:worker_threads';
        import { Pipeline } from '${GRAPH}';
        const p = Pipeline.launch('videotestsrc ! video/x-raw,width=16,height=16 ! appsink name=out sync=false');
        p.element('out').onSamples((batch) => { Atomics.add(workerData, 0, batch.length); }, { full: 'wait' });
        await p.play();
        parentPort.postMessage('ready');`)}`,
    ),
    { ...bare, workerData: shared },
  );
  await once(worker, 'message');
  const before = Atomics.load(shared, 0);
  const end = performance.now() + 5000;
  while (Atomics.load(shared, 0) < before + 200 && performance.now() < end);
  t.ok(Atomics.load(shared, 0) >= before + 200);
  await worker.terminate();
});

t.test('workers that are terminated with playing pipelines leave nothing behind', async (t) => {
  for (let round = 0; round < 10; round++) {
    const worker = work(`
      const p = Pipeline.launch('videotestsrc is-live=true ! queue ! fakesink sync=true  audiotestsrc ! appsink name=out sync=false');
      p.element('out').onSamples(() => {}, { full: 'wait' });
      await p.play();
      ready();`);
    await once(worker, 'message');
    await worker.terminate();
  }
  t.equal(native.census().pipelines, 0);
  t.equal(native.census().taps, 0);
});

t.test('workers that are terminated inside a call that never ends leave nothing behind', async (t) => {
  for (let round = 0; round < 20; round++) {
    const worker = work(`
      register(Held);
      const p = Pipeline.launch('videotestsrc ! heldhere ! fakesink');
      reached = () => ready();
      p.play().catch(() => {});`);
    await once(worker, 'message');
    await worker.terminate();
  }
  t.equal(native.census().pipelines, 0);
  const pipeline = Pipeline.launch('videotestsrc num-buffers=3 ! fakesink');
  await pipeline.play();
  t.equal(await pipeline.finished(), 'eos', 'the main thread is none the worse');
  await pipeline.close();
});

t.test('workers that are terminated in the middle of a state change leave nothing behind', async (t) => {
  for (let round = 0; round < 10; round++) {
    const worker = work(`
      for (let i = 0; i < 5; i++) Pipeline.launch('videotestsrc is-live=true ! fakesink').play().catch(() => {});
      ready();`);
    await once(worker, 'message');
    await worker.terminate();
  }
  t.equal(native.census().pipelines, 0);
});
