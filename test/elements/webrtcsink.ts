import t from 'tap';
import WebRtcSink from '../../elements/webrtcsink.js';
import { register, TalkError } from '../../src/element/index.js';
import type { Mark } from '../../src/graph/events.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { contentOf, skewsOf } from '../webrtc/support/content.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { offerOf } from '../webrtc/support/offers.js';
import { Receiver, type ReceiverOptions } from '../webrtc/support/receiver.js';
import { skewOf } from '../webrtc/support/skew.js';

register(WebRtcSink);
registerFlash();

const SOURCES = 'flashsrc ! s.video beepsrc ! s.audio';

/** A running pipeline with a webrtcsink called `s`. */
async function run(line: string) {
  const pipeline = Pipeline.launch(line);
  const errors: TalkError[] = [];
  const marks: (Mark & { at: number })[] = [];
  pipeline.on('error', (error) => errors.push(error));
  pipeline.on('mark', (mark) => marks.push({ ...mark, at: pipeline.runningTime() ?? 0 }));
  await pipeline.play();
  const element = pipeline.element('s');
  const sink = element.instance as unknown as ViewerSink;
  const mark = async (name: string): Promise<Mark['fields']> => {
    for (;;) {
      const found = marks.find((m) => m.name === name);
      if (found !== undefined) return found.fields;
      await new Promise((resolve) => pipeline.once('mark', resolve));
    }
  };
  return { pipeline, element, sink, errors, marks, mark };
}

async function join(sink: ViewerSink, options: ReceiverOptions = {}) {
  const receiver = new Receiver(options);
  const answer = await sink.answer(await receiver.offer());
  await receiver.accept(answer.sdp);
  await receiver.connected();
  return { receiver, ...answer };
}

/** Packets of a key frame that came after `from` packets. */
function keyFrameAfter(receiver: Receiver, from: number): boolean {
  return receiver.packets.video.slice(from).some(({ packet: { payload } }) => {
    const type = payload[0]! & 31;
    return type === 7 || type === 5 || (type === 24 && (payload[3]! & 31) === 7);
  });
}

t.test('sends picture and voice in sync, one encode for all', async (t) => {
  const { pipeline, element, sink, errors } = await run(`webrtcsink name=s ${SOURCES}`);
  const viewers = [
    await join(sink),
    await join(sink, { video: ['VP8'] }),
    await join(sink, { video: ['H264'] }),
  ];
  t.same(
    viewers.map((v) => v.codec),
    ['H264', 'VP8', 'H264'],
  );
  t.equal(element.get('viewers'), 3);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  for (const { receiver, codec } of viewers) {
    const content = await contentOf(receiver, codec ?? 'H264');
    const skew = skewOf(skewsOf(content));
    t.ok(skew.n >= 3, `${codec}: ${skew.n} events`);
    t.ok(Math.abs(skew.median) <= 5, `${codec}: median ${skew.median.toFixed(2)} ms`);
    t.equal(content.audioFrame, 480, '10 ms of sound in a packet');
    await receiver.close();
  }
  t.same(errors, []);
  await pipeline.close();
});

t.test('asks the encoder for a key frame when a viewer joins or loses the picture', async (t) => {
  const { pipeline, sink } = await run(`webrtcsink name=s codec=h264 key-interval=10000 ${SOURCES}`);
  const { receiver } = await join(sink);
  await receiver.received('video', 30);
  t.ok(keyFrameAfter(receiver, 0), 'for the first');
  const before = receiver.packets.video.length;
  const { receiver: second } = await join(sink);
  await second.received('video', 20);
  t.ok(keyFrameAfter(receiver, before), 'for the second, seen by the first as well');
  const lost = receiver.packets.video.length + 15;
  await receiver.received('video', lost);
  const transceiver = receiver.transceivers.get('video');
  await transceiver?.receiver.sendRtcpPLI(receiver.packets.video[0]!.packet.header.ssrc);
  await receiver.received('video', lost + 20);
  t.ok(keyFrameAfter(receiver, lost), 'and on request');
  await receiver.close();
  await second.close();
  await pipeline.close();
});

t.test('takes what is encoded already', async (t) => {
  const { pipeline, sink, errors } = await run(
    'flashsrc ! x264enc tune=zerolatency key-int-max=25 ! video/x-h264,profile=constrained-baseline ! webrtcsink name=s ' +
      'beepsrc ! audioconvert ! audioresample ! opusenc ! s.audio',
  );
  const { receiver, codec } = await join(sink);
  t.equal(codec, 'H264');
  await new Promise((resolve) => setTimeout(resolve, 3500));
  const content = await contentOf(receiver, 'H264');
  const skew = skewOf(skewsOf(content));
  t.ok(skew.n >= 1 && Math.abs(skew.median) <= 5, `median ${skew.median.toFixed(2)} ms of ${skew.n}`);
  t.equal(content.audioFrame, 960);
  const vp8Only = new Receiver({ video: ['VP8'] });
  await t.rejects(sink.answer(await vp8Only.offer()), { code: 'stream/format', message: /Expected H264/ });
  await Promise.all([receiver.close(), vp8Only.close()]);
  t.same(errors, []);
  await pipeline.close();
});

t.test('encodes VP8 where that is asked for, and serves one pad alone', async (t) => {
  const { pipeline, sink } = await run('flashsrc ! webrtcsink name=s codec=vp8');
  const { receiver, codec } = await join(sink);
  t.equal(codec, 'VP8');
  await receiver.received('video', 30);
  t.equal(receiver.packets.audio.length, 0);
  await receiver.close();
  await pipeline.close();
  const voice = await run('beepsrc ! webrtcsink name=s');
  const { receiver: listener } = await join(voice.sink, { video: false });
  await listener.received('audio', 30);
  await listener.close();
  await voice.pipeline.close();
});

t.test('takes a viewer that is there before the media', async (t) => {
  const { pipeline, sink } = await run(
    'webrtcsink name=s audiotestsrc is-live=true ! s.audio flashsrc ! s.video',
  );
  const joining = [join(sink), join(sink, { video: ['VP8'] })];
  for (const { receiver } of await Promise.all(joining)) {
    await receiver.received('video', 5);
    t.pass('it sees');
    await receiver.close();
  }
  await pipeline.close();
});

t.test('answers the signal "offer" by a message, good or bad, and goes on', async (t) => {
  const { pipeline, element, marks, mark, errors } = await run(`webrtcsink name=s ${SOURCES}`);
  element.emit('offer', 'nonsense', 'first');
  t.match(await mark('answer'), { request: 'first', code: 'stream/format', error: /Expected "v=0"/ });
  marks.length = 0;
  const receiver = new Receiver();
  element.emit('offer', await receiver.offer(), 'second');
  const answer = await mark('answer');
  t.equal(answer['request'], 'second');
  await receiver.accept(String(answer['sdp']));
  await receiver.connected();
  t.same(await mark('viewer-joined'), { viewer: answer['viewer'] });
  element.emit('close-viewer', answer['viewer']);
  t.same(await mark('viewer-left'), { viewer: answer['viewer'], reason: 'closed' });
  await mark('empty');
  t.equal(element.get('viewers'), 0);
  t.same(errors, []);
  await receiver.close();
  await pipeline.close();
});

t.test('tells the session when the last viewer was lost', async (t) => {
  const { pipeline, sink, mark } = await run(`webrtcsink name=s ${SOURCES}`);
  const { receiver, id } = await join(sink);
  await receiver.received('video', 5);
  const started = performance.now();
  receiver.vanish();
  await mark('empty');
  t.ok(performance.now() - started < 15_000, `after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  t.match(await mark('viewer-left'), { viewer: id, reason: 'silent' });
  await pipeline.close();
});

t.test('tells marks once, when their moment is sent', async (t) => {
  const { pipeline, marks } = await run(`webrtcsink name=s ${SOURCES}`);
  while (marks.filter((m) => m.name === 'beep').length < 3) {
    await new Promise((resolve) => pipeline.once('mark', resolve));
  }
  const latency = pipeline.latency()?.min ?? 0;
  for (const [second, mark] of marks.filter((m) => m.name === 'beep').entries()) {
    t.equal(mark.fields['second'], second);
    const late = (mark.at - second * 1e9 - latency) / 1e6;
    t.ok(late > -15 && late < 3000, `${late.toFixed(1)} ms after it was due`);
  }
  await pipeline.close();
});

t.test('speaks on the data channel', async (t) => {
  const { pipeline, sink, mark } = await run(`webrtcsink name=s ${SOURCES}`);
  const { receiver, id } = await join(sink, { channel: 'events' });
  const channel = receiver.channel!;
  if (channel.readyState !== 'open') await channel.stateChanged.watch((state) => state === 'open');
  channel.send('{"say":"hallo"}');
  t.same(await mark('message'), { viewer: id, text: '{"say":"hallo"}' });
  sink.tell({ type: 'state', state: 'idle' });
  for (let n = 0; n < 100 && receiver.messages.length === 0; n++) await new Promise((r) => setTimeout(r, 10));
  t.same(receiver.messages, ['{"type":"state","state":"idle"}']);
  await receiver.close();
  await pipeline.close();
});

t.test('ends with the stream, watched or not, live or not', async (t) => {
  for (const line of [
    'flashsrc is-live=false frames=20 ! s.video beepsrc is-live=false blocks=80 ! s.audio webrtcsink name=s',
    'flashsrc frames=10 ! s.video beepsrc blocks=40 ! s.audio webrtcsink name=s',
    'flashsrc frames=10 ! webrtcsink name=s',
  ]) {
    for (const watched of [false, true]) {
      const { pipeline, sink } = await run(line);
      const finished = pipeline.finished();
      const viewer = watched ? await join(sink) : undefined;
      await finished;
      t.pass(`${line} ${watched}`);
      await viewer?.receiver.close();
      await pipeline.close();
    }
  }
});

t.test('is full at its limit, and takes no viewers while it does not run', async (t) => {
  const { pipeline, sink } = await run(`webrtcsink name=s max-viewers=1 port-range=42501-42502 ${SOURCES}`);
  const first = await sink.answer(offerOf());
  t.match(first.sdp, / 4250[12] typ host/);
  await t.rejects(sink.answer(offerOf()), { code: 'resource/busy', message: /All 1 places/ });
  t.equal(sink.audience().length, 1);
  t.ok(await sink.endViewer(first.id));
  t.notOk(await sink.endViewer(first.id));
  await sink.answer(offerOf());
  await pipeline.ready();
  await t.rejects(sink.answer(offerOf()), { code: 'core/state-change' });
  t.equal(sink.audience().length, 0, 'stopping ends them');
  await pipeline.play();
  const again = await sink.answer(offerOf());
  t.match(again.sdp, / 4250[12] typ host/, 'its ports are free again');
  await pipeline.close();
});

t.test('offers the addresses it is told', async (t) => {
  const { pipeline, sink } = await run(`webrtcsink name=s public-ip="203.0.113.9, 198.51.100.7" ${SOURCES}`);
  const { sdp } = await sink.answer(offerOf());
  t.match(sdp, /203\.0\.113\.9 \d+ typ host/);
  t.match(sdp, /198\.51\.100\.7 \d+ typ host/);
  await pipeline.close();
});

t.test('says what is wrong with a property before anything runs', async (t) => {
  for (const [property, message] of [
    ['port-range=9-3', /Expected two ports like 40000-40199 for port-range/],
    ['public-ip=nowhere', /Expected IPv4 addresses for public-ip/],
    ['stun-server=http://x', /Expected stun:host:port for stun-server/],
    ['turn-server=turn:x', /Expected turn:user:password@host:port for turn-server/],
  ] as const) {
    const pipeline = Pipeline.launch(`flashsrc ! webrtcsink ${property}`);
    pipeline.on('error', () => {});
    await t.rejects(pipeline.play(), { message }, property);
    await pipeline.close();
  }
  t.throws(() => Pipeline.launch('flashsrc ! webrtcsink codec=h265'), TalkError);
});

t.test('changes its bitrate while it plays', async (t) => {
  const { pipeline, element, sink, errors } = await run(
    'videotestsrc is-live=true pattern=snow ! video/x-raw,width=320,height=240,framerate=25/1 ! webrtcsink name=s bitrate=2000000',
  );
  const { receiver } = await join(sink);
  const rate = async () => {
    const bytes = () => receiver.packets.video.reduce((sum, { packet }) => sum + packet.payload.length, 0);
    const [from, started] = [bytes(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return ((bytes() - from) * 8000) / (performance.now() - started);
  };
  await receiver.received('video', 50);
  const high = await rate();
  element.set('bitrate', 300_000);
  await rate();
  const low = await rate();
  t.ok(low < high / 2, `from ${Math.round(high / 1000)} to ${Math.round(low / 1000)} kbit/s`);
  t.same(errors, []);
  await receiver.close();
  await pipeline.close();
});
