/**
 * What stands behind the pads of a sink for viewers: one branch per encoder, each from its pad to RTP packets in JS.
 *
 *     video ─ queue ─ tee ┬ valve ─ x264enc ─ rtph264pay ─ appsink
 *                         └ valve ─ vp8enc ─ rtpvp8pay ─ appsink      (made when the first viewer needs it)
 *     audio ─ queue ─ opusenc ─ rtpopuspay ─ appsink
 */
import type { Builder, Packet, Part } from '../element/index.js';
import { encodedAudio, encodedVideo, rawAudio, rawVideo } from './chain.js';
import type { VideoCodec } from './codecs.js';

export type Outlet = VideoCodec | 'audio';

export interface BranchSettings {
  /** bit/s */
  bitrate: number;
  audioBitrate: number;
  /** See VideoChain. */
  crf: number;
  preset: string;
  /** Milliseconds of sound per packet. */
  frameSize: string;
  /** Frames between key frames nobody asked for. */
  keyInterval: number;
}

/** Batches of one branch. `dropped`: lost before them, because JS was too busy. */
export type Outflow = (outlet: Outlet, packets: readonly Packet[], dropped: number) => void;

const ENCODED: Record<string, VideoCodec> = { 'video/x-h264': 'H264', 'video/x-vp8': 'VP8' };

export class Branches {
  readonly #settings: () => BranchSettings;
  readonly #outflow: Outflow;
  readonly #parts = new Map<string, Part>();
  readonly #outs = new Map<Outlet, Part>();
  #ignore: (() => void)[] = [];
  #leaky = false;
  /** The codec of video that comes in encoded; only it can be offered then. */
  encoded: VideoCodec | undefined;

  constructor(settings: () => BranchSettings, outflow: Outflow) {
    this.#settings = settings;
    this.#outflow = outflow;
  }

  /**
   * Builds what a pad needs for caps of this name. `codecs`: which raw video may have to be encoded to; the first one's
   * branch is made at once, so that the pipeline knows its latency and its end.
   */
  attach(pad: string, media: string, codecs: readonly VideoCodec[], bin: Builder): void {
    if (this.#parts.has(pad)) return;
    // A thread for each pad: an encoder that is busy with a key frame does not hold up what comes behind a tee.
    const queue = bin.add(
      `queue name=${pad}-queue max-size-time=200000000 max-size-buffers=0 max-size-bytes=0`,
    );
    this.#parts.set(pad, queue);
    if (pad === 'audio') {
      const { audioBitrate: bitrate, frameSize } = this.#settings();
      const raw = media === 'audio/x-raw';
      const chain = bin.add(raw ? rawAudio({ bitrate, frameSize, name: 'audio' }) : encodedAudio('audio'));
      this.#take(queue.link(chain), 'audio');
    } else {
      this.encoded = ENCODED[media];
      const { encoded } = this;
      if (encoded !== undefined) {
        this.#take(queue.link(bin.add(encodedVideo(encoded, encoded))), encoded);
      } else {
        const tee = queue.link(bin.add('tee name=video-tee'));
        this.#parts.set('tee', tee);
        for (const codec of codecs.slice(0, 1)) this.#take(tee.link(bin.add(this.#encoding(codec))), codec);
      }
    }
    bin.expose(pad, queue);
  }

  /** Someone watches with a codec, or the last one who did has gone. An encoder nobody ever asks for is not made. */
  want(codec: VideoCodec, wanted: boolean, bin: Builder): void {
    const tee = this.#parts.get('tee');
    if (tee === undefined) return;
    const added = this.#outs.has(codec) || !wanted ? undefined : bin.add(this.#encoding(codec));
    if (added !== undefined) this.#take(added, codec);
    this.#parts.get(`${codec}-valve`)?.set('drop', !wanted);
    if (added !== undefined) tee.join(added);
  }

  forceKeyFrame(codec: VideoCodec): void {
    this.#outs.get(codec)?.forceKeyFrame();
  }

  /** Gives the running encoders the bitrates that are set now. */
  retune(): void {
    const { bitrate, audioBitrate } = this.#settings();
    this.setBitrate('H264', bitrate);
    this.setBitrate('VP8', bitrate);
    this.#parts.get('audio-encoder')?.set('bitrate', audioBitrate);
  }

  /** Gives one encoder another bitrate, bit/s; it takes it with its next picture. */
  setBitrate(codec: VideoCodec, bitrate: number): void {
    const encoder = this.#parts.get(`${codec}-encoder`);
    if (codec === 'H264') encoder?.set('bitrate', Math.round(bitrate / 1000));
    else encoder?.set('target-bitrate', bitrate);
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

  #encoding(codec: VideoCodec): string {
    const { bitrate, crf, preset, keyInterval } = this.#settings();
    return rawVideo({ codec, bitrate, crf, preset, keyInterval, name: codec });
  }

  /** Remembers the parts of a chain, and takes what comes out of it. */
  #take(chain: Part, outlet: Outlet): void {
    for (const extra of ['valve', 'encoder']) {
      const part = childOf(chain, `${outlet}-${extra}`);
      if (part !== undefined) this.#parts.set(`${outlet}-${extra}`, part);
    }
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
    // An encoded input has no encoder and no valve.
    return undefined;
  }
}
