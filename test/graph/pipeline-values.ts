import t, { type Test } from 'tap';
import { factories } from '../../src/graph/catalog.js';
import type { ElementHandle } from '../../src/graph/handle.js';
import { Opaque } from '../../src/graph/object.js';
import { PadHandle } from '../../src/graph/pad.js';
import { Pipeline } from '../../src/graph/pipeline.js';

/** An element of its own pipeline, closed with the test. */
function element(t: Test, line: string, name: string): ElementHandle {
  const pipeline = Pipeline.launch(line);
  t.teardown(() => pipeline.close());
  return pipeline.element(name);
}

t.test('reads and writes numbers, booleans, strings and enums', async (t) => {
  const src = element(t, 'audiotestsrc name=s ! fakesink', 's');
  t.equal(src.set('freq', 441.5).get('freq'), 441.5);
  t.equal(src.set('volume', 0).get('volume'), 0);
  t.equal(src.set('num-buffers', -1).get('num-buffers'), -1);
  t.equal(src.set('is-live', true).get('is-live'), true);
  t.equal(src.set('wave', 'pink-noise').get('wave'), 'pink-noise');
  t.equal(src.set('wave', 2).get('wave'), 'saw', 'an enum by number');
  t.equal(src.setText('wave', 'ticks').get('wave'), 'ticks');
  const file = element(t, 'filesink name=f', 'f');
  t.equal(file.get('location'), null);
  t.equal(file.set('location', '/tmp/ä b.mp4').get('location'), '/tmp/ä b.mp4');
  t.equal(file.set('location', null).get('location'), null);
});

t.test('keeps 64-bit integers exact', async (t) => {
  const src = element(t, 'audiotestsrc name=s ! fakesink', 's');
  t.equal(src.set('timestamp-offset', 123456789012).get('timestamp-offset'), 123456789012);
  const most = 2n ** 63n - 1n;
  t.equal(src.set('timestamp-offset', most).get('timestamp-offset'), most);
  t.equal(src.set('timestamp-offset', -(2n ** 63n)).get('timestamp-offset'), -(2n ** 63n));
  const queue = element(t, 'queue name=q', 'q');
  t.equal(queue.set('max-size-time', 2n ** 64n - 1n).get('max-size-time'), 2n ** 64n - 1n);
  t.equal(queue.set('max-size-time', 2n ** 53n - 1n).get('max-size-time'), 2 ** 53 - 1);
});

t.test('reads and writes fractions, caps, flags, structures and arrays', async (t) => {
  const rate = element(t, 'videorate name=r ! capsfilter name=c', 'r');
  const filter = element(t, 'capsfilter name=c', 'c');
  t.match(filter.set('caps', 'video/x-raw,width=7').get('caps'), /^video\/x-raw, width=\(int\)7$/);
  t.equal(filter.set('caps', null).get('caps'), 'ANY');
  t.equal(rate.get('max-rate'), 2147483647);
  const codec = element(t, 'x264enc name=x', 'x');
  t.equal(codec.set('tune', 'zerolatency+fastdecode').get('tune'), 'fastdecode+zerolatency');
  t.equal(codec.set('tune', ['zerolatency']).get('tune'), 'zerolatency');
  t.equal(codec.set('tune', 0).get('tune'), '');
  const parser = element(t, 'rawvideoparse name=p', 'p');
  t.same(parser.set('framerate', '30000/1001').get('framerate'), { num: 30000, den: 1001 });
  t.same(parser.set('framerate', { num: 25, den: 1 }).get('framerate'), { num: 25, den: 1 });
  t.same(parser.set('framerate', 12).get('framerate'), { num: 12, den: 1 });
  const matrix = element(t, 'audiomixmatrix name=m', 'm');
  t.same(
    matrix
      .set('in-channels', 2)
      .set('out-channels', 1)
      .set('matrix', [[0.5, 0.25]])
      .get('matrix'),
    [[0.5, 0.25]],
  );
  const sink = element(t, 'fakesink name=k', 'k');
  t.match(sink.get('stats'), {
    name: 'application/x-gst-base-sink-stats',
    fields: { rendered: 0, dropped: 0 },
  });
});

t.test('says in a sentence what was expected', async (t) => {
  const src = element(t, 'audiotestsrc name=s ! fakesink', 's');
  const wrong: [property: string, value: unknown, message: string | RegExp][] = [
    ['volume', 1.5, 'Expected a number from 0 to 1 for volume but received 1.5 of type number'],
    ['volume', '1', 'Expected a number from 0 to 1 for volume but received "1" of type string'],
    ['volume', Number.NaN, /from 0 to 1 for volume but received NaN of type number/],
    [
      'samplesperbuffer',
      0,
      'Expected an integer from 1 to 2147483647 for samplesperbuffer but received 0 of type number',
    ],
    ['samplesperbuffer', 7.5, /Expected an integer from 1 .* received 7.5 of type number/],
    ['num-buffers', 2 ** 40, /Expected an integer from -1 to 2147483647/],
    ['wave', 'noise', /^Expected one of sine, square, .* for wave but received "noise" of type string$/],
    ['wave', 99, /^Expected one of sine/],
    ['is-live', 'yes', 'Expected a boolean for is-live but received "yes" of type string'],
    ['is-live', null, 'Expected a boolean for is-live but received null of type null'],
    ['timestamp-offset', 2n ** 63n, /Expected an integer from -9223372036854775808 to 9223372036854775807/],
    ['timestamp-offset', 2 ** 60, /Expected an integer/],
    ['nosuch', 1, 'GstAudioTestSrc has no property "nosuch"'],
  ];
  for (const [property, value, message] of wrong)
    t.throws(() => src.set(property, value), { name: 'TypeError', message }, `${property}=${String(value)}`);
  const filter = element(t, 'capsfilter name=c', 'c');
  t.throws(() => filter.set('caps', 'no caps, at all ('), {
    name: 'TypeError',
    message: /Expected caps like/,
  });
  t.throws(() => filter.set('caps', 7), { name: 'TypeError', message: /Expected caps like/ });
  const parser = element(t, 'rawvideoparse name=p', 'p');
  t.throws(() => parser.set('framerate', 'fast'), { message: /Expected a fraction like 25\/1/ });
  t.throws(() => parser.set('framerate', { num: 1, den: 0 }), { message: /Expected a fraction/ });
  const codec = element(t, 'x264enc name=x', 'x');
  t.throws(() => codec.set('tune', 'brighter'), {
    message: /Expected any of stillimage, fastdecode, zerolatency/,
  });
  const queue = element(t, 'queue name=q', 'q');
  t.throws(() => queue.set('current-level-bytes', 1), { name: 'TypeError', message: /is readonly/ });
  t.throws(() => queue.setText('max-size-bytes', 'plenty'), { name: 'TypeError', message: /guint as text/ });
  t.throws(() => element(t, 'multifilesrc name=z', 'z').set('caps', {}), TypeError);
});

t.test('reaches properties of children and pads', async (t) => {
  const mix = element(t, 'compositor name=m  videotestsrc ! m.sink_3  m. ! fakesink', 'm');
  t.equal(mix.set('sink_3::alpha', 0.25).get('sink_3::alpha'), 0.25);
  const pad = mix.pad('sink_3');
  t.type(pad, PadHandle);
  t.equal(pad?.get('alpha'), 0.25);
  t.equal(mix.child('sink_3')?.path, 'm.sink_3');
  t.equal(mix.child('sink_9'), undefined);
  t.throws(() => mix.get('sink_9::alpha'), TypeError);
});

t.test('lists pads, children and properties', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc name=src ! tee name=fork  fork. ! queue ! fakesink name=a  fork. ! queue ! fakesink name=b',
  );
  t.teardown(() => pipeline.close());
  await pipeline.pause();
  const fork = pipeline.element('fork');
  t.same(
    fork
      .pads()
      .map(({ name }) => name)
      .sort(),
    ['sink', 'src_0', 'src_1'],
  );
  const sink = fork.pad('sink');
  t.match(sink, { direction: 'sink', presence: 'always', path: 'fork.sink' });
  t.match(sink?.caps, /^video\/x-raw/);
  t.equal(sink?.peer?.path, 'src.src');
  t.equal(fork.pad('src_1')?.presence, 'request');
  t.equal(fork.pad('src_7'), undefined);
  t.equal(pipeline.element('a').parent?.name, pipeline.name);
  t.equal(fork.state, 'paused');
  t.ok(fork.properties.includes('num-src-pads'));
  t.match(fork, { type: 'GstTee', factory: 'tee', path: 'fork' });
  t.same(fork.children(), []);
});

t.test('gives handles of objects and passes them back', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc ! input-selector name=sel ! fakesink   videotestsrc ! sel.');
  t.teardown(() => pipeline.close());
  await pipeline.pause();
  const selector = pipeline.element('sel');
  const second = selector.pad('sink_1');
  selector.set('active-pad', second);
  t.equal((selector.get('active-pad') as PadHandle).name, 'sink_1');
  t.throws(() => selector.set('active-pad', selector), { message: /Expected a handle of a GstPad/ });
  selector.set('active-pad', null);
});

t.test('reads samples as copies', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc num-buffers=1 ! video/x-raw,format=GRAY8,width=4,height=2 ! fakesink name=out',
  );
  t.teardown(() => pipeline.close());
  await pipeline.pause();
  const sample = pipeline.element('out').get('last-sample') as {
    data: Uint8Array;
    pts: number;
    caps: string;
  };
  t.equal(sample.data.length, 8);
  t.equal(sample.pts, 0);
  t.match(sample.caps, /width=\(int\)4/);
});

t.test('tells when an element has gone', async (t) => {
  const pipeline = Pipeline.launch('fakesrc ! fakesink   fakesink name=extra');
  const extra = pipeline.element('extra');
  t.equal(extra.alive, true);
  await extra.remove();
  t.equal(extra.alive, false);
  t.throws(() => extra.get('sync'), { code: 'resource/not-found', element: 'extra' });
  t.throws(() => extra.set('sync', true), { code: 'resource/not-found' });
  t.throws(() => extra.state, { code: 'resource/not-found' });
  t.throws(() => extra.emit('x'), { code: 'resource/not-found' });
  await t.rejects(extra.remove(), { code: 'resource/not-found' });
  t.same(extra.pads(), []);
  await pipeline.close();
});

const nice = factories().some(({ name }) => name === 'nicesrc')
  ? {}
  : { skip: 'webrtcbin needs gstreamer1.0-nice' };

t.test('passes on what JS cannot look into, and answers by promise', nice, async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc ! opusenc ! rtpopuspay ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! webrtcbin name=w',
  );
  t.teardown(() => pipeline.close());
  await pipeline.play();
  const peer = pipeline.element('w');
  const { offer } = (await peer.emit('create-offer', null)) as { offer: Opaque };
  t.type(offer, Opaque);
  t.equal(peer.get('local-description'), null);
  await peer.emit('set-local-description', offer);
  t.equal(peer.get('signaling-state'), 'have-local-offer');
  t.type(peer.get('local-description'), Opaque);
  t.throws(() => peer.emit('set-local-description', 'v=0'), {
    name: 'TypeError',
    message: /Expected a GstWebRTCSessionDescription for argument 1 of set-local-description/,
  });
});

t.test('rejects when a promise of GStreamer is answered with an error', async (t) => {
  const pipeline = Pipeline.launch('webrtcbin name=w');
  t.teardown(() => pipeline.close());
  await t.rejects(pipeline.element('w').emit('create-offer', null) as Promise<unknown>, {
    code: 'core/failed',
    element: 'w',
  });
});
