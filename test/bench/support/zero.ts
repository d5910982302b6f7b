/** What a browser reads of a sender that is exact: the zero of what it reads of ours. */
import { Peer } from '../../../src/webrtc/peer.js';
import { PortPool } from '../../../src/webrtc/ports.js';
import { Chromium, calibrate } from '../../webrtc/support/chromium.js';
import { startGstSender } from '../../webrtc/support/gst-sender.js';

/** The median of so many events in a page of its own, ms. */
export async function zeroOf(browser: Chromium, events: number, settle: number): Promise<number> {
  let peer: Peer | undefined;
  const sender = await startGstSender({
    codec: 'H264',
    onPacket: (kind, packet) => peer?.write(kind, packet),
  });
  try {
    const join = async (offer: string) => {
      const answer = await Peer.answer(offer, {
        ports: new PortPool(),
        clock: sender.clock,
        codecs: ['H264'],
      });
      peer = answer.peer;
      return answer.sdp;
    };
    return await calibrate(browser, join, events, settle);
  } finally {
    await peer?.close();
    await sender.stop();
  }
}

/** The same in a browser of its own. */
export async function bias(events = 8, settle = 10): Promise<number> {
  const browser = await Chromium.launch();
  try {
    return await zeroOf(browser, events, settle);
  } finally {
    await browser.close();
  }
}
