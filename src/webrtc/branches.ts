/**
 * What stands behind the pads of a sink for viewers: one branch per encoder, each from its pad to RTP packets in JS.
 *
 *     video ─ queue ─ tee ┬ valve ─ x264enc ─ rtph264pay ─ appsink
 *                         ├ valve ─ vp8enc or vp9enc ─ rtpvp8pay or ─ appsink      (these made when the first
 *                         └ valve ─ videoscale ─ x264enc ─ rtph264pay ─ appsink     viewer needs them)
 *     audio ─ queue ─ opusenc ─ rtpopuspay ─ appsink
 */

import type { Builder, Caps, Fields, Packet, Part } from '../element/index.js';
import { Coder } from '../encode/coder.js';
import type { Hardware } from '../encode/names.js';
import {
  beforeEncoder,
  encodedAudio,
  encodedVideo,
  encoding,
  halfOf,
  payVideo,
  rawAudio,
  type Size,
} from './chain.js';
import type { VideoCodec } from './codecs.js';
import { rungsOf } from './ladder.js';
import { codecOf, RENDITIONS, type Rendition } from './rendition.js';

export type Outlet = Rendition | 'audio';

export interface BranchSettings {
  /** bit/s */
  bitrate: number;
  audioBitrate: number;
  /** See VideoChain. */
  crf: number;
  preset: string;
  /** See AudioChain. */
  frameSize: string;
  fec?: number;
  dtx?: boolean;
  /** Frames between key frames nobody asked for. */
  keyInterval: number;
  /** See VideoChain. */
  thin?: boolean;
  /** Element of a graphics card that encodes H.264; undefined: software. */
  hardware?: Hardware | undefined;
}

/** Batches of one branch. `dropped`: lost before them, because JS was too busy. */
export type Outflow = (outlet: Outlet, packets: readonly Packet[], dropped: number) => void;

const ENCODED: Record<string, VideoCodec> = {
  'video/x-h264': 'H264',
  'video/x-vp8': 'VP8',
  'video/x-vp9': 'VP9',
};

export class Branches {
  readonly #settings: () => BranchSettings;
  readonly #outflow: Outflow;
  readonly #parts = new Map<string, Part>();
  readonly #coders = new Map<Rendition, Coder>();
  readonly #outs = new Map<Outlet, Part>();
  #ignore: (() => void)[] = [];
  #leaky = false;
  /** The codec of video that comes in encoded; only it can be offered then. */
  encoded: VideoCodec | undefined;
  /** Of raw video. */
  #size: Size = { width: 0, height: 0 };

  constructor(settings: () => BranchSettings, outflow: Outflow) {
    this.#settings = settings;
    this.#outflow = outflow;
  }

  /**
   * Builds what a pad needs for these caps. `codecs`: which raw video may have to be encoded to; the first one's
   * branch is made at once, so that the pipeline knows its latency and its end.
   */
  attach(pad: string, { name: media, fields }: Caps, codecs: readonly VideoCodec[], bin: Builder): void {
    if (this.#parts.has(pad)) return;
    // A thread for each pad: an encoder that is busy with a key frame does not hold up what comes behind a tee.
    const queue = bin.add(
      `queue name=${pad}-queue max-size-time=200000000 max-size-buffers=0 max-size-bytes=0`,
    );
    this.#parts.set(pad, queue);
    if (pad === 'audio') {
      const { audioBitrate: bitrate, frameSize, fec = 0, dtx = false } = this.#settings();
      const raw = media === 'audio/x-raw';
      const chain = bin.add(
        raw ? rawAudio({ bitrate, frameSize, fec, dtx, name: 'audio' }) : encodedAudio('audio'),
      );
      this.#take(queue.link(chain), 'audio');
    } else {
      this.encoded = ENCODED[media];
      const { encoded } = this;
      if (encoded !== undefined) {
        this.#take(queue.link(bin.add(encodedVideo(encoded, encoded))), encoded);
      } else {
        this.#size = { width: Number(fields['width']), height: Number(fields['height']) };
        const tee = queue.link(bin.add('tee name=video-tee'));
        this.#parts.set('tee', tee);
        for (const codec of codecs.slice(0, 1)) tee.link(this.#encode(codec, bin));
      }
    }
    bin.expose(pad, queue);
  }

  /** Someone watches a rendition, or the last one who did has gone. An encoder nobody ever asks for is not made. */
  want(rendition: Rendition, wanted: boolean, bin: Builder): void {
    const tee = this.#parts.get('tee');
    if (tee === undefined) return;
    const added = this.#outs.has(rendition) || !wanted ? undefined : this.#encode(rendition, bin);
    this.#parts.get(`${rendition}-valve`)?.set('drop', !wanted);
    if (added !== undefined) tee.join(added);
  }

  forceKeyFrame(rendition: Rendition): void {
    this.#outs.get(rendition)?.forceKeyFrame();
  }

  /** Gives the running encoders the bitrates that are set now. */
  retune(): void {
    const { audioBitrate } = this.#settings();
    for (const rendition of RENDITIONS) this.setBitrate(rendition, this.#bitrate(rendition));
    this.#parts.get('audio-encoder')?.set('bitrate', audioBitrate);
  }

  /** Gives one encoder another bitrate, bit/s; it takes it with its next picture. */
  setBitrate(rendition: Rendition, bitrate: number): void {
    const coder = this.#coders.get(rendition);
    if (coder !== undefined) coder.bitrate = bitrate;
  }

  /** The elements that encode video now. */
  get encoders(): string[] {
    return [...this.#coders.values()].map(({ encoder }) => encoder);
  }

  /** A part has failed (message `part-failed`); returns a sentence for people where another one is in its place. */
  failed(fields: Fields): string | undefined {
    for (const coder of this.#coders.values()) {
      const said = coder.failed(fields);
      if (said !== undefined) return said;
    }
    return undefined;
  }

  /** Live, a branch that cannot keep up loses its oldest data instead of holding up everybody behind a tee. */
  leak(): void {
    if (this.#leaky) return;
    this.#leaky = true;
    for (const pad of ['video', 'audio']) this.#parts.get(pad)?.set('leaky', 'downstream');
  }

  /** Takes what comes out of the branches there are. */
  listen(): void {
    for (const [outlet, out] of this.#outs) this.#listen(outlet, out);
  }

  ignore(): void {
    for (const ignore of this.#ignore) ignore();
    this.#ignore = [];
  }

  /** Builds the branch of a rendition; returns what the tee is to be linked to. */
  #encode(rendition: Rendition, bin: Builder): Part {
    const { crf, preset, keyInterval, thin = false, hardware } = this.#settings();
    const codec = codecOf(rendition);
    const size = rendition === codec ? undefined : halfOf(this.#size);
    const bitrate = this.#bitrate(rendition);
    const chain = { codec, bitrate, crf, preset, keyInterval, thin, name: rendition, ...(size && { size }) };
    const before = bin.add(beforeEncoder(chain));
    const coder = new Coder(bin, encoding(chain, hardware));
    this.#coders.set(rendition, coder);
    this.#parts.set(`${rendition}-valve`, childOf(before, `${rendition}-valve`) ?? before);
    this.#take(before.link(coder.part).link(bin.add(payVideo(codec, rendition))), rendition);
    return before;
  }

  /** What an encoder has where nobody's line is in the way, bit/s. */
  #bitrate(rendition: Rendition): number {
    const { bitrate } = this.#settings();
    return rendition === codecOf(rendition) ? bitrate : (rungsOf(bitrate).low?.ceiling ?? bitrate);
  }

  /** Remembers the parts of a chain, and takes what comes out of it. */
  #take(chain: Part, outlet: Outlet): void {
    const encoder = childOf(chain, `${outlet}-encoder`);
    if (encoder !== undefined) this.#parts.set(`${outlet}-encoder`, encoder);
    const out = chain.child(`${outlet}-out`);
    this.#outs.set(outlet, out);
    this.#listen(outlet, out);
  }

  #listen(outlet: Outlet, out: Part): void {
    this.#ignore.push(out.onPackets((packets, dropped) => this.#outflow(outlet, packets, dropped)));
  }
}

function childOf(part: Part, name: string): Part | undefined {
  try {
    return part.child(name);
  } catch {
    // An encoded input has no encoder, and a valve may stand alone.
    return undefined;
  }
}
