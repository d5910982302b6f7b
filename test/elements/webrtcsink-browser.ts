/** webrtcsink in a real browser: in sync by content, measured against a sender that is known to be exact. */
import { mkdir } from 'node:fs/promises';
import t, { type Test } from 'tap';
import WebRtcSink from '../../elements/webrtcsink.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { Peer } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { Chromium, calibrate, hasChromium } from '../webrtc/support/chromium.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { startGstSender } from '../webrtc/support/gst-sender.js';
import { skewOf } from '../webrtc/support/skew.js';

register(WebRtcSink);
registerFlash();

t.test('in headless Chromium', { skip: !hasChromium && 'no Chromium here', timeout: 200_000 }, async (t) => {
  const browser = await Chromium.launch();
  t.teardown(() => browser.close());
  const pipeline = Pipeline.launch('webrtcsink name=s flashsrc ! s.video beepsrc ! s.audio');
  t.teardown(() => pipeline.close());
  await pipeline.play();
  const sink = pipeline.element('s').instance as unknown as ViewerSink;
  const answer = async (offer: string) => (await sink.answer(offer)).sdp;

  async function watched(t: Test) {
    const viewer = await browser.view(answer);
    await viewer.settle(8);
    const [rate, pairs] = await Promise.all([viewer.frameRate(3), viewer.skews(10)]);
    t.ok(rate > 12 && rate < 28, `${rate.toFixed(1)} pictures a second`);
    await viewer.close();
    return pairs;
  }

  /** What this browser reads of a sender that is exact, at the same time, so that the machine is as busy. */
  async function known(): Promise<number> {
    let peer: Peer | undefined;
    const sender = await startGstSender({ onPacket: (kind, packet) => peer?.write(kind, packet) });
    const meet = async (offer: string) => {
      const made = await Peer.answer(offer, { ports: new PortPool(), clock: sender.clock });
      peer = made.peer;
      return made.sdp;
    };
    const bias = await calibrate(browser, meet, 10, 8);
    await peer?.close();
    await sender.stop();
    return bias;
  }

  await t.test('flash and beep are together as they are from a sender that is exact', async (t) => {
    const [pairs, bias] = await Promise.all([watched(t), known()]);
    const skew = skewOf(pairs, bias);
    // Pages of Chromium settle up to 50 ms apart by themselves, and a loaded test machine adds its own: figures are the benchmark's.
    t.ok(
      Math.abs(skew.median) < 100,
      `median ${skew.median.toFixed(1)} ms (reading itself ${bias.toFixed(1)} ms)`,
    );
  });

  await t.test('a second viewer sees the picture at once, and both codecs play', async (t) => {
    const first = await browser.view(answer, { watch: false });
    const second = await browser.view(answer, { codecs: ['VP8'], watch: false });
    await second.page.waitForFunction('talk.state.firstFrameMs !== undefined');
    const stats = await second.stats();
    t.ok((stats.firstFrameMs ?? 99_999) < 10_000, `first picture after ${stats.firstFrameMs?.toFixed(0)} ms`);
    // The one before may still be there: a page that is closed says nothing.
    const codecs = sink.audience().map(({ codec }) => codec);
    t.same(codecs.slice(-2), ['H264', 'VP8']);
    await mkdir('.tap/shots', { recursive: true });
    await second.page.screenshot({ path: '.tap/shots/webrtcsink.png' });
    await first.close();
    await second.close();
  });
});
