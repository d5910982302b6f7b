import { once } from 'node:events';
import t from 'tap';
import type { TalkError } from '../../src/element/error.js';
import type { PadHandle } from '../../src/graph/pad.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { Sample } from '../../src/graph/samples.js';

t.test('hears signals of streaming threads on the JS thread, in order', async (t) => {
  const pipeline = Pipeline.launch(
    'fakesrc num-buffers=100 sizetype=fixed sizemax=7 ! identity name=i signal-handoffs=true ! fakesink',
  );
  const sizes: number[] = [];
  pipeline.element('i').on('handoff', (buffer: Sample) => sizes.push(buffer.data.length));
  await pipeline.play();
  await pipeline.finished();
  t.equal(sizes.length, 100);
  t.ok(sizes.every((size) => size === 7));
  await pipeline.close();
});

t.test('stops listening', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc name=s ! fakesink');
  const source = pipeline.element('s');
  const heard: string[] = [];
  const off = source.on('notify::pattern', (_spec: unknown) => heard.push('pattern'));
  source.on('notify', () => heard.push('any'));
  source.set('pattern', 'snow');
  t.same(heard, ['pattern', 'any'], 'on the JS thread it is heard at once');
  off();
  source.set('pattern', 'ball');
  t.same(heard, ['pattern', 'any', 'any']);
  t.throws(() => source.on('nosuch', () => undefined), { name: 'TypeError', message: /no signal "nosuch"/ });
  await pipeline.close();
  t.throws(() => source.on('notify', () => undefined), { code: 'core/state-change' });
});

t.test('gives pads that come and go as handles', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=9 ! wavenc ! wavparse ! decodebin name=d  fakesink name=out',
  );
  const out = pipeline.element('out');
  pipeline.element('d').on('pad-added', (pad: PadHandle) => {
    t.equal(pad.direction, 'src');
    pad.link(out.pad('sink') as PadHandle);
  });
  await pipeline.play();
  await pipeline.finished();
  await pipeline.close();
});

t.test('waits for the value that a signal wants', async (t) => {
  const asked: unknown[][] = [];
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=3 ! wavenc ! decodebin name=d ! fakesink sync=false',
  );
  pipeline.element('d').on('autoplug-continue', (pad: PadHandle, caps: string) => {
    asked.push([pad.direction, caps]);
    return true;
  });
  await pipeline.play();
  await pipeline.finished();
  t.match(asked[0], ['src', /^audio\/x-wav/]);
  await pipeline.close();
});

t.test('takes the value that a listener returns', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=3 ! wavenc ! decodebin name=d  fakesink name=out sync=false',
  );
  const exposed: string[] = [];
  const decoder = pipeline.element('d');
  decoder.on('autoplug-continue', () => false);
  decoder.on('pad-added', (pad: PadHandle) => {
    exposed.push(pad.caps ?? '');
    pad.link(pipeline.element('out').pad('sink') as PadHandle);
  });
  await pipeline.play();
  await pipeline.finished();
  t.match(exposed, [/^audio\/x-wav/], 'it did not go on to decode');
  await pipeline.close();
});

t.test('a stop does not wait for a listener that does not answer', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=3 ! wavenc ! decodebin name=d ! fakesink sync=false',
  );
  const decoder = pipeline.element('d');
  decoder.on('autoplug-continue', () => true);
  const playing = t.rejects(pipeline.play(), { code: 'core/state-change' });
  // From here on the JS thread does not come round: the streaming thread asks, and nobody answers.
  busyUntil(() => false, 200);
  const stopped = pipeline.stop();
  busyUntil(() => decoder.state === 'null', 5000);
  t.equal(decoder.state, 'null');
  await Promise.all([playing, stopped]);
  await pipeline.close();
});

t.test('makes an error of what a signal listener throws', async (t) => {
  const pipeline = Pipeline.launch('fakesrc num-buffers=1 ! identity name=i signal-handoffs=true ! fakesink');
  const errors: TalkError[] = [];
  pipeline.on('error', (error) => errors.push(error));
  pipeline.element('i').on('handoff', () => {
    throw new RangeError('out of paper');
  });
  const failed = once(pipeline, 'error').catch(() => undefined);
  await Promise.allSettled([pipeline.play(), failed]);
  t.match(errors[0], { code: 'stream/failed', element: 'i', message: /out of paper/, cause: RangeError });
  await pipeline.close();
});

t.test('drops the oldest of too many emissions, and says so', async (t) => {
  const pipeline = Pipeline.launch(
    'fakesrc num-buffers=1000 ! identity name=i signal-handoffs=true ! fakesink',
  );
  let heard = 0;
  let dropped = 0;
  pipeline.on('warning', ({ message }) => {
    dropped += Number(/^(\d+) emissions of "handoff"/.exec(message)?.[1] ?? 0);
  });
  pipeline.element('i').on('handoff', () => heard++);
  const playing = pipeline.play();
  busyUntil(() => false, 200); // not a sleep: the JS thread must not come round
  await playing;
  await pipeline.finished();
  t.equal(heard + dropped, 1000);
  t.ok(dropped > 0);
  await pipeline.close();
});

t.test('emits action signals and returns their value', async (t) => {
  const pipeline = Pipeline.launch(
    'appsrc name=in caps=audio/x-raw,format=S16LE,rate=8800,channels=1,layout=interleaved format=time ! fakesink name=out sync=false',
  );
  const source = pipeline.element('in');
  await pipeline.ready();
  const playing = pipeline.play();
  t.equal(source.emit('push-buffer', { data: new Uint8Array(14), pts: 0 }), 'ok');
  t.equal(source.emit('end-of-stream'), 'ok');
  await playing;
  await pipeline.finished();
  t.throws(() => source.emit('nosuch'), { name: 'TypeError', message: /has no signal "nosuch"/ });
  t.throws(() => source.emit('need-data', 1), { name: 'TypeError', message: /cannot be emitted/ });
  t.throws(() => source.emit('push-buffer', 'bytes'), {
    name: 'TypeError',
    message: /Expected a Uint8Array or .* for argument 1 of push-buffer but received "bytes" of type string/,
  });
  await pipeline.close();
});

t.test('emits signals that wait without holding up the JS thread', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc num-buffers=2 ! video/x-raw,format=GRAY8,width=5,height=2 ! appsink name=out',
  );
  const sink = pipeline.element('out');
  await pipeline.pause();
  const waiting = sink.emitAsync('pull-sample');
  await pipeline.play();
  t.match(await waiting, { pts: 0 });
  t.match(await sink.emitAsync('try-pull-sample', 1e9), { pts: Number });
  t.equal(await sink.emitAsync('pull-sample'), null, 'at EOS there is none');
  await pipeline.close();
  const still = Pipeline.launch('videotestsrc ! valve drop=true ! appsink name=out');
  const playing = t.rejects(still.play(), { code: 'core/state-change' });
  await once(still, 'state');
  const stuck = still.element('out').emitAsync('pull-sample');
  await still.close();
  await playing;
  t.equal(await stuck, null, 'a stop ends the wait');
});

/** Keeps the JS thread busy until `done`, at most `ms`. */
function busyUntil(done: () => boolean, ms: number): void {
  const end = performance.now() + ms;
  while (!done() && performance.now() < end);
}
