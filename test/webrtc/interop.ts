/** A player that is not ours gets 25 pictures a second, and voice and picture together. */
import t from 'tap';
import WebRtcSink from '../../elements/webrtcsink.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { ForeignPeer, hasAiortc } from '../support/foreign.js';
import { registerFlash } from './support/flash.js';

register(WebRtcSink);
registerFlash();

for (const codec of ['h264', 'vp8']) {
  t.test(`aiortc plays ${codec} and Opus`, hasAiortc ? {} : { skip: 'it is not installed' }, async (t) => {
    // Its decoder takes no other packets than those of 20 ms.
    const pipeline = Pipeline.launch(
      `webrtcsink name=web codec=${codec} frame-size=20 flashsrc ! web.video beepsrc ! web.audio`,
    );
    t.teardown(() => pipeline.close());
    await pipeline.play();
    const sink = pipeline.element('web').instance as unknown as ViewerSink;
    const peer = await ForeignPeer.view(async (offer) => (await sink.answer(offer, 'watch')).sdp);
    t.teardown(() => peer.kill());
    await peer.until(({ flash }) => flash !== undefined, 4);
    await peer.until(({ beep }) => beep !== undefined, 4);
    t.ok(Math.abs(peer.rate - 25) < 0.5, `${peer.rate.toFixed(2)} pictures a second`);
    const { skew } = peer;
    t.ok(skew.n >= 3 && Math.abs(skew.median) < 20, `skew ${skew.median.toFixed(1)} ms of ${skew.n}`);
  });
}
