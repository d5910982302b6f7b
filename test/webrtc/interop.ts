/** Players that are not ours get 25 pictures a second, and voice and picture together. */
import t from 'tap';
import WebRtcSink from '../../elements/webrtcsink.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { ForeignPeer, hasAiortc, hasWebrtcbin, type Player } from '../support/foreign.js';
import { registerFlash } from './support/flash.js';

register(WebRtcSink);
registerFlash();

const PLAYERS: readonly [player: Player, codec: string, frameSize: number, there: boolean][] = [
  // Its decoder takes no other packets than those of 20 ms.
  ['aiortc', 'h264', 20, hasAiortc],
  ['aiortc', 'vp8', 20, hasAiortc],
  ['webrtcbin', 'h264', 10, hasWebrtcbin],
];

for (const [player, codec, frameSize, there] of PLAYERS) {
  t.test(`${player} plays ${codec} and Opus`, there ? {} : { skip: 'it is not installed' }, async (t) => {
    const pipeline = Pipeline.launch(
      `webrtcsink name=web codec=${codec} frame-size=${frameSize} flashsrc ! web.video beepsrc ! web.audio`,
    );
    t.teardown(() => pipeline.close());
    await pipeline.play();
    const sink = pipeline.element('web').instance as unknown as ViewerSink;
    const peer = await ForeignPeer.view(player, async (offer) => (await sink.answer(offer, 'watch')).sdp);
    t.teardown(() => peer.kill());
    await peer.until(({ flash }) => flash !== undefined, 5);
    await peer.until(({ beep }) => beep !== undefined, 5);
    t.ok(Math.abs(peer.rate - 25) < 0.5, `${peer.rate.toFixed(2)} pictures a second`);
    const { skew } = peer;
    t.ok(skew.n >= 4 && Math.abs(skew.median) < 20, `skew ${skew.median.toFixed(1)} ms of ${skew.n}`);
  });
}
