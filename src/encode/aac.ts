/** Raw sound to AAC, as every output does it that is no browser. */
import { SECOND } from '../element/index.js';

/** Containers take it from AAC itself, and at 48 kHz the encoder's delay is least. */
export const AAC_RATE = 48000;

/** What avenc_aac is late by, ns: 1024 samples (measured: flash and beep through the encoder; voaacenc has 1600). */
export const AAC_DELAY = Math.round((1024 * SECOND) / AAC_RATE);

/** Launch text in two steps; between them the sound is led in earlier by AAC_DELAY. `bitrate` in bit/s. */
export function encodeAac(bitrate: number): [convert: string, encode: string] {
  return [
    `audioconvert ! audioresample ! capsfilter caps=audio/x-raw,rate=${AAC_RATE},channels=[1,2]`,
    `avenc_aac bitrate=${bitrate} ! aacparse`,
  ];
}
