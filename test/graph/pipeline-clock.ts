import t from 'tap';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';

const LINE =
  'videotestsrc num-buffers=5 ! video/x-raw,format=GRAY8,width=4,height=4,framerate=8/1 ! appsink name=out sync=true wait-on-eos=false';

t.test('lets time pass by hand, one wait after the other', async (t) => {
  const pipeline = Pipeline.launch(LINE, { clock: 'test' });
  const samples: Sample[] = [];
  pipeline.element('out').onSamples((batch) => samples.push(...batch));
  await pipeline.play();
  t.equal(pipeline.clock.time, 0);
  t.equal(pipeline.clock.name, 'testclock');
  t.equal(pipeline.baseTime, 0);
  const times: number[] = [];
  for (let i = 1; i < 5; i++) times.push(await pipeline.clock.crank());
  t.same(times, [125e6, 250e6, 375e6, 500e6], 'a picture each, to the nanosecond');
  await pipeline.clock.crank(); // the sink waits for the end of the last picture before EOS
  await pipeline.finished();
  t.same(
    samples.map(({ runningTime }) => runningTime),
    [0, ...times],
  );
  await pipeline.close();
});

t.test('moves on in one step past several waits', async (t) => {
  const pipeline = Pipeline.launch(LINE, { clock: 'test' });
  await pipeline.play();
  await pipeline.clock.waitFor(1);
  t.equal(pipeline.clock.waiting(), 1);
  t.equal(pipeline.clock.next(), 125e6);
  pipeline.clock.advance(100e6);
  t.equal(pipeline.clock.waiting(), 1, 'not due yet');
  t.equal(pipeline.runningTime(), 100e6);
  pipeline.clock.set(1e9);
  await pipeline.finished();
  t.equal(pipeline.clock.waiting(), 0);
  t.equal(pipeline.clock.next(), undefined);
  t.throws(() => pipeline.clock.set(1), { name: 'TypeError', message: /a time from 1000000000 ns on/ });
  t.throws(() => pipeline.clock.advance(Number.NaN), TypeError);
  await pipeline.close();
});

t.test('counts running time from where it was paused', async (t) => {
  const pipeline = Pipeline.launch(LINE, { clock: 'test' });
  await pipeline.play();
  pipeline.clock.advance(60e6);
  await pipeline.pause();
  pipeline.clock.advance(7e9);
  t.equal(pipeline.runningTime(), 60e6);
  await pipeline.play();
  t.equal(pipeline.runningTime(), 60e6);
  t.equal(pipeline.baseTime, 7e9);
  await pipeline.close();
});

t.test('gives up waiting for the clock when the pipeline stops', async (t) => {
  const pipeline = Pipeline.launch(LINE, { clock: 'test' });
  await pipeline.play();
  const waits = [pipeline.clock.waitFor(99), pipeline.clock.waitFor(98)].map((wait) =>
    t.rejects(wait, { code: 'core/state-change' }),
  );
  await pipeline.stop();
  await Promise.all(waits);
  await pipeline.close();
  t.throws(() => pipeline.clock.time, { code: 'core/state-change' });
});

t.test('a wait that comes to run only after the stop gives up, too', async (t) => {
  const [busy, late] = [Pipeline.launch(LINE, { clock: 'test' }), Pipeline.launch(LINE, { clock: 'test' })];
  await Promise.all([busy.play(), late.play()]);
  // As many as there are threads that wait: the next one has to queue.
  const waits = Array.from({ length: 16 }, () =>
    t.rejects(busy.clock.waitFor(99), { code: 'core/state-change' }),
  );
  waits.push(t.rejects(late.clock.waitFor(98), { code: 'core/state-change' }));
  await late.stop();
  await busy.stop();
  await Promise.all(waits);
  await Promise.all([busy.close(), late.close()]);
});

t.test('has no test clock unless asked for', async (t) => {
  const pipeline = Pipeline.launch(LINE, { name: 'plain' });
  t.equal(pipeline.clock.time, undefined, 'none before it plays');
  await pipeline.play();
  t.equal(pipeline.clock.name, 'GstSystemClock');
  t.ok((pipeline.clock.time ?? 0) > 0);
  t.throws(() => pipeline.clock.advance(1), { code: 'core/clock', message: /"plain" has no test clock/ });
  await t.rejects(pipeline.clock.crank(), { code: 'core/clock' });
  await pipeline.close();
});

t.test('does not hold what is due already', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=30 samplesperbuffer=88 ! audio/x-raw,rate=8800 ! fakesink name=out sync=true',
    { clock: 'test' },
  );
  await pipeline.play();
  pipeline.clock.advance(1e9);
  await pipeline.finished();
  t.match(pipeline.element('out').get('stats'), { fields: { rendered: 30, dropped: 0 } });
  await pipeline.close();
});
