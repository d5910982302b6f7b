/** webrtcsink on a FAKE encoder of a graphics card: that it is used, and what is seen of its failures. */
import t, { type Test } from 'tap';
import WebRtcSink from '../../elements/webrtcsink.js';
import { register, type TalkError } from '../../src/element/index.js';
import { distrust, tryHardware } from '../../src/encode/trial.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { FakeNvH264Enc, fakeDriver, registerFakes } from '../support/fakeencoders.js';
import { contentOf } from '../webrtc/support/content.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { Receiver } from '../webrtc/support/receiver.js';

register(WebRtcSink);
registerFlash();
registerFakes(FakeNvH264Enc);

t.beforeEach(() => {
  fakeDriver.reset();
  distrust('nvh264enc');
});

async function run(t: Test, sink = '') {
  const pipeline = Pipeline.launch(`webrtcsink name=s ${sink} flashsrc ! s.video beepsrc ! s.audio`);
  t.teardown(() => pipeline.close());
  const [errors, warnings]: TalkError[][] = [[], []];
  pipeline.on('error', (error) => errors?.push(error));
  pipeline.on('warning', (warning) => warnings?.push(warning));
  await pipeline.play();
  const element = pipeline.element('s');
  return { pipeline, element, sink: element.instance as unknown as ViewerSink, errors, warnings };
}

/** What encodes, once the pictures have come. */
async function encoders(sink: ViewerSink): Promise<readonly string[]> {
  while (sink.encoders().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return sink.encoders();
}

async function join(t: Test, sink: ViewerSink) {
  const receiver = new Receiver({ video: ['H264'] });
  t.teardown(() => receiver.close());
  const answer = await sink.answer(await receiver.offer());
  await receiver.accept(answer.sdp);
  await receiver.connected();
  return receiver;
}

t.test('it encodes, is told the bitrate while it runs, and is seen in the graph', async (t) => {
  const { pipeline, element, sink, errors, warnings } = await run(t, 'crf=25 bitrate=800000 adapt=false');
  const receiver = await join(t, sink);
  await receiver.received('video', 15);
  t.same(sink.encoders(), ['nvh264enc']);
  t.match(pipeline.dot(), /nvh264enc/);
  t.match(fakeDriver.told.get('H264-encoder'), {
    bitrate: 800,
    'gop-size': 250,
    'qp-min': 22,
    zerolatency: true,
  });
  element.set('bitrate', 600_000);
  await receiver.received('video', 25);
  t.equal(pipeline.element('s/H264-nvh264enc/H264-encoder').get('bitrate'), 600);
  await receiver.received('audio', 50);
  const { frames } = await contentOf(receiver, 'H264');
  t.ok(frames > 10, `${frames} pictures decoded`);
  t.same([errors, warnings], [[], []]);
});

t.test('software is a choice, too', async (t) => {
  const { sink } = await run(t, 'encoder=software');
  t.same(await encoders(sink), ['x264enc']);
});

t.test('one that fails in mid-stream gives way to software, and viewers go on', async (t) => {
  fakeDriver.failsAt = 25;
  const { pipeline, element, sink, errors, warnings } = await run(t);
  const receiver = await join(t, sink);
  while (sink.encoders()[0] === 'nvh264enc')
    await receiver.received('video', receiver.packets.video.length + 1);
  t.same(sink.encoders(), ['x264enc']);
  const until = receiver.packets.video.length + 30;
  element.set('bitrate', 700_000);
  await receiver.received('video', until);
  const headers = receiver.packets.video.map(({ packet }) => packet.header);
  // What is lost on a busy machine comes later; another payloader would begin anywhere.
  const odd = headers.filter((header, n) => {
    const last = headers[n - 1] ?? header;
    const step = ((header.sequenceNumber - last.sequenceNumber + 50) & 0xffff) - 50;
    return Math.abs(step) > 50 || Math.abs(header.timestamp - last.timestamp) > 90_000;
  });
  t.same(odd, [], 'numbers and times go on');
  await receiver.received('audio', 100);
  const { frames } = await contentOf(receiver, 'H264');
  const times = new Set(headers.map(({ timestamp }) => timestamp));
  t.ok(frames > 30 && frames >= times.size - 10, `${frames} of ${times.size} pictures decoded`);
  t.equal(pipeline.element('s/H264-software/H264-encoder').get('bitrate'), 700);
  t.same(errors, []);
  t.match(
    warnings?.map(({ message }) => message),
    ['The encoder nvh264enc failed: The card has gone. Software encodes from now on.'],
  );
  t.equal(fakeDriver.open, 0, 'it is closed');
});

t.test('one that works but is used up when its turn comes gives way before the first picture', async (t) => {
  t.equal(await tryHardware('nvh264enc', 'constrained-baseline'), undefined);
  fakeDriver.places = 0;
  const { sink, errors, warnings } = await run(t);
  const receiver = await join(t, sink);
  await receiver.received('video', 20);
  t.same(sink.encoders(), ['x264enc']);
  t.same(errors, []);
  t.match(
    warnings?.map(({ message }) => message),
    [/^The encoder nvh264enc failed: The card is used up\. Software/],
  );
});

t.test('the same for one that is asked for and does not work: a warning, and software', async (t) => {
  fakeDriver.failsAt = 3;
  const { sink, warnings } = await run(t, 'encoder=nvh264enc');
  t.same(await encoders(sink), ['x264enc']);
  t.match(warnings?.[0]?.message, /^The encoder nvh264enc is not used: The card has gone\. Software/);
});

t.test('pictures that are too small for it are encoded in software', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc is-live=true ! video/x-raw,width=128,height=128,framerate=25/1 ! webrtcsink name=s',
  );
  t.teardown(() => pipeline.close());
  const errors: TalkError[] = [];
  pipeline.on('error', (error) => errors.push(error));
  const warned = new Promise<TalkError>((resolve) => pipeline.once('warning', resolve));
  await pipeline.play();
  const receiver = await join(t, pipeline.element('s').instance as unknown as ViewerSink);
  t.match((await warned).message, /^The encoder nvh264enc failed: .*Software encodes from now on/);
  await receiver.received('video', 10);
  t.same(errors, []);
});

t.test('a stream whose encoder has failed comes to its end', async (t) => {
  fakeDriver.failsAt = 10;
  const { pipeline, sink } = await run(t);
  const warned = new Promise((resolve) => pipeline.once('warning', resolve));
  await join(t, sink);
  await warned;
  await pipeline.eos();
  t.pass('and says so');
});
