/** Sound as a file that every recogniser reads: WAV, 16 bits, one channel (RIFF, Microsoft 1991). */

const HEADER = 44;

/** @param samples mono @param rate samples per second */
export function waveFile(samples: Int16Array, rate: number): Buffer<ArrayBuffer> {
  const bytes = samples.length * 2;
  const file = Buffer.alloc(HEADER + bytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(HEADER - 8 + bytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  // Plain PCM, one channel.
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(bytes, 40);
  for (const [n, sample] of samples.entries()) file.writeInt16LE(sample, HEADER + 2 * n);
  return file;
}
