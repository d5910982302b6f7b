/**
 * Launch text of the chains that end in FLV: H.264 without look-ahead, and its muxer.
 */

import type { CoderSettings } from '../encode/coder.js';
import type { Hardware } from '../encode/names.js';

/** One for each track; see Track. */
export const MUXER = 'flvmux streamable=true';

export interface VideoEncoding {
  /** bit/s */
  readonly bitrate: number;
  readonly preset: string;
  /** Frames between key frames. */
  readonly keyInterval: number;
}

/** ms of the bitrate that may leave at once. */
const BUFFER = 1000;

/**
 * Raw video to H.264. Servers of RTMP want a constant bitrate and a key frame at fixed distances.
 * @param hardware element of a graphics card
 */
export function videoCoder(
  { bitrate, preset, keyInterval }: VideoEncoding,
  hardware: Hardware | undefined,
): CoderSettings {
  const settings =
    `tune=zerolatency speed-preset=${preset} threads=1 bframes=0 aud=false pass=cbr ` +
    `bitrate=${Math.round(bitrate / 1000)} vbv-buf-capacity=${BUFFER} key-int-max=${keyInterval} ` +
    'option-string="scenecut=0" ! capsfilter caps=video/x-h264,profile=main';
  return {
    name: 'video',
    hardware,
    wanted: { bitrate, buffer: BUFFER, keyInterval, profile: 'main' },
    software: {
      name: 'x264enc',
      text: (label) => `videoconvert ! video/x-raw,format=I420 ! x264enc name=${label} ${settings}`,
      bitrate: { property: 'bitrate', unit: 'kbit/s' },
    },
  };
}

/** H.264 as FLV has it. */
export const PARSER = 'h264parse';
