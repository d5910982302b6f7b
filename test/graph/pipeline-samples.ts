import t from 'tap';
import type { TalkError } from '../../src/element/error.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Flow, Sample } from '../../src/graph/samples.js';

const GREY = 'video/x-raw,format=GRAY8,width=5,height=3,framerate=8/1';

t.test('hands over every buffer with its times, copied', async (t) => {
  const pipeline = Pipeline.launch(
    `videotestsrc num-buffers=100 timestamp-offset=1000 ! ${GREY} ! appsink name=out sync=false`,
  );
  const samples: Sample[] = [];
  let batches = 0;
  pipeline.element('out').onSamples(
    (batch, dropped) => {
      t.equal(dropped, 0);
      samples.push(...batch);
      batches++;
    },
    { limit: 5, full: 'wait' },
  );
  await pipeline.play();
  await pipeline.finished();
  t.equal(samples.length, 100);
  t.ok(batches < 100, 'in batches');
  samples.forEach((sample, i) => {
    if (sample.pts !== 1000 + i * 125e6 || sample.data.length !== 8 * 3) t.fail(`sample ${i}: ${sample.pts}`);
  });
  t.match(samples[0], {
    runningTime: 1000,
    duration: 125e6,
    caps: { name: 'video/x-raw', fields: { width: 5, framerate: { num: 8, den: 1 } } },
  });
  t.equal(samples[0]?.gap, undefined);
  await pipeline.close();
  t.equal(samples[99]?.data.length, 24, 'they are ours');
});

t.test('counts running time from the segment', async (t) => {
  const pipeline = Pipeline.launch(`videotestsrc num-buffers=80 ! ${GREY} ! appsink name=out sync=false`);
  const samples: Sample[] = [];
  pipeline.element('out').onSamples((batch) => samples.push(...batch), { full: 'wait' });
  await pipeline.pause();
  await pipeline.seek(5e9, { accurate: true, stop: 6e9 });
  await pipeline.play();
  await pipeline.finished();
  t.match(samples[0], { pts: 5e9, runningTime: 0 });
  t.equal(samples.length, 8);
  await pipeline.close();
});

t.test('drops the oldest when JS is busy, and counts them', async (t) => {
  const pipeline = Pipeline.launch(`videotestsrc num-buffers=300 ! ${GREY} ! appsink name=out sync=false`);
  const got: number[] = [];
  let lost = 0;
  pipeline.element('out').onSamples(
    (batch, dropped) => {
      lost += dropped;
      for (const { pts } of batch) got.push((pts ?? -1) / 125e6);
    },
    { limit: 7 },
  );
  const playing = pipeline.play();
  const until = performance.now() + 300;
  while (performance.now() < until);
  await playing;
  await pipeline.finished();
  await pipeline.stop();
  t.ok(lost > 0);
  t.equal(got.length + lost, 300);
  t.same(
    got,
    [...got].sort((a, b) => a - b),
    'in order',
  );
  t.equal(got.at(-1), 299, 'the newest are kept');
  await pipeline.close();
});

t.test('makes the pipeline wait when asked to', async (t) => {
  const pipeline = Pipeline.launch(`videotestsrc num-buffers=300 ! ${GREY} ! appsink name=out sync=false`);
  let count = 0;
  pipeline.element('out').onSamples(
    (batch, dropped) => {
      count += batch.length;
      t.equal(dropped, 0);
    },
    { limit: 2, full: 'wait' },
  );
  const playing = pipeline.play();
  const until = performance.now() + 50;
  while (performance.now() < until);
  await playing;
  await pipeline.finished();
  t.equal(count, 300);
  await pipeline.close();
});

t.test('a stop does not wait for JS to take what is queued', async (t) => {
  const pipeline = Pipeline.launch(`videotestsrc ! ${GREY} ! appsink name=out sync=false`);
  let count = 0;
  pipeline.element('out').onSamples((batch) => (count += batch.length), { limit: 3, full: 'wait' });
  await pipeline.play();
  await pipeline.close();
  const then = count;
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(count, then, 'after the close nothing comes');
});

t.test('tells the end after all samples and signals before it, however late JS is', async (t) => {
  const pipeline = Pipeline.launch(
    `videotestsrc num-buffers=50 ! ${GREY} ! identity name=i signal-handoffs=true ! appsink name=out sync=false wait-on-eos=false`,
  );
  const sink = pipeline.element('out');
  const heard = { samples: 0, signals: 0 };
  sink.onSamples((batch) => (heard.samples += batch.length));
  pipeline.element('i').on('handoff', () => heard.signals++);
  const rendered = () => (sink.get('stats') as { fields: { rendered: number } }).fields.rendered;
  const playing = pipeline.play();
  const until = performance.now() + 5000;
  while (rendered() < 50 && performance.now() < until);
  t.equal(rendered(), 50);
  t.equal(await pipeline.finished(), 'eos');
  t.same(heard, { samples: 50, signals: 50 });
  await playing;
  await pipeline.close();
});

t.test('stops listening, and hands over what waits to whom listens next', async (t) => {
  const pipeline = Pipeline.launch(
    `videotestsrc num-buffers=4 ! ${GREY} ! appsink name=out sync=false wait-on-eos=false`,
  );
  const sink = pipeline.element('out');
  let count = 0;
  const off = sink.onSamples((batch) => (count += batch.length));
  off();
  await pipeline.play();
  await pipeline.finished();
  t.equal(count, 0);
  await new Promise<void>((resolve) =>
    sink.onSamples((batch) => {
      count += batch.length;
      if (count === 4) resolve();
    }),
  );
  t.equal(count, 4);
  await pipeline.close();
});

t.test('listens to nothing but appsinks, with a sensible limit', async (t) => {
  const pipeline = Pipeline.launch('fakesrc name=src ! appsink name=out');
  t.throws(() => pipeline.element('src').onSamples(() => undefined), {
    name: 'TypeError',
    message: '"src" is no appsink',
  });
  t.throws(() => pipeline.element('out').onSamples(() => undefined, { limit: 0 }), { name: 'TypeError' });
  t.throws(() => pipeline.element('out').feed(), { name: 'TypeError', message: '"out" is no appsrc' });
  await pipeline.close();
});

t.test('makes an error of what a sample listener throws', async (t) => {
  const pipeline = Pipeline.launch(`videotestsrc num-buffers=1 ! ${GREY} ! appsink name=out sync=false`);
  const errors: TalkError[] = [];
  const failed = new Promise<void>((resolve) =>
    pipeline.on('error', (error) => {
      errors.push(error);
      resolve();
    }),
  );
  pipeline.element('out').onSamples(() => {
    throw new Error('no paper');
  });
  await Promise.allSettled([pipeline.play(), failed]);
  t.match(errors[0], { code: 'stream/failed', element: 'out', message: /no paper/ });
  await pipeline.close();
});

const PCM = 'audio/x-raw,format=S16LE,rate=8800,channels=1,layout=interleaved';

t.test('feeds an appsrc, which makes the feeder wait', async (t) => {
  const pipeline = Pipeline.launch(`appsrc name=in format=time caps=${PCM} ! appsink name=out sync=false`);
  const feed = pipeline.element('in').feed({ limit: 140 });
  const samples: Sample[] = [];
  pipeline.element('out').onSamples((batch) => samples.push(...batch), { limit: 1, full: 'wait' });
  const playing = pipeline.play();
  for (let i = 0; i < 50; i++) {
    const flow = await feed.push({
      data: new Uint8Array(14).fill(i),
      pts: i * 1e6,
      duration: 1e6,
      discont: i === 0,
    });
    t.equal(flow, 'ok');
  }
  feed.end();
  await playing;
  await pipeline.finished();
  t.equal(samples.length, 50);
  t.match(samples[0], { pts: 0, duration: 1e6, discont: true, data: new Uint8Array(14) });
  t.match(samples[49], { pts: 49e6, data: new Uint8Array(14).fill(49) });
  await pipeline.close();
});

t.test('lets the feeder go when the pipeline stops', async (t) => {
  const pipeline = Pipeline.launch(`appsrc name=in format=time caps=${PCM} ! fakesink sync=true`);
  const feed = pipeline.element('in').feed({ limit: 20 });
  await pipeline.ready();
  const playing = pipeline.play().catch(() => undefined);
  const flows: Promise<Flow>[] = [];
  for (let i = 0; i < 9; i++) flows.push(feed.push({ data: new Uint8Array(14), pts: i * 60e9 }));
  await pipeline.stop();
  await playing;
  t.equal((await Promise.all(flows)).at(-1), 'flushing');
  t.equal(await feed.push(new Uint8Array(2)), 'flushing', 'that is no error');
  t.throws(() => feed.push('text' as unknown as Uint8Array), {
    name: 'TypeError',
    message: /Expected a Uint8Array/,
  });
  await pipeline.close();
  t.throws(() => feed.push(new Uint8Array(2)), { code: 'resource/not-found' });
  t.throws(() => feed.end(), { code: 'resource/not-found' });
});
