/** Meters that are viewers: a page in Chromium, a receiver of our own, aiortc. */

import type { Chromium, ChromiumViewer } from '../../webrtc/support/chromium.js';
import { contentOf, mapper, skewsOf } from '../../webrtc/support/content.js';
import { Receiver } from '../../webrtc/support/receiver.js';
import { pair } from '../../webrtc/support/skew.js';
import { ForeignPeer } from '../foreign.js';
import { type Lab, type Meter, NOTHING, type Taken } from './meter.js';

/** What a page shows and plays. `bias`: what it reads of a sender that is exact, ms; taken off. */
export class ChromiumMeter implements Meter {
  readonly name = 'chromium';
  readonly #lab: Lab;
  readonly #launch: () => Promise<Chromium>;
  bias = 0;
  #browser: Chromium | undefined;
  #viewer: ChromiumViewer | undefined;

  constructor(lab: Lab, launch: () => Promise<Chromium>) {
    this.#lab = lab;
    this.#launch = launch;
  }

  async begin(): Promise<void> {
    this.#browser = await this.#launch();
    this.#viewer = await this.#browser.view(async (offer) => (await this.#lab.viewers.answer(offer)).sdp);
  }

  async take(): Promise<Taken> {
    if (this.#viewer === undefined) return NOTHING;
    const { flashes, beeps } = await this.#viewer.events();
    const origin = Number(await this.#viewer.page.evaluate('performance.timeOrigin'));
    return {
      pairs: pair(flashes, beeps).map(({ at, skew }) => ({ at: origin + at, skew: skew - this.bias })),
      latencies: this.#lab.latencies(flashes.map((at) => origin + at)),
    };
  }

  async kill(): Promise<void> {
    this.#viewer = undefined;
    await this.#browser?.kill();
    await this.#browser?.close();
  }

  async end(): Promise<void> {
    this.#viewer = undefined;
    await this.#browser?.close();
  }
}

/** What was in the packets, placed in time by the sender's reports; see content.ts. */
export class ReceiverMeter implements Meter {
  readonly name = 'receiver';
  readonly #lab: Lab;
  #receiver: Receiver | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async begin(): Promise<void> {
    const receiver = new Receiver();
    await receiver.accept((await this.#lab.viewers.answer(await receiver.offer())).sdp);
    await receiver.connected();
    this.#receiver = receiver;
  }

  async take(): Promise<Taken> {
    const receiver = this.#receiver;
    if (receiver === undefined) return NOTHING;
    const { packets, reports } = receiver;
    const content = await contentOf(receiver, 'H264');
    const wall = mapper(reports.video, 90_000);
    const latencies = packets.video
      .filter(({ packet }) => packet.header.marker)
      .map(({ at, packet }) => performance.timeOrigin + at - wall(packet.header.timestamp));
    for (const list of [packets.video, packets.audio]) list.splice(0);
    for (const list of [reports.video, reports.audio]) list.splice(0, list.length - 1);
    // Key frames come every ten seconds; what comes before one cannot be decoded.
    await receiver.askForKeyFrame();
    return { pairs: skewsOf(content), latencies };
  }

  async kill(): Promise<void> {
    this.#receiver?.vanish();
    this.#receiver = undefined;
  }

  async end(): Promise<void> {
    await this.#receiver?.close();
    this.#receiver = undefined;
  }
}

/** aiortc as a viewer who takes VP8 only: a second encoder of the same session. */
export class AiortcMeter implements Meter {
  readonly name = 'aiortc, VP8';
  readonly #lab: Lab;
  #peer: ForeignPeer | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async begin(): Promise<void> {
    this.#peer = await ForeignPeer.view('aiortc', async (offer) => {
      // A codec nobody knows is none.
      const vp8 = offer.replace(/ H264\/90000/g, ' OTHER/90000');
      return (await this.#lab.viewers.answer(vp8, 'watch')).sdp;
    });
  }

  async take(): Promise<Taken> {
    return this.#peer === undefined ? NOTHING : taken(this.#peer, this.#lab);
  }

  async kill(): Promise<void> {
    await this.#peer?.kill();
    this.#peer = undefined;
  }

  end(): Promise<void> {
    return this.kill();
  }
}

/** What a foreign peer has told of, and is forgotten now. */
export function taken(peer: ForeignPeer, lab: Lab): Taken {
  if (!['video', 'audio'].every((kind) => peer.lines.some(({ report }) => report === kind))) return NOTHING;
  const seen = peer.lines.flatMap(({ flash, came }) => (flash === undefined ? [] : [came]));
  const taken = { pairs: peer.pairs, latencies: lab.latencies(seen) };
  peer.forget();
  return taken;
}
