/**
 * One viewer, or one who came to talk: answers its SDP offer. Non-trickle from our side: the answer holds all our
 * candidates. Those of the other side may come later.
 */
import type { VideoCodec } from './codecs.js';
import { answerOffer, type Kind, makeConnection } from './connection.js';
import { readFragment } from './fragment.js';
import { type CloseReason, Link, type LinkEvents, type LinkOptions } from './link.js';
import { keepCandidates, type Offer, type Purpose, readOffer } from './offer.js';
import { unfitSdp } from './sdp.js';

export type { CloseReason, Kind };
export type PeerEvents = LinkEvents;

export interface PeerOptions extends LinkOptions {
  /** Video codecs to choose from, best first. Default H264, VP8. */
  codecs?: readonly VideoCodec[];
  /** Of those the one that stands first in the viewer's offer is chosen. */
  theirs?: boolean;
  /** What it may do; see Purpose. Default both. */
  purpose?: Purpose;
  /** Whether somebody wants to hear the viewer's microphone, asked when an offer comes. Default nobody. */
  microphone?: () => boolean;
}

export class Peer extends Link {
  /** The codec this viewer's video section was answered with. */
  readonly codec: VideoCodec | undefined;
  /** Its microphone was asked for: `sound` may come. */
  readonly talks: boolean;
  readonly purpose: Purpose;
  readonly #offer: Offer;
  /** Candidates that came later. */
  #candidates = 0;

  /**
   * Answers an offer. Resolves to a peer that waits for its viewer to connect, and its SDP answer.
   * @throws TalkError `stream/format` for an offer that cannot be used, `resource/busy` when no port is left
   */
  static async answer(sdp: unknown, options: PeerOptions): Promise<{ peer: Peer; sdp: string }> {
    const { codecs = ['H264', 'VP8'], theirs = false, purpose } = options;
    const offer = readOffer(sdp, { codecs, theirs }, purpose);
    const peer = new Peer(offer, options);
    const answer = await peer.describe(
      (connection) => answerOffer(connection, offer),
      'The SDP offer could not be answered.',
    );
    return { peer, sdp: answer };
  }

  private constructor(offer: Offer, options: PeerOptions) {
    const { servers, loss, microphone } = options;
    const wanted = microphone?.() ?? false;
    super((id) => makeConnection(offer, id, { stun: servers?.stun, loss, microphone: wanted }), options);
    this.#offer = offer;
    this.purpose = options.purpose ?? 'both';
    this.codec = offer.video?.codec;
    this.talks = this.connection.microphone !== undefined;
  }

  /**
   * Takes candidates of the other side that were found after its offer (RFC 8840).
   * @throws TalkError `stream/format` for what is no such fragment; `details.understood` for a restart, which is not done here
   */
  async trickle(text: unknown): Promise<void> {
    const { ufrag, candidates } = readFragment(text);
    if (ufrag !== undefined && ufrag !== this.#offer.ufrag) {
      throw unfitSdp('candidates of the connection that stands', 'a restart of ICE');
    }
    const usable = keepCandidates(
      candidates.map((candidate) => `a=candidate:${candidate}`),
      this.#candidates,
    );
    this.#candidates += usable.length;
    for (const line of usable) {
      // All sections are one transport. A candidate that werift cannot use is none: the rest may do.
      const candidate = line.slice('a='.length);
      await this.connection.pc.addIceCandidate({ candidate, sdpMLineIndex: 0 }).catch(() => undefined);
    }
  }
}
