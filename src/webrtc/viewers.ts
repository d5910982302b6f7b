/**
 * The viewers of one sink: many peers, one encode.
 *
 * A packet is encoded and packetized once and written to every viewer. Viewers come and go at any time and do not
 * know of each other: a dead one costs its socket until the watchdog ends it, never a frame of another's.
 */
import { EventEmitter } from 'node:events';
import type TypedEmitter from 'typed-emitter';
import type { RtpPacket } from 'werift';
import { TalkError } from '../element/error.js';
import type { Punctual } from '../publish/sent.js';
import type { VideoCodec } from './codecs.js';
import { type ToldServer, toldServers } from './ice.js';
import type { Purpose } from './offer.js';
import type { CloseReason, Peer, PeerOptions } from './peer.js';
import type { Rendition } from './rendition.js';
import type { PeerStats } from './stats.js';
import { Turns } from './turns.js';
import { Watchers } from './watchers.js';

export interface ViewersOptions extends Omit<PeerOptions, 'purpose'> {
  /** Viewers at a time; past it offers are refused. Default 64. */
  max?: number;
  /** Of those, not connected yet at a time; past it offers are refused until one of them is, or is given up. Default 32. */
  maxConnecting?: number;
  /** Bitrate each encoder may have, bit/s. Where given, it is lowered for viewers who cannot take it, or they get a low rendition. */
  bitrate?: number;
}

/** A viewer as others see it. */
export interface Viewer {
  id: string;
  state: 'connecting' | 'connected' | 'closed';
  codec: VideoCodec | undefined;
  /** It is shown the low rendition of the picture: its line does not take the ordinary one. */
  low: boolean;
  stats: PeerStats;
}

/** The answer to an offer. */
export interface Answer {
  /** Of the viewer, for `closeViewer`. Unguessable. */
  id: string;
  sdp: string;
  /** The video codec agreed on; undefined for a viewer that only listens. */
  codec: VideoCodec | undefined;
  /** STUN and TURN servers that the other side may use, too. */
  servers: readonly ToldServer[];
}

/** What an element that serves viewers can be asked by the code around the graph (`ElementHandle.instance`). */
export interface ViewerSink extends Punctual {
  /** Answers an SDP offer with a new viewer. Rejects with a TalkError and leaves nothing behind. */
  answer(sdp: unknown, purpose?: Purpose): Promise<Answer>;
  /** Candidates of a viewer that were found after its offer; false when there is none of this id. Rejects for a bad fragment. */
  trickle(id: string, fragment: unknown): Promise<boolean>;
  /** Ends one viewer; false when there is none of this id. */
  endViewer(id: string): Promise<boolean>;
  /** Everybody who watches now. */
  audience(): Viewer[];
  /** Sends an event on the data channel of each viewer that has one. */
  tell(event: object): void;
}

export type ViewersEvents = {
  /** A viewer is connected. */
  joined: (id: string) => void;
  left: (id: string, reason: CloseReason) => void;
  /** The last viewer has gone, connected or not. */
  empty: () => void;
  /** The encoder of this rendition is to make a key frame now; throttled over its viewers. */
  'key-frame': (rendition: Rendition) => void;
  /** The first viewer of a rendition came, or its last one went. */
  wanted: (rendition: Rendition, wanted: boolean) => void;
  /** The encoder of this rendition is to keep to this bitrate, bit/s. */
  rate: (rendition: Rendition, bitrate: number) => void;
  /** A viewer gets another rendition than before. */
  moved: (id: string, rendition: Rendition) => void;
  /** The encoder of a low rendition gives nothing: its viewers get the ordinary one. */
  silent: (rendition: Rendition) => void;
  message: (id: string, text: string) => void;
  /** What a viewer's microphone sends. */
  sound: (id: string, packet: RtpPacket) => void;
  /** A viewer with a microphone is connected, or has gone. `talksOnly`: it watches nothing. */
  microphone: (id: string, on: boolean, talksOnly: boolean) => void;
};

/** Interval of the rate control: reports of the viewers come once to four times a second. */
const CONTROL_MS = 1000;

/** Of the process, which has one thread for all its sinks: an answer takes some ms of it. */
const turns = new Turns();

export class Viewers extends (EventEmitter as new () => TypedEmitter.default<ViewersEvents>) {
  #options: ViewersOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #watchers: Watchers;
  #timer: NodeJS.Timeout | undefined;
  #coming = 0;
  #closed = false;

  constructor(options: ViewersOptions) {
    super();
    this.#options = options;
    this.#watchers = new Watchers(options.bitrate);
    this.#watchers.on('key-frame', (rendition) => this.emit('key-frame', rendition));
    this.#watchers.on('wanted', (rendition, wanted) => this.emit('wanted', rendition, wanted));
    this.#watchers.on('rate', (rendition, bitrate) => this.emit('rate', rendition, bitrate));
    this.#watchers.on('moved', (id, rendition) => this.emit('moved', id, rendition));
    this.#watchers.on('silent', (rendition) => this.emit('silent', rendition));
  }

  /**
   * From now on only these codecs are offered: what comes in is encoded already. Who came before that was known and agreed on another one
   * would wait for a picture for ever: it is ended, and may offer again.
   * @returns how many were
   */
  offerOnly(codecs: readonly VideoCodec[]): number {
    this.#options = { ...this.#options, codecs };
    this.#watchers.single();
    const unfit = [...this.#peers.values()].filter((peer) => !this.#fits(peer));
    for (const peer of unfit) void peer.close('codec');
    return unfit.length;
  }

  /** It can be sent what there is. */
  #fits({ codec }: Peer): boolean {
    return codec === undefined || (this.#options.codecs?.includes(codec) ?? true);
  }

  /** Another bitrate is wanted; encoders have it already. */
  set bitrate(bitrate: number) {
    this.#watchers.bitrate = bitrate;
  }

  /** Somebody watches this rendition. */
  wants(rendition: Rendition): boolean {
    return this.#watchers.wants(rendition);
  }

  /** Viewers, including those still connecting. */
  get size(): number {
    return this.#peers.size;
  }

  /**
   * Answers an offer with a new viewer, or with somebody who only talks. Of many that come at once each is answered in its turn. Until
   * somebody is really there (ICE) all that they cost is their answer, a socket and a timer: no encoder works for them.
   * @throws TalkError `stream/format` (the offer), `resource/busy` (no room, too many on their way, or no port), `core/state-change` (closed),
   * `resource/not-found` (nobody hears who talks)
   */
  async offer(sdp: unknown, purpose: Purpose = 'both'): Promise<Answer> {
    const { max = 64, maxConnecting = 32 } = this.#options;
    if (this.#closed) throw closedError();
    if (purpose === 'talk' && !this.#options.microphone?.()) {
      throw new TalkError('resource/not-found', 'Nobody listens here: the graph has no webrtcsrc.');
    }
    if (this.#peers.size + this.#coming >= max) {
      throw new TalkError('resource/busy', `All ${max} places for viewers are taken.`, {
        retryable: true,
        details: { max },
      });
    }
    if (this.#connecting >= maxConnecting) {
      throw new TalkError(
        'resource/busy',
        `All ${maxConnecting} places for viewers who are still connecting are taken.`,
        { retryable: true, details: { maxConnecting } },
      );
    }
    this.#coming++;
    try {
      await turns.take();
      if (this.#closed) throw closedError();
      const { Peer } = await import('./peer.js');
      const make = () => Peer.answer(sdp, { ...this.#options, purpose });
      let made = await make();
      if (!this.#closed && !this.#fits(made.peer)) {
        // Meanwhile it became known what comes in. Answered anew it gets that, or is told what it would have to take.
        await made.peer.close('codec');
        made = await make();
      }
      const { peer, sdp: answer } = made;
      if (this.#closed) {
        await peer.close();
        throw closedError();
      }
      this.#add(peer);
      const servers = toldServers(this.#options.servers ?? {}, peer.id);
      return { id: peer.id, sdp: answer, codec: peer.codec, servers };
    } finally {
      this.#coming--;
    }
  }

  /** Those who are not connected yet, and those whose answer is being made. */
  get #connecting(): number {
    let count = this.#coming;
    for (const { state } of this.#peers.values()) if (state === 'connecting') count++;
    return count;
  }

  /** Sends a video packet to the viewers of its rendition, or an audio packet to all. @param key part of a key frame */
  write(kind: Rendition | 'audio', packet: Buffer, key = false): void {
    if (kind !== 'audio') this.#watchers.write(kind, packet, key);
    else for (const peer of this.#peers.values()) peer.write('audio', packet);
  }

  /** Sends an event on the data channel of each viewer that has one. */
  send(event: object): void {
    for (const peer of this.#peers.values()) peer.data.send(event);
  }

  /** See ViewerSink. */
  async trickle(id: string, fragment: unknown): Promise<boolean> {
    const peer = this.#peers.get(id);
    await peer?.trickle(fragment);
    return peer !== undefined;
  }

  /** Ends one viewer; false when there is none of this id. */
  async closeViewer(id: string): Promise<boolean> {
    const peer = this.#peers.get(id);
    await peer?.close();
    return peer !== undefined;
  }

  list(): Viewer[] {
    return [...this.#peers.values()].map((peer) => ({
      id: peer.id,
      state: peer.state,
      codec: peer.codec,
      low: this.#watchers.shown(peer.id)?.endsWith('-low') ?? false,
      stats: peer.stats(),
    }));
  }

  /** Ends all viewers and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#peers.values()].map((peer) => peer.close()));
    this.#watchers.close();
    this.removeAllListeners();
  }

  #add(peer: Peer): void {
    const { id, codec } = peer;
    this.#peers.set(id, peer);
    peer.on('connected', () => {
      this.emit('joined', id);
      if (peer.talks) this.emit('microphone', id, true, peer.purpose === 'talk');
    });
    if (peer.talks) peer.on('sound', (packet) => this.emit('sound', id, packet));
    peer.on('message', (text) => this.emit('message', id, text));
    if (codec !== undefined) peer.once('reached', () => this.#watchers.add(peer, codec));
    this.#timer ??= setInterval(() => this.#watchers.control(), CONTROL_MS);
    peer.on('closed', (reason) => {
      this.#peers.delete(id);
      if (this.#peers.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
      if (peer.talks) this.emit('microphone', id, false, peer.purpose === 'talk');
      this.emit('left', id, reason);
      this.#watchers.remove(id);
      if (this.#peers.size === 0 && this.#coming === 0 && !this.#closed) this.emit('empty');
    });
  }
}

function closedError(): TalkError {
  return new TalkError('core/state-change', 'The sink is stopped and takes no viewers.');
}
