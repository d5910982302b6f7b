import t, { type Test } from 'tap';
import WebRtcSink from '../../elements/webrtcsink.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { VideoCodec } from '../../src/webrtc/codecs.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { Chromium, hasChromium } from '../webrtc/support/chromium.js';
import { contentOf } from '../webrtc/support/content.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { Receiver } from '../webrtc/support/receiver.js';

register(WebRtcSink);
registerFlash();

async function run(t: Test, line: string) {
  const pipeline = Pipeline.launch(line);
  t.teardown(() => pipeline.close());
  await pipeline.play();
  const element = pipeline.element('s');
  return { pipeline, element, sink: element.instance as unknown as ViewerSink };
}

async function join(t: Test, sink: ViewerSink, video: VideoCodec[]) {
  const receiver = new Receiver({ video });
  t.teardown(() => receiver.close());
  const answer = await sink.answer(await receiver.offer());
  await receiver.accept(answer.sdp);
  await receiver.connected();
  return { receiver, codec: answer.codec };
}

const CODECS: VideoCodec[][] = [
  ['VP9', 'H264'],
  ['VP9', 'VP8'],
  ['VP8', 'VP9'],
  ['H264', 'VP8', 'VP9'],
];

t.test('each viewer gets what stands first in its offer, from one encoder for each codec', async (t) => {
  const { pipeline, sink } = await run(
    t,
    'webrtcsink name=s codec=viewer flashsrc ! s.video beepsrc ! s.audio',
  );
  const viewers = await Promise.all(CODECS.map((video) => join(t, sink, video)));
  t.same(
    viewers.map(({ codec }) => codec),
    CODECS.map(([first]) => first),
  );
  await Promise.all(viewers.map(({ receiver }) => receiver.received('video', 30)));
  const encoders = pipeline.dot().match(/Gst(X264|VP8|VP9)Enc\b/g) ?? [];
  t.same(new Set(encoders), new Set(['GstX264Enc', 'GstVP8Enc', 'GstVP9Enc']));
  for (const name of new Set(encoders)) t.equal(encoders.filter((one) => one === name).length, 1, name);
  const [one, other] = viewers.map(({ receiver }) => receiver);
  const times = (receiver = one) =>
    new Set(receiver?.packets.video.slice(10).map(({ packet }) => packet.header.timestamp));
  const shared = [...times()].filter((time) => times(other).has(time));
  t.ok(shared.length > 10, `both who take VP9 have ${shared.length} pictures of the same moment`);
  const { frames, luma } = await contentOf(one as Receiver, 'VP9');
  t.ok(frames >= 10 && luma[0] < 30, `${frames} pictures decoded, the darkest of luma ${luma[0].toFixed(0)}`);
});

t.test('it goes through as it comes in', async (t) => {
  const { sink } = await run(t, 'flashsrc ! vp9enc deadline=1 lag-in-frames=0 ! webrtcsink name=s codec=vp9');
  const { receiver, codec } = await join(t, sink, ['H264', 'VP9']);
  t.equal(codec, 'VP9');
  await receiver.received('video', 10);
  const ids = receiver.packets.video.map(({ packet }) => packet.payload.readUInt16BE(1) & 0x7fff);
  t.ok(new Set(ids).size > 3, 'pictures have numbers');
});

t.test('its bitrate changes while it runs', async (t) => {
  const source = 'videotestsrc is-live=true pattern=snow ! video/x-raw,width=320,height=240,framerate=25/1';
  const { element, sink } = await run(
    t,
    `${source} ! webrtcsink name=s codec=vp9 adapt=false bitrate=300000`,
  );
  const { receiver } = await join(t, sink, ['VP9']);
  /** bit/s of the next 0.6 s of pictures: an encoder that has no time makes fewer, which have more bits each. */
  const rate = async () => {
    const times: number[] = [];
    let bits = 0;
    for (let n = receiver.packets.video.length; ; n++) {
      await receiver.received('video', n + 1);
      const { header, payload } = receiver.packets.video[n]!.packet;
      if (header.timestamp !== times.at(-1)) times.push(header.timestamp);
      const seconds = (((times.at(-1) ?? 0) - (times[0] ?? 0)) >>> 0) / 90_000;
      if (seconds >= 0.6) return bits / seconds;
      bits += payload.length * 8;
    }
  };
  // The first key frame is far above it.
  while ((await rate()) > 600_000);
  element.set('bitrate', 1_500_000);
  while ((await rate()) < 900_000);
  t.pass('it keeps to 300 kbit/s, and then has more than 900');
});

t.test('Chromium shows it', { skip: !hasChromium && 'no Chromium here' }, async (t) => {
  const { sink } = await run(t, 'webrtcsink name=s codec=viewer flashsrc ! s.video beepsrc ! s.audio');
  const browser = await Chromium.launch();
  t.teardown(() => browser.close());
  const viewer = await browser.view(async (offer) => (await sink.answer(offer)).sdp, {
    codecs: ['VP9'],
    watch: false,
  });
  t.teardown(() => viewer.close());
  const decoded = async () => Number((await viewer.stats()).video?.['framesDecoded'] ?? 0);
  await viewer.page.waitForFunction('talk.state.firstFrameMs !== undefined');
  const before = await decoded();
  while ((await decoded()) < before + 10) await viewer.settle(0.05);
  const { video } = await viewer.stats();
  t.equal(video?.['mimeType'], 'video/VP9');
  t.equal(video?.['frameWidth'], 320);
  const usual = await browser.view(async (offer) => (await sink.answer(offer)).sdp, { watch: false });
  t.teardown(() => usual.close());
  t.same(
    sink.audience().map(({ codec }) => codec),
    ['VP9', 'VP8'],
    'of itself it names VP8 first',
  );
});
