/** WAV files (RIFF, Microsoft 1991): 16 bits, one channel. */

/** Bytes before the samples. */
export const WAVE_HEAD = 44;

/**
 * What stands before the samples of such a file.
 * @param rate samples per second
 * @param bytes of samples; 0xffffffff where nobody knows
 */
export function waveHead(rate: number, bytes: number): Buffer<ArrayBuffer> {
  const head = Buffer.alloc(WAVE_HEAD);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(Math.min(0xffffffff, WAVE_HEAD - 8 + bytes), 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  // Plain PCM, one channel.
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(bytes, 40);
  return head;
}
