/**
 * One connection, whoever offered it: what is sent over it, what comes back, and when it is over.
 *
 * Packets written before it stands are dropped; then a key frame is asked for. What of werift is replaced, and why, stands in
 * transport.ts, report.ts, feedback.ts and offer.ts.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type TypedEmitter from 'typed-emitter';
import { RtpHeader, RtpPacket } from 'werift';
import { TalkError } from '../element/error.js';
import { localAddresses } from './addresses.js';
import type { CaptureClock } from './clock.js';
import type { Connection, Kind } from './connection.js';
import { DataEvents } from './data.js';
import { readFeedback } from './feedback.js';
import { type IceServers, turnOf } from './ice.js';
import type { Overrun } from './overload.js';
import type { PortPool } from './ports.js';
import { SenderReports } from './report.js';
import { Resender } from './resend.js';
import { type Rtp, readRtp } from './rtp.js';
import { LinkStats, type PeerStats } from './stats.js';
import { type Underlay, useOwnSockets } from './transport.js';
import { isAuthentic } from './werift.js';

/**
 * Why a link ended: we closed it, the other side left, it fell silent, it never connected, its connection broke, or what comes in is
 * encoded in a codec that was not agreed on.
 */
export type CloseReason = 'closed' | 'left' | 'silent' | 'timeout' | 'failed' | 'codec';

export interface LinkOptions {
  ports: PortPool;
  clock: CaptureClock;
  /** Addresses to advertise; default: this machine's, loopback last. */
  addresses?: readonly string[];
  /** Reachable over TCP as well (RFC 6544), on the port of the same number. Default false. */
  tcp?: boolean;
  servers?: IceServers;
  /** ms without a single packet from the other side until it counts as gone. Default 4500: with the check's own interval 5 s. */
  silence?: number;
  /** ms from our description until it must be connected. Default 15000. */
  connectTimeout?: number;
  /** Loses this fraction of outgoing packets, for tests. */
  loss?: number;
}

export type LinkEvents = {
  /** The two can reach each other (ICE), once; what is left until it is connected is the handshake. */
  reached: () => void;
  connected: () => void;
  closed: (reason: CloseReason) => void;
  /** The other side needs a key frame. */
  'key-frame': (reason: 'pli' | 'fir' | 'connected') => void;
  /** Its line has just become too small for the picture. */
  overrun: (overrun: Overrun) => void;
  /** Its bandwidth estimate changed, bit/s (REMB). */
  estimate: (bitrate: number) => void;
  /** A packet of its microphone: Opus. */
  sound: (packet: RtpPacket) => void;
  /** Text from its data channel. */
  message: (text: string) => void;
};

/** ms that the other side has, where nobody says anything. */
export const CONNECT_MS = 15_000;
const TICK_MS = 500;
/** Longest time to make a description; gathering has its own, shorter limit. */
const DESCRIBE_MS = 10_000;
const GATHER_TIMEOUT_S = 1.5;

export class Link extends (EventEmitter as new () => TypedEmitter.default<LinkEvents>) {
  readonly id: string;
  readonly data = new DataEvents((text) => this.emit('message', text));
  protected readonly connection: Connection;
  readonly #options: LinkOptions;
  readonly #reports: SenderReports;
  readonly #stats: LinkStats;
  /** Of the picture; a lost sound is concealed before it could come again. */
  readonly #resender: Resender | undefined;
  #state: 'connecting' | 'connected' | 'closed' = 'connecting';
  #reached = false;
  #heard = performance.now();
  #ticked = performance.now();
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #describing: Promise<string> | undefined;
  #closing: Promise<void> | undefined;
  #underlay: Underlay | undefined;

  /** @param make the connection, its MediaStream called by the link's id */
  protected constructor(make: (id: string) => Connection, options: LinkOptions) {
    super();
    this.id = randomUUID();
    this.#options = options;
    this.connection = make(this.id);
    const { pc, transport, tracks, microphone } = this.connection;
    microphone?.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) => this.emit('sound', packet));
    });
    this.#reports = new SenderReports([...tracks.values()], options.clock);
    this.#stats = new LinkStats([...tracks.values()]);
    const video = tracks.get('video')?.sender;
    this.#resender =
      video &&
      new Resender(
        video,
        () => this.#stats.roundTrip,
        (overrun) => this.emit('overrun', overrun),
      );
    pc.onDataChannel.subscribe((channel) => this.data.use(channel));
    // werift says `completed` of what was gathered, before anybody came.
    pc.iceConnectionStateChange.subscribe((state) => {
      if (state === 'connected') this.#onReached();
    });
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
   * timestamp stay. Dropped unless connected, or when the other side did not ask for this kind.
   */
  write(kind: Kind, packet: Buffer | Rtp): void {
    if (this.#state !== 'connected') return;
    const sender = this.connection.tracks.get(kind)?.sender;
    if (sender === undefined) return;
    const { sequence, timestamp, marker, payload } = Buffer.isBuffer(packet) ? readRtp(packet) : packet;
    const rtp = new RtpPacket(new RtpHeader({ sequenceNumber: sequence, timestamp, marker }), payload);
    // Sending fails only with the connection itself, which ends the link through its state.
    sender.sendRtp(rtp).catch(() => {});
    if (kind === 'video') this.#resender?.sent(rtp);
  }

  /** The picture begins anew: what was sent of it before is not sent again. */
  forgetPicture(): void {
    this.#resender?.forget();
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

  /**
   * Makes our description with all candidates in it, on sockets of our own. From then on the other side has its time to
   * connect. When it cannot be made nothing is left.
   * @param sentence what to say of an error that is not ours
   */
  protected async describe(
    make: (connection: Connection) => Promise<string>,
    sentence: string,
  ): Promise<string> {
    try {
      this.#describing = this.#describe(make);
      return await deadline(this.#describing, DESCRIBE_MS);
    } catch (error) {
      await this.close('failed');
      throw error instanceof TalkError ? error : new TalkError('stream/format', sentence, { cause: error });
    }
  }

  async #describe(make: (connection: Connection) => Promise<string>): Promise<string> {
    const { servers = {}, ports, addresses = localAddresses(), tcp = false } = this.#options;
    let socketError: unknown;
    const reach = {
      ports,
      addresses,
      tcp,
      servers: { stun: servers.stun, turn: turnOf(servers, this.id) },
      gatherTimeout: GATHER_TIMEOUT_S,
      heard: () => {
        this.#heard = performance.now();
      },
      failed: (error: unknown) => {
        socketError = error;
      },
    };
    this.#underlay = useOwnSockets(this.connection.transport.iceTransport, reach);
    const description = await make(this.connection).catch((error) => {
      throw socketError ?? error;
    });
    this.#since = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    return description;
  }

  #onReached(): void {
    if (this.#reached || this.#state !== 'connecting') return;
    this.#reached = true;
    this.emit('reached');
  }

  #onState(state: string): void {
    if (state === 'connected' && this.#state === 'connecting') {
      this.#onReached();
      this.#state = 'connected';
      this.#heard = performance.now();
      this.#underlay?.guard.connected((record) => isAuthentic(this.connection.transport, record));
      this.#reports.start();
      this.emit('connected');
      if (this.connection.tracks.has('video')) this.emit('key-frame', 'connected');
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

  /** Looks after one that went without a word: werift itself would notice after 30 s. */
  #tick(): void {
    const now = performance.now();
    // If this process was stopped or busy, packets wait in the socket: the other side was not silent, we were deaf.
    const deaf = now - this.#ticked - TICK_MS;
    if (deaf > TICK_MS) this.#heard += deaf;
    this.#ticked = now;
    this.#stats.sample();
    if (this.#state === 'connected') {
      if (now - this.#heard > (this.#options.silence ?? 4500)) void this.close('silent');
    } else if (now - this.#since > (this.#options.connectTimeout ?? CONNECT_MS)) {
      void this.close('timeout');
    }
  }

  async #close(reason: CloseReason): Promise<void> {
    this.#state = 'closed';
    this.#reports.stop();
    await this.#underlay?.close();
    // A socket opened by a gathering still under way would outlive the connection.
    await this.#describing?.catch(() => {});
    clearInterval(this.#timer);
    // werift closes what it opened; if that fails there is nothing left that could be closed by us.
    await this.connection.pc.close().catch(() => {});
    this.emit('closed', reason);
    this.removeAllListeners();
  }
}

async function deadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new TalkError('resource/unreachable', 'The SDP took too long to make.', {
          retryable: true,
        }),
      );
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
