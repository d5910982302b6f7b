import { once } from 'node:events';
import t from 'tap';
import { TalkError } from '../../src/element/error.js';
import type { Mark, StateChange } from '../../src/graph/events.js';
import { Pipeline } from '../../src/graph/pipeline.js';

t.test('plays to the end of the stream', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc num-buffers=7 ! fakesink name=out sync=false', {
    name: 'seven',
  });
  const states: StateChange[] = [];
  pipeline.on('state', (change) => states.push(change));
  t.equal(pipeline.name, 'seven');
  t.equal(pipeline.state, 'null');
  await pipeline.play();
  t.equal(pipeline.state, 'playing');
  await pipeline.finished();
  t.equal(await pipeline.finished(), 'eos', 'once it has ended, that stays so');
  t.equal(pipeline.duration(), pipeline.position());
  await pipeline.close();
  t.match(states.slice(0, 3), [
    { state: 'ready', previous: 'null', pending: 'playing' },
    { state: 'paused', previous: 'ready', pending: 'playing' },
    { state: 'playing', previous: 'paused', pending: undefined },
  ]);
});

t.test('tells only its own states, not those of its elements', async (t) => {
  const pipeline = Pipeline.launch('fakesrc num-buffers=3 ! queue ! identity ! fakesink');
  let told = 0;
  pipeline.on('state', () => told++);
  await pipeline.play();
  await pipeline.stop();
  t.equal(told, 6, 'three up, three down');
  t.equal(pipeline.state, 'null');
  await pipeline.close();
});

t.test('pauses with the first picture in the sink, and goes on', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc num-buffers=40 ! fakesink name=out sync=true');
  await pipeline.pause();
  t.equal(pipeline.state, 'paused');
  t.equal(pipeline.position(), 0, 'zero is a time');
  t.equal(pipeline.runningTime(), 0);
  await pipeline.ready();
  t.equal(pipeline.state, 'ready');
  await pipeline.pause();
  await pipeline.play();
  t.ok((pipeline.runningTime() ?? -1) >= 0);
  await pipeline.close();
});

t.test('plays again after a stop', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc num-buffers=3 ! fakesink sync=false');
  for (let round = 0; round < 3; round++) {
    await pipeline.play();
    await pipeline.finished();
    await pipeline.stop();
    t.equal(pipeline.state, 'null');
  }
  await pipeline.close();
});

t.test('wraps one element, or a bin, into a pipeline', async (t) => {
  const single = Pipeline.launch('fakesink name=only');
  t.equal(single.element('only').factory, 'fakesink');
  await single.close();
  const bin = Pipeline.launch('( videotestsrc num-buffers=2 ! fakesink sync=false )');
  await bin.play();
  await bin.finished();
  await bin.close();
});

t.test('refuses a line in the words of GStreamer', async (t) => {
  const cases: [line: string, code: string, message: RegExp][] = [
    ['nosuchthing ! fakesink', 'core/missing-element', /no element "nosuchthing"/],
    ['fakesrc ! fakesrc', 'core/link', /could not link/],
    ['videotestsrc ! audioconvert ! fakesink', 'core/link', /could not link videotestsrc/],
    ['audiotestsrc ! audio/x-raw,format=S16LE ! volume ! x264enc ! fakesink', 'core/link', /could not link/],
    ['videotestsrc ! video/x-raw,format=RGB ! x264enc ! fakesink', 'core/negotiation', /can't handle caps/],
    ['fakesrc nosuch=1 ! fakesink', 'resource/settings', /no property "nosuch"/],
    ['fakesrc num-buffers=many ! fakesink', 'resource/settings', /could not set property/],
    ['fakesrc ! mux.', 'core/missing-element', /omitting link/],
    ['fakesrc !', 'resource/settings', /syntax error/],
    ['', 'resource/settings', /empty pipeline/],
  ];
  for (const [line, code, message] of cases) {
    try {
      await Pipeline.launch(line).close();
      t.fail(`launched: ${line}`);
    } catch (error) {
      t.type(error, TalkError);
      t.match(error, { code, message }, line);
    }
  }
  t.match(
    catching(() => Pipeline.launch('nosuch ! other ! fakesink')),
    { details: { missing: ['nosuch', 'other'] } },
  );
});

t.test('rejects play() with what went wrong', async (t) => {
  const pipeline = Pipeline.launch('filesrc location=/nowhere/at/all ! fakesink');
  await t.rejects(pipeline.play(), { code: 'resource/not-found', element: 'filesrc0', debug: /nowhere/ });
  t.equal(pipeline.state, 'null', 'a failed start leaves it stopped');
  await t.rejects(pipeline.play(), { code: 'resource/not-found' }, 'and it says so again');
  await pipeline.close();
});

t.test('rejects play() when preroll fails', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc ! identity name=weak error-after=2 ! fakesink');
  await t.rejects(
    pipeline.play().then(() => pipeline.finished()),
    { code: 'core/failed', element: 'weak' },
  );
  await pipeline.close();
});

t.test('tells an error to its listeners and to who waits for the end', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc ! identity name=weak error-after=9 ! fakesink sync=false');
  const errors: TalkError[] = [];
  pipeline.on('error', (error) => errors.push(error));
  await pipeline.play().catch(() => undefined); // nine pictures may be through before it plays
  await t.rejects(pipeline.finished(), { element: 'weak', message: /Failed after iterations/ });
  t.match(errors[0], { code: 'core/failed', element: 'weak', debug: /gstidentity/, retryable: false });
  t.equal(pipeline.closed, false, 'the application decides');
  await pipeline.close();
});

t.test('says that caps did not fit when that is only found while it runs', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=3 ! capsfilter name=f ! capsfilter caps=audio/x-raw,rate=44100 ! fakesink',
  );
  pipeline.element('f').set('caps', 'audio/x-raw,rate=8000');
  await t.rejects(pipeline.play(), { code: 'core/negotiation' });
  await pipeline.close();
});

t.test('tells what elements post as marks', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=20 ! level name=meter interval=100000000 ! fakesink sync=false',
  );
  const marks: Mark[] = [];
  pipeline.on('mark', (mark) => marks.push(mark));
  await pipeline.play();
  await pipeline.finished();
  t.match(marks[0], { name: 'level', element: 'meter', fields: { 'stream-time': 0 } });
  t.type((marks[0]?.fields['rms'] as number[] | undefined)?.[0], 'number');
  await pipeline.close();
});

t.test('an error that is told together with the state rejects who waits for the state', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc is-live=true ! identity sleep-time=150000 error-after=3 ! fakesink',
  );
  const paused = new Promise<void>((resolve) =>
    pipeline.on('state', ({ state }) => state === 'paused' && resolve()),
  );
  const rejected = t.rejects(pipeline.play(), { code: 'core/failed', message: /Failed after iterations/ });
  await paused;
  for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
  // Meanwhile it plays and fails: both messages wait for this thread.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  await rejected;
  await pipeline.close();
});

t.test('tells tags', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=5 ! taginject tags="title=song,track-number=(uint)3" ! fakesink sync=false',
  );
  const seen: unknown[] = [];
  pipeline.on('tag', ({ tags }) => seen.push(tags));
  await pipeline.play();
  await pipeline.finished();
  t.match(Object.assign({}, ...(seen as object[])), { title: 'song', 'track-number': 3 });
  await pipeline.close();
});

t.test('tells the latency that its branches agree on', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc is-live=true ! audio/x-raw,rate=8800 ! queue min-threshold-time=30000000 ! fakesink sync=true',
  );
  const told = new Promise((resolve) => pipeline.once('latency', resolve));
  await pipeline.play();
  t.match(await told, { live: true });
  t.match(pipeline.latency(), { live: true });
  t.ok((pipeline.latency()?.min ?? 0) > 0);
  await pipeline.close();
});

t.test('reports changed properties when asked to', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc num-buffers=2 ! fakesink name=out sync=false');
  pipeline.watchProperties();
  const changes: { element: string; name: string; value: unknown }[] = [];
  pipeline.on('property', (change) => changes.push(change));
  await pipeline.play();
  await pipeline.finished();
  const caps = changes.find(({ element, name }) => element === 'out.sink' && name === 'caps');
  t.match(caps?.value, /^video\/x-raw/);
  await pipeline.close();
});

t.test('ends the stream when asked, and waits until the sinks have it', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc is-live=true ! fakesink sync=false');
  await pipeline.play();
  let ended = 0;
  pipeline.on('eos', () => ended++);
  await pipeline.eos();
  t.equal(ended, 1);
  await pipeline.eos(); // nothing more to wait for
  await pipeline.close();
});

t.test('seeks to a place and plays from there', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc num-buffers=900 ! video/x-raw,framerate=30/1 ! fakesink sync=true',
  );
  await pipeline.pause();
  await pipeline.seek(5e9, { accurate: true });
  t.equal(pipeline.position(), 5e9);
  await pipeline.seek(0);
  t.equal(pipeline.position(), 0);
  await pipeline.seek(29e9, { accurate: true, rate: 2, stop: 29.3e9 });
  t.equal(pipeline.position(), 29e9);
  await pipeline.play();
  await pipeline.finished();
  await pipeline.close();
});

t.test('says when it cannot seek', async (t) => {
  const pipeline = Pipeline.launch('fakesrc is-live=true ! fakesink');
  await pipeline.play();
  await t.rejects(pipeline.seek(1e9), {
    code: 'core/failed',
    message: /cannot be played from 1000000000 ns/,
  });
  await pipeline.close();
});

t.test('ends a segment without ending the stream', async () => {
  const pipeline = Pipeline.launch(
    'videotestsrc num-buffers=300 ! video/x-raw,framerate=30/1 ! fakesink sync=false',
  );
  await pipeline.pause();
  const done = new Promise<void>((resolve) => pipeline.once('segment-done', resolve));
  await pipeline.seek(0, { segment: true, stop: 1e9 });
  await pipeline.play();
  await done;
  await pipeline.close();
});

t.test('draws itself', async (t) => {
  const pipeline = Pipeline.launch('fakesrc ! queue name=middle ! fakesink');
  t.match(pipeline.dot(), /^digraph pipeline \{/);
  t.match(pipeline.dot('verbose'), /middle/);
  t.ok(pipeline.dot('media').length < pipeline.dot('all').length);
  await pipeline.close();
});

t.test('carries out calls in the order they were made', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc ! fakesink sync=true');
  const order: string[] = [];
  await Promise.allSettled([
    pipeline.play().finally(() => order.push('play')),
    pipeline.stop().finally(() => order.push('stop')),
    pipeline.pause().finally(() => order.push('pause')),
    pipeline.play().finally(() => order.push('play again')),
  ]);
  t.ok(
    order.indexOf('stop') < order.indexOf('pause') && order.indexOf('pause') < order.indexOf('play again'),
  );
  t.equal(pipeline.state, 'playing');
  await pipeline.close();
});

t.test('rejects what waits for a state when a lower one is asked for', async (t) => {
  // Nothing ever comes out of the valve: it stays on its way to PAUSED.
  const pipeline = Pipeline.launch('videotestsrc ! valve drop=true ! fakesink');
  const playing = pipeline.play();
  const stopped = pipeline.stop();
  await t.rejects(playing, { code: 'core/state-change', message: /was set to NULL meanwhile/ });
  await stopped;
  const ended = pipeline.finished();
  const again = t.rejects(pipeline.play(), { code: 'core/state-change' });
  await pipeline.close();
  await again;
  t.equal(await ended, 'stopped', 'a stop is no error');
});

t.test('closes once, and answers nothing afterwards', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc name=src ! fakesink');
  const source = pipeline.element('src');
  await pipeline.play();
  let closes = 0;
  pipeline.on('close', () => closes++);
  await Promise.all([pipeline.close(), pipeline.close()]);
  await pipeline.close();
  t.equal(closes, 1);
  t.equal(pipeline.closed, true);
  t.equal(pipeline.state, 'null');
  await t.rejects(pipeline.play(), { code: 'core/state-change', message: /is closed/ });
  t.equal(await pipeline.finished(), 'stopped');
  t.throws(() => pipeline.dot(), { code: 'core/state-change' });
  t.throws(() => pipeline.element('src'), { code: 'core/state-change' });
  t.throws(() => source.get('pattern'), { code: 'resource/not-found' });
  t.equal(source.alive, false);
});

t.test('finds elements by name and path', async (t) => {
  const pipeline = Pipeline.launch('bin.( name=inner fakesrc name=deep ! fakesink ) fakesink name=top');
  t.equal(pipeline.element('top').path, 'top');
  t.equal(pipeline.element('inner/deep').path, 'inner/deep');
  t.equal(pipeline.element('deep').path, 'inner/deep');
  t.equal(pipeline.find('nobody'), undefined);
  t.throws(() => pipeline.element('nobody'), { code: 'resource/not-found', message: /no element "nobody"/ });
  t.same(
    pipeline
      .elements()
      .map(({ name }) => name)
      .sort(),
    ['inner', 'top'],
  );
  t.equal(pipeline.elements({ recurse: true }).length, 4);
  await pipeline.close();
});

t.test('makes an error of what a listener throws, and goes on', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc num-buffers=5 ! fakesink sync=false');
  const errors: TalkError[] = [];
  pipeline.on('error', (error) => errors.push(error));
  pipeline.on('eos', () => {
    throw new Error('not my day');
  });
  await Promise.allSettled([pipeline.play(), once(pipeline, 'eos')]);
  t.match(errors[0], { code: 'stream/failed', message: /not my day/, debug: /pipeline\.[jt]s/ });
  await pipeline.close();
});

function catching(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
