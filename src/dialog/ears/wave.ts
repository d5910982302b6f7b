/** Sound as a file that every recogniser reads. */
import { waveHead } from '../../element/wave.js';

/** A WAV file. @param samples mono @param rate samples per second */
export function waveFile(samples: Int16Array, rate: number): Buffer<ArrayBuffer> {
  const data = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return Buffer.concat([waveHead(rate, data.length), data]);
}
