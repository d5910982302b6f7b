/** The traps of running pipelines under an event loop, each in the state where it once snapped. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type Frame,
  type Metadata,
  type PadTemplates,
  register,
  Transform,
} from '../../src/element/index.js';
import { PACKAGE } from '../../src/graph/find.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { gc } from '../support/gc.js';

t.setTimeout(180_000);

/** Asks for nothing and never answers; `reached` resolves when a picture is in its hands. */
class NeverDone extends Transform {
  static readonly metadata = {
    name: 'neverdone',
    longName: 'Never done',
    klass: 'Filter/Test',
    description: 'Never answers',
    author: 'test',
  } satisfies Metadata;
  static readonly pads = {
    sink: { caps: 'video/x-raw' },
    src: { caps: 'video/x-raw' },
  } satisfies PadTemplates;
  static reached: () => void = () => undefined;
  override transform(_frame: Frame): Promise<void> {
    NeverDone.reached();
    return new Promise(() => undefined);
  }
}
register(NeverDone);

function busyUntil(done: () => boolean, ms: number): void {
  const end = performance.now() + ms;
  while (!done() && performance.now() < end);
}

const threads = () => readdirSync('/proc/self/task').length;
const files = () => readdirSync('/proc/self/fd').length;
const control = () =>
  readdirSync('/proc/self/task').filter((id) => {
    try {
      return readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() === 'talk-control';
    } catch {
      return false; // it ended meanwhile
    }
  }).length;

t.test('changes state while the JS thread is busy', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc is-live=true ! fakesink name=out');
  const playing = pipeline.play();
  const sink = pipeline.element('out');
  busyUntil(() => sink.state === 'playing', 5000);
  t.equal(sink.state, 'playing');
  t.equal(pipeline.state, 'null', 'nothing was told yet');
  const stopped = pipeline.stop();
  busyUntil(() => sink.state === 'null', 5000);
  t.equal(sink.state, 'null');
  await t.rejects(playing, { code: 'core/state-change' });
  await stopped;
  await pipeline.close();
});

t.test('answers LATENCY while the JS thread is busy', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc is-live=true ! video/x-raw,width=16,height=16,framerate=8/1 ! fakesink name=out sync=true',
    { clock: 'test' },
  );
  let told = 0;
  pipeline.on('latency', () => told++);
  await pipeline.play();
  while (told === 0) await turn();
  pipeline.element('out').set('render-delay', 77_000_000);
  // A sink waits for time + latency - render delay. Until the new latency has been handed out that is 125 + 20 - 77;
  // with it, 125 + 20 + 77 - 77 after a multiple of 125.
  const { clock } = pipeline;
  let next: number | undefined;
  const told20 = () => next !== undefined && next % 125e6 === 20e6 && next > 500e6;
  busyUntil(() => {
    next = clock.next();
    if (next !== undefined && !told20()) clock.set(next);
    return told20();
  }, 5000);
  t.ok(told20(), 'the sink was told, and JS had no part in it');
  while (told < 2) await turn();
  t.match(pipeline.latency(), { min: 222e6, live: true });
  await pipeline.close();
});

t.test('stops although a TypeScript element never answers', async (t) => {
  for (let round = 0; round < 5; round++) {
    const pipeline = Pipeline.launch('videotestsrc ! neverdone ! fakesink');
    const reached = new Promise<void>((resolve) => {
      NeverDone.reached = resolve;
    });
    const playing = t.rejects(pipeline.play(), { code: 'core/state-change' });
    await reached;
    await pipeline.stop();
    await playing;
    await pipeline.close();
  }
  t.equal(native.census().pipelines, 0);
});

t.test('stops although a seek is stuck behind a paused sink', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc num-buffers=300 ! fakesink sync=true');
  await pipeline.pause();
  // Without a flush it waits for the stream, which waits in the sink.
  const sought = pipeline.seek(1e9, { flush: false }).catch(() => undefined);
  for (let i = 0; i < 20; i++) await turn();
  await pipeline.stop();
  await sought;
  t.equal(pipeline.state, 'null');
  await pipeline.close();
});

t.test('ends a seek whose data reaches the sinks before all sources have been asked', async (t) => {
  // The picture's branch is sought first, and the other one holds the seek up until the picture is there. The pipeline
  // is on its way back to playing then, and no second end of that preroll will come.
  const pipeline = Pipeline.launch(
    'appsrc name=slow format=time stream-type=seekable ! fakesink async=false   videotestsrc ! fakesink name=out',
  );
  const top = pipeline.element('out').parent!;
  let sought: Promise<void> | undefined;
  let held = false;
  pipeline.element('slow').on('seek-data', () => {
    const { paused, playing } = { paused: 3, playing: 4 };
    if (sought === undefined) return true; // it is asked at its start, too
    busyUntil(() => {
      const now = native.elementState(top.raw);
      held = now?.state === paused && now.pending === playing;
      return held;
    }, 5000);
    return true;
  });
  // Asked on the way to playing, which takes until this has been answered: longer than the end of the seek does.
  top.on('do-latency', () => true);
  await pipeline.play();
  sought = pipeline.seek(1e9);
  await sought;
  t.ok(held, 'it was there before the seek was over');
  await pipeline.close();
});

t.test('knows no way to run a GLib main loop, or to wait for one', async (t) => {
  // A library names what it calls. Nested in Node's loop, or on a thread that holds the default context, such a loop
  // takes turns away from JS or waits for ever.
  const flavour = process.env['TALKGRAPH_NATIVE'] ?? 'release';
  const addon = readFileSync(join(PACKAGE, 'native', 'build', flavour, 'talkgraph.node'), 'latin1');
  const calls = new Set(addon.match(/\b(gst_bus_\w+|g_main_(loop|context)_\w+|g_(idle|timeout)_add\w*)\b/g));
  t.same([...calls], ['gst_bus_set_sync_handler']);
});

t.test('refuses more work than its queue holds', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc num-buffers=300 ! fakesink sync=true');
  await pipeline.pause();
  const stuck = Array.from({ length: 400 }, () => pipeline.seek(1e9, { flush: false }));
  const outcomes = Promise.allSettled(stuck);
  await pipeline.stop();
  const refused = (await outcomes).filter(
    (outcome) => outcome.status === 'rejected' && outcome.reason.code === 'resource/busy',
  );
  t.ok(refused.length >= 400 - 256 - 2, `${refused.length} were refused`);
  await pipeline.close();
});

t.test('hands over a storm of messages in turns, and counts what it drops', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=5000 samplesperbuffer=8 ! audio/x-raw,rate=8000 ! level interval=1000000 ! fakesink name=out sync=false',
  );
  let marks = 0;
  let dropped = 0;
  let most = 0;
  let ended = false;
  let inTurn = 0;
  pipeline.on('mark', () => {
    marks++;
    most = Math.max(most, ++inTurn);
  });
  pipeline.on('dropped', (count) => {
    dropped += count;
  });
  pipeline.on('eos', () => {
    ended = true;
  });
  const playing = pipeline.play();
  // Busy for as long as it takes to post many more messages than may wait.
  const rendered = () =>
    (pipeline.element('out').get('stats') as { fields: { rendered: number } }).fields.rendered;
  busyUntil(() => rendered() > 4000, 20_000);
  while (!ended) {
    inTurn = 0;
    await turn();
  }
  await playing;
  t.ok(dropped > 0, 'the queue has a limit');
  t.equal(marks + dropped, 5001, 'EOS came through, and nothing is lost uncounted');
  t.ok(most <= 64 * 2, `${most} in one turn`);
  await pipeline.close();
});

t.test('starts and stops one pipeline 200 times', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc ! video/x-raw,width=32,height=32 ! queue ! fakesink sync=false',
  );
  await pipeline.play();
  await pipeline.stop();
  const before = { threads: threads(), files: files() };
  for (let round = 0; round < 200; round++) {
    await pipeline.play();
    await pipeline.stop();
  }
  // GLib keeps a few threads of its own ready; each round needs two.
  t.ok(threads() <= before.threads + 16, `${before.threads} threads before, ${threads()} after`);
  t.equal(files(), before.files);
  await pipeline.close();
});

t.test('leaves nothing behind after 120 pipelines, four at a time', async (t) => {
  await makeMany(8, 4);
  await gc();
  const before = { files: files(), timers: timers() };
  await makeMany(120, 4);
  await gc();
  await gc();
  t.match(native.census(), { pipelines: 0, signals: 0, taps: 0, controlJobs: 0 });
  t.equal(native.census().handles, 0);
  t.equal(files(), before.files);
  t.equal(timers(), before.timers);
  t.ok(control() <= 16, `${control()} control threads`);
});

t.test('runs many pipelines at once on a bounded number of threads', async (t) => {
  const pipelines = Array.from({ length: 40 }, () =>
    Pipeline.launch('videotestsrc is-live=true ! fakesink sync=false'),
  );
  await Promise.all(pipelines.map((pipeline) => pipeline.play()));
  t.ok(control() <= 16, `${control()} control threads`);
  await Promise.all(pipelines.map((pipeline) => pipeline.close()));
  t.equal(native.census().pipelines, 0);
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate/.test(name)).length;
}

/** Makes, plays, uses, stops and closes `total` pipelines, `atOnce` at a time. */
async function makeMany(total: number, atOnce: number): Promise<void> {
  let made = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (made++ < total) {
        const pipeline = Pipeline.launch(
          'videotestsrc ! video/x-raw,width=32,height=32 ! queue ! appsink name=out sync=false   audiotestsrc ! fakesink sync=false',
        );
        const first = new Promise<void>((resolve) => pipeline.element('out').onSamples(() => resolve()));
        pipeline.element('out').on('notify::sync', () => undefined);
        await pipeline.play();
        await first;
        await pipeline.close();
      }
    }),
  );
}
