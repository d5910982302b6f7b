/**
 * Makes one RTP stream of the renditions that a viewer is shown one after the other: numbers go on without a gap, and the change
 * is at a key frame, so that its decoder sees nothing but a picture of another size.
 *
 * Timestamps are the running time in all renditions and stay. Only where the key frame is not later than the picture before it, because the
 * two came in the same moment or the other rendition's in one batch before it, it and what follows get the next timestamps, 11 us
 * apart, until theirs is later: a receiver takes packets of one timestamp for one picture, and an earlier one for one that it missed.
 */
import type { VideoCodec } from './codecs.js';
import { codecOf, type Rendition } from './rendition.js';
import type { Rtp } from './rtp.js';

const u16 = (value: number): number => value & 0xffff;

export class RenditionSwitch {
  #current: Rendition;
  #wanted: Rendition;
  /** Nothing is sent before a key frame of what is wanted; and none of those until it is time. */
  #waits = false;
  #paused = false;
  /** Added to the numbers and to the ids of VP8's and VP9's pictures. */
  #sequence = 0;
  #picture = 0;
  /** The picture that is being sent: its timestamp as it came and as it leaves. */
  #moment: { came: number; leaves: number } | undefined;
  /** Since the last change none came that is later than what was sent before it. */
  #behind = false;
  /** What left last. */
  #last: { sequence: number; timestamp: number; picture: number } | undefined;
  /** The timestamp that came last, of each rendition. */
  readonly #seen = new Map<Rendition, number>();

  constructor(rendition: Rendition) {
    this.#current = rendition;
    this.#wanted = rendition;
  }

  get current(): Rendition {
    return this.#current;
  }

  /** What it is to show; not yet what it shows while a key frame of it is waited for. */
  get wanted(): Rendition {
    return this.#wanted;
  }

  /** It waits for a key frame of what it is to show. */
  get waits(): boolean {
    return this.#waits || this.#wanted !== this.#current;
  }

  /** It is sent nothing at all. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Sends nothing: what it is shown now does not get through. */
  pause(): void {
    this.#waits = true;
    this.#paused = true;
  }

  /** Goes on with the next key frame. */
  resume(): void {
    this.#paused = false;
  }

  /** Shows this rendition from its next key frame on. */
  want(rendition: Rendition): void {
    this.#wanted = rendition;
  }

  /**
   * The packet as this viewer gets it, or undefined when it gets none of this rendition now. Give it those of all renditions.
   * @param key it is part of a key frame
   */
  take(rendition: Rendition, packet: Rtp, key: boolean): Rtp | undefined {
    const begins = this.#seen.get(rendition) !== packet.timestamp;
    this.#seen.set(rendition, packet.timestamp);
    if (key && begins && rendition === this.#wanted && this.waits && !this.#paused) this.#splice(packet);
    if (rendition !== this.#current || this.#waits) return undefined;
    const sequence = u16(packet.sequence + this.#sequence);
    const timestamp = this.#leaves(packet.timestamp);
    const { payload, picture } = this.#pictured(packet.payload);
    this.#last = { sequence, timestamp, picture };
    return { sequence, timestamp, marker: packet.marker, payload };
  }

  /** This packet, which begins a key frame, is the next one. */
  #splice({ sequence, timestamp, payload }: Rtp): void {
    this.#current = this.#wanted;
    this.#waits = false;
    const last = this.#last;
    if (last === undefined) return;
    this.#sequence = last.sequence + 1 - sequence;
    this.#moment = undefined;
    this.#behind = isBehind(timestamp, last.timestamp);
    const at = pictureIdAt(codecOf(this.#current), payload);
    if (at !== undefined) this.#picture = last.picture + 1 - (payload.readUInt16BE(at) & 0x7fff);
  }

  /** When a picture leaves: when it came, but after what left before it was spliced. */
  #leaves(came: number): number {
    if (this.#moment?.came === came) return this.#moment.leaves;
    const last = this.#last;
    this.#behind &&= last !== undefined && isBehind(came, last.timestamp);
    const leaves = this.#behind && last !== undefined ? (last.timestamp + 1) >>> 0 : came;
    this.#moment = { came, leaves };
    return leaves;
  }

  /** The payload with the number of its picture in this stream. */
  #pictured(payload: Buffer): { payload: Buffer; picture: number } {
    const at = pictureIdAt(codecOf(this.#current), payload);
    if (at === undefined) return { payload, picture: 0 };
    const picture = ((payload.readUInt16BE(at) & 0x7fff) + this.#picture) & 0x7fff;
    if ((this.#picture & 0x7fff) === 0) return { payload, picture };
    const changed = Buffer.from(payload);
    changed.writeUInt16BE(0x8000 | picture, at);
    return { payload: changed, picture };
  }
}

/** What is earlier by more than a second, in RTP's ticks, is no batch: its clock began anew. */
const BATCH = 90_000;
const isBehind = (timestamp: number, last: number): boolean => (last - timestamp) >>> 0 < BATCH;

/**
 * Where the 15 bit picture id of a payload stands, if it has one: behind two bytes in VP8 (RFC 7741 4.2), of which the first says that
 * there is the second, and behind one in VP9 (RFC 9628 4.2).
 */
function pictureIdAt(codec: VideoCodec, payload: Buffer): number | undefined {
  const at = { H264: 0, VP8: 2, VP9: 1 }[codec];
  const said = payload.subarray(0, at + 1).every((byte) => (byte & 0x80) !== 0);
  return at > 0 && payload.length > at + 2 && said ? at : undefined;
}
