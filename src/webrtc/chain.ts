/**
 * Launch text of the chains that end in RTP packets: encoder, payloader, appsink.
 *
 * Payloaders run with timestamp-offset=0, because the sender reports count on an RTP timestamp being the running time
 * (clock.ts). For audio perfect-rtptime is off: with it the payloader counts samples instead and a gap shifts the voice.
 * Appsinks run sync=true: packets leave when they are due, which is what keeps audio and video together at the sender.
 */

import type { CoderSettings, Software } from '../encode/coder.js';
import type { Hardware } from '../encode/names.js';
import type { VideoCodec } from './codecs.js';

export interface VideoChain {
  codec: VideoCodec;
  /** At most, in bit/s. */
  bitrate: number;
  /**
   * H.264's constant rate factor: what a picture is worth, below the bitrate. An avatar that only breathes then costs a
   * third of the bitrate and of the packets. 0: always the full bitrate.
   */
  crf: number;
  /** x264's effort: one of its preset names. */
  preset: string;
  /** Frames until a key frame comes unasked. Viewers ask when they need one, so this is only the safety net. */
  keyInterval: number;
  /** Prefix of the names inside: `<name>-encoder`, `<name>-out`. */
  name: string;
  /** Scales the picture to this size first, pixels. */
  size?: Size;
  /** Leaves out what its source says can be spared (GStreamer's flag DROPPABLE). */
  thin?: boolean;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Shorter sides than this show no face, pixels. */
const SMALLEST = 120;

/** Half of a picture, both sides even; undefined for one that is small already. */
export function halfOf({ width, height }: Size): Size | undefined {
  if (!(Math.min(width, height) >= 2 * SMALLEST)) return undefined;
  return { width: 2 * Math.round(width / 4), height: 2 * Math.round(height / 4) };
}

/**
 * A key frame may take this much of the bitrate at once, ms: all that a viewer's line has to carry beside the pictures that
 * follow. VP8's `max-intra-bitrate` says it again, in percent of a picture's share: its rate control alone overshoots by a half.
 */
const VBV_MS = 400;
/** Of a picture made smaller for a line that takes no more: what stands in its queue beside the voice is soon too much. */
const SMALL_VBV_MS = 160;
const vbvOf = (size: Size | undefined): number => (size === undefined ? VBV_MS : SMALL_VBV_MS);
/** Fits every path with a tunnel on it: 1200 + SRTP, UDP and IP headers stay below 1280. */
const MTU = 1200;

/** Lets pass what cannot be spared. */
export const THIN = 'identity silent=true drop-buffer-flags=droppable';

/**
 * What stands between raw video and its encoder. The valve in front is closed while nobody watches; it still lets the end of
 * the stream through, without which a pipeline would wait for it forever.
 */
export function beforeEncoder({ name, size, thin }: VideoChain): string {
  const spare = thin === true ? ` ! ${THIN}` : '';
  const scale =
    size === undefined
      ? ''
      : ` ! videoscale ! capsfilter caps=video/x-raw,width=${size.width},height=${size.height},pixel-aspect-ratio=1/1`;
  return `valve name=${name}-valve drop=true drop-mode=forward-sticky-events${spare}${scale}`;
}

/**
 * From raw video to encoded. The deblocking filter is on in every preset: its edges are what is seen first.
 * Against superfast, ultrafast (whole-pixel motion, no AQ) takes two thirds of the time; two steps of crf more make up
 * for its bits. `ava`, speaking, 523 and 572 kbit/s: SSIM 0.993 and 0.992, PSNR 47.5 and 47.3 dB, the mouth 0.987 both.
 */
export function software(chain: Omit<VideoChain, 'name'>): Software {
  const { codec } = chain;
  const element = codec === 'H264' ? 'x264enc' : `${codec.toLowerCase()}enc`;
  const settings = codec === 'H264' ? x264(chain) : vpx(chain);
  return {
    name: element,
    text: (label) => `videoconvert ! video/x-raw,format=I420 ! ${element} name=${label} ${settings}`,
    bitrate:
      codec === 'H264'
        ? { property: 'bitrate', unit: 'kbit/s' }
        : { property: 'target-bitrate', unit: 'bit/s' },
  };
}

function x264({ bitrate, crf, preset, keyInterval, size }: Omit<VideoChain, 'name'>): string {
  return (
    `tune=zerolatency speed-preset=${preset} threads=1 aud=false ` +
    `bitrate=${Math.round(bitrate / 1000)} vbv-buf-capacity=${vbvOf(size)} key-int-max=${keyInterval} ` +
    `${crf > 0 ? `pass=qual quantizer=${crf}` : 'pass=cbr'} ` +
    'option-string="scenecut=0:deblock=0,0" ! capsfilter caps=video/x-h264,profile=constrained-baseline,stream-format=byte-stream'
  );
}

/**
 * Their default deadline is for files: 47 ms a frame of VP8 at 720p. VP9 at the same cost: `ava` at 0.3 and 1.5 Mbit/s is 0.8 and 1.1 dB
 * closer; with a better worst quantizer it would not keep to 300 kbit/s of noise. One tile: pictures of faces are small.
 */
function vpx({ codec, bitrate, keyInterval, size }: Omit<VideoChain, 'name'>): string {
  const vbv = vbvOf(size);
  return (
    'deadline=1 cpu-used=8 threads=1 lag-in-frames=0 end-usage=cbr ' +
    `target-bitrate=${bitrate} buffer-size=${vbv} buffer-initial-size=${vbv / 2} ` +
    `buffer-optimal-size=${vbv / 2} max-intra-bitrate=400 min-quantizer=4 ` +
    `keyframe-max-dist=${keyInterval} error-resilient=default ` +
    (codec === 'VP8' ? 'max-quantizer=56' : 'max-quantizer=63 tile-columns=0')
  );
}

/** x264 gives key frames a quantizer that is 3 less than its rate factor; easy pictures of a graphics card are no better. */
const KEY_FRAMES_BETTER = 3;

/** The encoder of a chain. @param hardware element of a graphics card for its H.264 */
export function encoding(chain: VideoChain, hardware?: Hardware): CoderSettings {
  const { codec, name, bitrate, keyInterval, crf, size } = chain;
  return {
    name,
    software: software(chain),
    hardware: codec === 'H264' ? hardware : undefined,
    wanted: {
      bitrate,
      buffer: vbvOf(size),
      keyInterval,
      profile: 'constrained-baseline',
      leastQp: Math.max(0, crf - KEY_FRAMES_BETTER),
    },
  };
}

/** Elements from encoded video to RTP packets. */
export function encodedVideo(codec: VideoCodec, name: string): string {
  return `${codec === 'H264' ? 'h264parse ! ' : ''}${payVideo(codec, name)}`;
}

/** From encoded video to packets. */
export function payVideo(codec: VideoCodec, name: string): string {
  const how = codec === 'H264' ? 'config-interval=-1 aggregate-mode=zero-latency' : 'picture-id-mode=15-bit';
  return `rtp${codec.toLowerCase()}pay ${how} mtu=${MTU} timestamp-offset=0 pt=96 ! ${out(name)}`;
}

export interface AudioChain {
  bitrate: number;
  /** Milliseconds per packet: 2.5, 5, 10, 20, 40 or 60. */
  frameSize: string;
  /** Loss of packets, %, that each packet repeats the one before for; 0: none does. */
  fec?: number;
  /** Silence is not sent. */
  dtx?: boolean;
  name: string;
}

/** Elements from raw audio to RTP packets. */
export function rawAudio(chain: AudioChain): string {
  return `${voiceEncoder(chain)} ! ${encodedAudio(chain.name, chain.dtx)}`;
}

/** From this bitrate on, bit/s, Opus's transform alone sounds closer to what went in than what it chooses for speech. */
const TRANSFORM_FROM = 32_000;
/** The coder for speech knows no shorter frames. */
const SPEECH_FRAME_MS = 10;

/**
 * From raw audio to Opus.
 *
 * Left to itself (`generic`) Opus analyses every frame to choose between two coders. Without that a second of speech
 * costs a third (6 ms instead of 20), waits for 4 ms less, and at 48 kbit/s lies 29 dB above its error instead of 22.
 * Below 32 kbit/s the coder for speech is the better one. At 48 kHz, because only there silence costs half.
 *
 * What repeats itself (RFC 6716 2.1.7) and what knows silence (2.1.9) is the coder for speech alone, in frames of 10 ms and more.
 */
export function voiceEncoder({ bitrate, frameSize, fec = 0, dtx = false, name }: AudioChain): string {
  const speech = fec > 0 || dtx;
  const type = speech ? 'voice' : bitrate < TRANSFORM_FROM ? 'generic' : 'restricted-lowdelay';
  const frame = speech ? Math.max(SPEECH_FRAME_MS, Number(frameSize)) : frameSize;
  return (
    'audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=[1,2] ' +
    `! opusenc name=${name}-encoder audio-type=${type} bitrate=${bitrate} frame-size=${frame} ` +
    `inband-fec=${fec > 0} packet-loss-percentage=${fec} dtx=${dtx}`
  );
}

/** Elements from Opus to RTP packets. */
export function encodedAudio(name: string, dtx = false): string {
  return `rtpopuspay mtu=${MTU} timestamp-offset=0 perfect-rtptime=false dtx=${dtx} pt=111 ! ${out(name)}`;
}

/** async=false: nothing waits for a first packet, so a branch that sends nothing yet does not hold up the others. */
function out(name: string): string {
  return `appsink name=${name}-out sync=true async=false qos=false processing-deadline=0 enable-last-sample=false`;
}
