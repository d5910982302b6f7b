/** What passes a pad and what waits in an element: exact on a clock that is cranked. */
import t from 'tap';
import { levelsOf, lostBy } from '../../src/graph/levels.js';
import { Meter, quantile } from '../../src/graph/meter.js';
import { Pipeline } from '../../src/graph/pipeline.js';

t.test('counts what passes, and how far behind the clock', async (t) => {
  const pipeline = Pipeline.launch(
    'appsrc name=in is-live=true format=time caps=application/x-test ! identity name=through ! appsink name=out sync=false async=false',
    { clock: 'test' },
  );
  const meter = new Meter(pipeline.element('through').pad('src')!);
  const feed = pipeline.element('in').feed();
  const out = pipeline.element('out');
  let seen = 0;
  let more = () => {};
  out.onSamples((batch) => {
    seen += batch.length;
    more();
  });
  await pipeline.play();
  pipeline.clock.advance(700e6);
  // Late by 600 ms, in time, and 300 ms ahead, as speech is by its lead; without a time it has no age.
  for (const pts of [100e6, 700e6, 1000e6, undefined]) {
    await feed.push({ data: new Uint8Array(7), ...(pts !== undefined && { pts }) });
  }
  while (seen < 4) await new Promise<void>((resolve) => (more = resolve));
  const reading = meter.read();
  t.strictSame(reading, { buffers: 4, bytes: 28, gaps: 0, ages: [-300, 0, 600] });
  t.equal(quantile(reading.ages, 0.5), 0);
  t.equal(quantile(reading.ages, 0.95), 600);
  t.equal(quantile([], 0.5), undefined);
  meter.close();
  await feed.push({ data: new Uint8Array(7), pts: 700e6 });
  while (seen < 5) await new Promise<void>((resolve) => (more = resolve));
  t.equal(meter.read().buffers, 4, 'and no more once it is closed');
  await pipeline.close();
  t.equal(meter.read().buffers, 4, 'a pipeline that is gone takes nothing with it');
});

t.test('a pad that has left cannot be looked at', async (t) => {
  const pipeline = Pipeline.launch('fakesrc ! identity name=a ! fakesink');
  const pad = pipeline.element('a').pad('src')!;
  await pipeline.close();
  t.throws(() => new Meter(pad), { code: 'resource/not-found' });
});

t.test('what waits in a queue, by the nearest of its limits', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc ! video/x-raw,format=GRAY8,width=8,height=8,framerate=25/1 ! queue name=few max-size-buffers=5 max-size-time=0 max-size-bytes=0 ! fakesink sync=true',
  );
  await pipeline.pause();
  // The sink holds one; the source fills the rest.
  const few = pipeline.element('few');
  while (Number(few.get('current-level-buffers')) < 5) await new Promise((resolve) => setImmediate(resolve));
  t.match(levelsOf(few), [{ name: '', buffers: 5, full: 1 }]);
  t.strictSame(levelsOf(pipeline.elements().find(({ factory }) => factory === 'fakesink')!), []);
  t.equal(lostBy(few), undefined, 'nobody counts there');
  await pipeline.close();
});
