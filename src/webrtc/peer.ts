/**
 * One viewer: answers an SDP offer and sends RTP packets to it over werift.
 *
 * Non-trickle: the answer holds all our candidates. Packets written before the viewer is connected are dropped; then
 * a key frame is asked for. What of werift is replaced, and why, stands in transport.ts, report.ts, feedback.ts and offer.ts.
 */

import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type TypedEmitter from 'typed-emitter';
import type { RtpPacket } from 'werift';
import { TalkError } from '../element/error.js';
import { localAddresses } from './addresses.js';
import type { CaptureClock } from './clock.js';
import type { VideoCodec } from './codecs.js';
import { answerOffer, type Connection, type Kind, makeConnection } from './connection.js';
import { DataEvents } from './data.js';
import { readFeedback } from './feedback.js';
import type { IceServers } from './ice.js';
import { type Offer, readOffer } from './offer.js';
import type { PortPool } from './ports.js';
import { SenderReports } from './report.js';
import { LinkStats, type PeerStats } from './stats.js';
import { type Underlay, useOwnSockets } from './transport.js';

/** Why a peer ended: we closed it, it left, it fell silent, it never connected, or its connection broke. */
export type CloseReason = 'closed' | 'left' | 'silent' | 'timeout' | 'failed';
export type { Kind };

export interface PeerOptions {
  ports: PortPool;
  clock: CaptureClock;
  /** Video codecs to choose from, best first. Default H264, VP8. */
  codecs?: readonly VideoCodec[];
  /** Addresses to advertise; default: this machine's, loopback last. */
  addresses?: readonly string[];
  servers?: IceServers;
  /** ms without a single packet from the viewer until it counts as gone. Default 4500: with the check's own interval 5 s. */
  silence?: number;
  /** ms from the answer until a viewer must be connected. Default 15000. */
  connectTimeout?: number;
  /** Whether somebody wants to hear the viewer's microphone, asked when an offer comes. Default nobody. */
  microphone?: () => boolean;
  /** Loses this fraction of outgoing packets, for tests. */
  loss?: number;
}

export type PeerEvents = {
  connected: () => void;
  closed: (reason: CloseReason) => void;
  /** The viewer needs a key frame. */
  'key-frame': (reason: 'pli' | 'fir' | 'connected') => void;
  /** The viewer's bandwidth estimate changed, bit/s (REMB). */
  estimate: (bitrate: number) => void;
  /** A packet of the viewer's microphone: Opus. */
  sound: (packet: RtpPacket) => void;
  /** Text from the viewer's data channel. */
  message: (text: string) => void;
};

const TICK_MS = 500;
/** Longest time to make an answer; gathering has its own, shorter limit. */
const ANSWER_TIMEOUT_MS = 10_000;
const GATHER_TIMEOUT_S = 1.5;

export class Peer extends (EventEmitter as new () => TypedEmitter.default<PeerEvents>) {
  readonly id = randomUUID();
  /** The codec this viewer's video section was answered with. */
  readonly codec: VideoCodec | undefined;
  /** Its microphone was asked for: `sound` may come. */
  readonly talks: boolean;
  readonly data = new DataEvents((text) => this.emit('message', text));
  readonly #offer: Offer;
  readonly #options: PeerOptions;
  readonly #connection: Connection;
  readonly #reports: SenderReports;
  readonly #stats: LinkStats;
  #state: 'connecting' | 'connected' | 'closed' = 'connecting';
  #heard = performance.now();
  #ticked = performance.now();
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #answering: Promise<string> | undefined;
  #closing: Promise<void> | undefined;
  #underlay: Underlay | undefined;

  /**
   * Answers an offer. Resolves to a peer that waits for its viewer to connect, and its SDP answer.
   * @throws TalkError `stream/format` for an offer that cannot be used, `resource/busy` when no port is left
   */
  static async answer(sdp: unknown, options: PeerOptions): Promise<{ peer: Peer; sdp: string }> {
    const peer = new Peer(readOffer(sdp, options.codecs), options);
    try {
      peer.#answering = peer.#answer();
      return { peer, sdp: await deadline(peer.#answering, ANSWER_TIMEOUT_MS) };
    } catch (error) {
      await peer.close('failed');
      throw error instanceof TalkError
        ? error
        : new TalkError('stream/format', 'The SDP offer could not be answered.', { cause: error });
    }
  }

  private constructor(offer: Offer, options: PeerOptions) {
    super();
    this.#offer = offer;
    this.#options = options;
    this.codec = offer.video?.codec;
    const { servers, loss, microphone } = options;
    const wanted = microphone?.() ?? false;
    this.#connection = makeConnection(offer, this.id, { stun: servers?.stun, loss, microphone: wanted });
    const { pc, transport, tracks } = this.#connection;
    this.talks = this.#connection.microphone !== undefined;
    this.#connection.microphone?.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) => this.emit('sound', packet));
    });
    this.#reports = new SenderReports([...tracks.values()], options.clock);
    this.#stats = new LinkStats([...tracks.values()]);
    pc.onDataChannel.subscribe((channel) => this.data.use(channel));
    pc.connectionStateChange.subscribe((state) => this.#onState(state));
    transport.onRtcp.subscribe((packet) => this.#onRtcp(packet));
    transport.onStateChange.subscribe((state) => {
      if (state === 'closed' && this.#state === 'connected') void this.close('left');
    });
  }

  get state(): 'connecting' | 'connected' | 'closed' {
    return this.#state;
  }

  /**
   * Sends one RTP packet of a track. SSRC, payload type and header extensions are replaced; sequence number and
   * timestamp stay. Dropped unless connected, or when the viewer did not ask for this kind.
   */
  write(kind: Kind, packet: Buffer): void {
    if (this.#state !== 'connected') return;
    const sending = this.#connection.tracks.get(kind)?.sender.sendRtp(packet);
    // Sending fails only with the connection itself, which ends the peer through its state.
    sending?.catch(() => {});
  }

  /** Rates, loss and round trip, as far as known by now. */
  stats(): PeerStats {
    return this.#stats.read();
  }

  /** Ends the connection; resolves when its socket is closed and no timer is left. Never rejects. */
  close(reason: CloseReason = 'closed'): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #answer(): Promise<string> {
    const { servers = {}, ports, addresses = localAddresses() } = this.#options;
    let socketError: unknown;
    const reach = {
      ports,
      addresses,
      servers,
      gatherTimeout: GATHER_TIMEOUT_S,
      heard: () => {
        this.#heard = performance.now();
      },
      failed: (error: unknown) => {
        socketError = error;
      },
    };
    this.#underlay = useOwnSockets(this.#connection.transport.iceTransport, reach);
    const answer = await answerOffer(this.#connection.pc, this.#offer).catch((error) => {
      throw socketError ?? error;
    });
    this.#since = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    return answer;
  }

  #onState(state: string): void {
    if (state === 'connected' && this.#state === 'connecting') {
      this.#state = 'connected';
      this.#heard = performance.now();
      this.#reports.start();
      this.emit('connected');
      if (this.#connection.tracks.has('video')) this.emit('key-frame', 'connected');
    } else if (state === 'failed') {
      void this.close('failed');
    } else if (state === 'closed') {
      void this.close('left');
    }
  }

  #onRtcp(packet: { type: number }): void {
    // Only one who has finished the handshake can encrypt a report.
    this.#underlay?.guard.seal();
    for (const feedback of readFeedback(packet, this.#stats.ssrcs)) {
      this.#stats.note(feedback, (ssrc, lsr, dlsr) => this.#reports.roundTrip(ssrc, lsr, dlsr));
      if (feedback.type === 'key-frame') this.emit('key-frame', feedback.reason);
      else if (feedback.type === 'estimate') this.emit('estimate', feedback.bitrate);
    }
  }

  /** Looks after a viewer that went without a word: werift itself would notice after 30 s. */
  #tick(): void {
    const now = performance.now();
    // If this process was stopped or busy, packets wait in the socket: the viewer was not silent, we were deaf.
    const deaf = now - this.#ticked - TICK_MS;
    if (deaf > TICK_MS) this.#heard += deaf;
    this.#ticked = now;
    this.#stats.sample();
    if (this.#state === 'connected') {
      if (now - this.#heard > (this.#options.silence ?? 4500)) void this.close('silent');
    } else if (now - this.#since > (this.#options.connectTimeout ?? 15_000)) {
      void this.close('timeout');
    }
  }

  async #close(reason: CloseReason): Promise<void> {
    this.#state = 'closed';
    this.#reports.stop();
    await this.#underlay?.close();
    // A socket opened by a gathering still under way would outlive the connection.
    await this.#answering?.catch(() => {});
    clearInterval(this.#timer);
    // werift closes what it opened; if that fails there is nothing left that could be closed by us.
    await this.#connection.pc.close().catch(() => {});
    this.emit('closed', reason);
    this.removeAllListeners();
  }
}

async function deadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new TalkError('resource/unreachable', 'The SDP answer took too long to make.', { retryable: true }),
      );
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
