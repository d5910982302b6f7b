/** webrtcsink in a real browser: in sync by content, measured against a sender that is known to be exact. */
import { mkdir } from 'node:fs/promises';
import t from 'tap';
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

  await t.test('flash and beep are together as they are from a sender that is exact', async (t) => {
    const viewer = await browser.view(answer);
    await viewer.settle(8);
    const rate = await viewer.frameRate(3);
    t.ok(rate > 12 && rate < 28, `${rate.toFixed(1)} pictures a second`);
    const pairs = await viewer.skews(10);
    await viewer.close();

    let peer: Peer | undefined;
    const sender = await startGstSender({ onPacket: (kind, packet) => peer?.write(kind, packet) });
    const bias = await calibrate(
      browser,
      async (offer) => {
        const made = await Peer.answer(offer, { ports: new PortPool(), clock: sender.clock });
        peer = made.peer;
        return made.sdp;
      },
      10,
      8,
    );
    await peer?.close();
    await sender.stop();
    const skew = skewOf(pairs, bias);
    // Chromium corrects only what is more than 30 ms off; a loaded test machine adds its own.
    t.ok(
      Math.abs(skew.median) < 45,
      `median ${skew.median.toFixed(1)} ms (reading itself ${bias.toFixed(1)} ms)`,
    );
  });

  await t.test('a second viewer sees the picture at once, and both codecs play', async (t) => {
    const first = await browser.view(answer, { watch: false });
    const second = await browser.view(answer, { codecs: ['VP8'], watch: false });
    await second.page.waitForFunction('talk.state.firstFrameMs !== undefined');
    const stats = await second.stats();
    t.ok((stats.firstFrameMs ?? 99_999) < 10_000, `first picture after ${stats.firstFrameMs?.toFixed(0)} ms`);
    t.same(
      sink
        .audience()
        .map((v) => v.codec)
        .sort(),
      ['H264', 'VP8'],
    );
    await mkdir('.tap/shots', { recursive: true });
    await second.page.screenshot({ path: '.tap/shots/webrtcsink.png' });
    await first.close();
    await second.close();
  });
});
