/**
 * The token of the read-aloud service: whoever asks shows that he knows its client token and what time it is.
 *
 * SHA-256 in capitals over the Windows file time (100 ns since 1601), rounded down to five minutes, and the client token, which
 * is the same in every copy of the browser. Found out by the edge-tts project: https://github.com/rany2/edge-tts/issues/290
 */
import { createHash } from 'node:crypto';

export const CLIENT_TOKEN = '6A5AA1D4EAFF4E9FB37E23D68491D6F4';

/** Seconds from 1601 to 1970. */
const WINDOWS_EPOCH_S = 11_644_473_600;
const WINDOW_S = 300;

/** The token at a time, ms since 1970. The same for five minutes. */
export function secMsGec(nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000) + WINDOWS_EPOCH_S;
  const ticks = BigInt(seconds - (seconds % WINDOW_S)) * 10_000_000n;
  return createHash('sha256').update(`${ticks}${CLIENT_TOKEN}`, 'ascii').digest('hex').toUpperCase();
}
