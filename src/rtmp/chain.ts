/**
 * Launch text of the chains that end in FLV: H.264 without look-ahead, and its muxer.
 */
export const ENCODER = 'video-encoder';

/** One for each track; see Track. */
export const MUXER = 'flvmux streamable=true';

export interface VideoEncoding {
  /** bit/s */
  readonly bitrate: number;
  readonly preset: string;
  /** Frames between key frames. */
  readonly keyInterval: number;
}

/** Raw video to H.264 as FLV has it. Servers of RTMP want a constant bitrate and a key frame at fixed distances. */
export function encodeVideo({ bitrate, preset, keyInterval }: VideoEncoding): string {
  return (
    'videoconvert ! video/x-raw,format=I420 ' +
    `! x264enc name=${ENCODER} tune=zerolatency speed-preset=${preset} threads=1 bframes=0 aud=false pass=cbr ` +
    `bitrate=${Math.round(bitrate / 1000)} vbv-buf-capacity=1000 key-int-max=${keyInterval} ` +
    'option-string="scenecut=0" ! video/x-h264,profile=main ! h264parse'
  );
}
