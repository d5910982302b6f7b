/** TypeScript elements among ordinary ones, many times over, and what is left of them. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { type Frame, type Item, Pipe, type PipeInput, register, Transform } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { any, metadata } from '../support/declared.js';
import { gc } from '../support/gc.js';

t.setTimeout(120_000);

class Tally extends Transform {
  static readonly metadata = metadata('testtally');
  static readonly pads = any;
  count = 0;
  override transform(_frame: Frame): void {
    this.count++;
  }
}
class TallyPipe extends Pipe {
  static readonly metadata = metadata('testtallypipe');
  static readonly pads = any;
  count = 0;
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) {
      if (!('event' in item)) this.count++;
      yield item;
    }
  }
}
/** Answers the first frames, then not before it is called off. */
class Stuck extends Transform {
  static readonly metadata = metadata('teststuck');
  static readonly pads = any;
  static waiting = 0;
  #count = 0;
  override transform(): undefined | Promise<void> {
    if (this.#count++ < 2) return undefined;
    Stuck.waiting++;
    const { signal } = this;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}
for (const element of [Tally, TallyPipe, Stuck]) register(element);

const countOf = (pipeline: Pipeline, name: string): number =>
  (pipeline.element(name).instance as unknown as Tally).count;

t.test('stands among tee, queue, converters, encoders and a muxer, twice in one pipeline', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=30 samplesperbuffer=441 ! audio/x-raw,rate=44100 ! testtally name=a ! tee name=fork ' +
      'fork. ! queue ! audioresample ! audio/x-raw,rate=48000 ! testtally name=b ! opusenc ! m. ' +
      'fork. ! queue ! testtallypipe name=c ! fakesink sync=false async=false ' +
      'videotestsrc num-buffers=8 ! video/x-raw,format=I420,width=32,height=32,framerate=25/1 ! testtally name=d ! testtallypipe name=e ! x264enc ! h264parse ! m. ' +
      'mp4mux name=m ! fakesink name=out sync=false',
  );
  await pipeline.play();
  await pipeline.finished();
  t.equal(countOf(pipeline, 'a'), 30);
  t.ok(countOf(pipeline, 'b') >= 29);
  t.equal(countOf(pipeline, 'c'), 30);
  t.equal(countOf(pipeline, 'd'), 8);
  t.equal(countOf(pipeline, 'e'), 8);
  await pipeline.close();
});

t.test('two pipelines at once do not mix', async (t) => {
  const line = (count: number) =>
    `videotestsrc num-buffers=${count} ! video/x-raw,width=16,height=16 ! testtally name=a ! testtallypipe name=b ! fakesink sync=false`;
  const pipelines = [300, 301].map((count) => Pipeline.launch(line(count)));
  await Promise.all(pipelines.map((pipeline) => pipeline.play()));
  await Promise.all(pipelines.map((pipeline) => pipeline.finished()));
  t.same(
    pipelines.map((pipeline) => [countOf(pipeline, 'a'), countOf(pipeline, 'b')]),
    [
      [300, 300],
      [301, 301],
    ],
  );
  await Promise.all(pipelines.map((pipeline) => pipeline.close()));
});

t.test('starts and stops 200 times, and leaves no call behind', async (t) => {
  const before = native.elementCounts();
  const pipeline = Pipeline.launch(
    'videotestsrc ! video/x-raw,width=16,height=16 ! testtally name=a ! testtallypipe name=b ! fakesink sync=false',
  );
  for (let round = 0; round < 200; round++) {
    await pipeline.play();
    await pipeline.stop();
  }
  t.equal(native.elementCounts().instances, before.instances + 2);
  await pipeline.close();
  for (let i = 0; i < 50 && native.elementCounts().loans > before.loans; i++) await gc();
  t.same(native.elementCounts(), before);
});

t.test(
  '200 fresh pipelines, four at a time, are stopped in the middle of calls that never end',
  async (t) => {
    await gc();
    const before = native.elementCounts();
    let made = 0;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        while (made++ < 200) {
          const pipeline = Pipeline.launch(
            'videotestsrc ! video/x-raw,width=16,height=16 ! testtallypipe ! teststuck ! fakesink sync=false',
          );
          const { waiting } = Stuck;
          pipeline.play().catch(() => undefined);
          while (Stuck.waiting === waiting) await turn();
          await pipeline.close();
        }
      }),
    );
    for (let i = 0; i < 100 && native.elementCounts().instances > before.instances; i++) await gc();
    t.equal(native.elementCounts().instances, before.instances);
    t.equal(native.elementCounts().calls, before.calls);
    t.match(native.census(), { pipelines: 0, controlJobs: 0 });
  },
);
