/** Threads that look for each other before they sleep: nobody else may have to wait for that, and everything ends it. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as timer, setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { type Frame, register, Sink, Source, type TimedFrame, Transform } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { any, metadata } from '../support/declared.js';

t.setTimeout(120_000);

class Hop extends Transform {
  static readonly metadata = metadata('testhop');
  static readonly pads = any;
  seen = 0;
  override transform(_frame: Frame): void {
    this.seen++;
  }
}
class PromisedHop extends Transform {
  static readonly metadata = metadata('testpromisedhop');
  static readonly pads = any;
  override async transform(_frame: Frame): Promise<void> {
    await undefined;
  }
}
class Asked extends Source {
  static readonly metadata = metadata('testasked');
  static readonly pads = { src: { caps: 'text/x-raw,format=utf8' } };
  override create(): TimedFrame {
    return { data: Uint8Array.of(1, 2, 3) };
  }
}
class Last extends Sink {
  static readonly metadata = metadata('testlast');
  static readonly pads = { sink: { caps: 'ANY' } };
  static override readonly sync = false;
  override render(_frame: Frame): void {}
}
for (const element of [Hop, PromisedHop, Asked, Last]) register(element);

/** As fast as it goes, for as long as it is let. */
const ENDLESS = 'testasked ! testhop name=hop ! testpromisedhop ! testlast';
const hopOf = (pipeline: Pipeline): Hop => pipeline.element('hop').instance as unknown as Hop;

async function more(hop: Hop, buffers: number): Promise<void> {
  const wanted = hop.seen + buffers;
  while (hop.seen < wanted) await turn();
}

t.test('timers, sockets and promises have their turn beside a pipeline without a clock', async (t) => {
  const pipeline = Pipeline.launch(ENDLESS);
  await pipeline.play();
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
  for (let i = 0; i < 20; i++) {
    await more(hopOf(pipeline), 100);
    socket.write('ping');
    t.equal(String((await once(socket, 'data'))[0]), 'ping');
    await timer(1);
  }
  socket.destroy();
  server.close();
  await pipeline.close();
});

t.test('no turn of the event loop is drawn out beyond its number of tasks', async (t) => {
  const pipeline = Pipeline.launch(ENDLESS);
  await pipeline.play();
  const hop = hopOf(pipeline);
  await more(hop, 1000);
  let most = 0;
  for (let i = 0; i < 200; i++) {
    const before = hop.seen;
    await turn();
    most = Math.max(most, hop.seen - before);
  }
  t.ok(most <= 2 * 256, `${most} in one turn`);
  await pipeline.close();
});

t.test('a setImmediate of somebody else changes nothing', async (t) => {
  const pipeline = Pipeline.launch(ENDLESS);
  await pipeline.play();
  const { setImmediate: real } = globalThis;
  globalThis.setImmediate = (() => undefined) as unknown as typeof setImmediate;
  try {
    await more(hopOf(pipeline), 2000);
  } finally {
    globalThis.setImmediate = real;
  }
  await pipeline.close();
  t.pass();
});

t.test('a flush and a stop come through while threads look', async (t) => {
  const pipeline = Pipeline.launch(`audiotestsrc ! testhop name=hop ! testpromisedhop ! testlast`);
  for (let round = 0; round < 10; round++) {
    await pipeline.play();
    await more(hopOf(pipeline), 100);
    for (let i = 0; i < 5; i++) {
      await pipeline.seek(i * 1e9);
      await more(hopOf(pipeline), 20);
    }
    await pipeline.stop();
  }
  t.equal(await Promise.race([pipeline.finished(), turn('still')]), 'still', 'and no error came');
  await pipeline.close();
});

t.test('an isolate ends while its threads look', async (t) => {
  const GRAPH = new URL('../../src/graph/pipeline.js', import.meta.url).href;
  const ELEMENT = new URL('../../src/element/index.js', import.meta.url).href;
  const script = `
    import { parentPort } from 'node:worker_threads';
    import { Pipeline } from '${GRAPH}';
    import { Transform, register } from '${ELEMENT}';
    let seen = 0;
    class Busy extends Transform {
      static metadata = { name: 'testbusyhop', longName: 'Busy', klass: 'Filter', description: 'hops', author: 'test' };
      static pads = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } };
      transform() { if (++seen === 500) parentPort.postMessage('ready'); }
    }
    register(Busy);
    await Pipeline.launch('audiotestsrc ! testbusyhop ! testbusyhop ! fakesink sync=false').play();`;
  for (let round = 0; round < 10; round++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`));
    await once(worker, 'message');
    await worker.terminate();
  }
  t.equal(native.census().pipelines, 0);
});
