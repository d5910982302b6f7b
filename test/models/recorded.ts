/** A real recording of a person, whom no training ever heard: what the default model makes of it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { correlation, smooth } from '../support/statistics.js';
import { drawnFace, ears, infer, openModel } from '../support/tinyliprun.js';

const RATE = 16_000;
const FRAME = RATE / 25;
/** Seconds of it: two dozen pauses. */
const SECONDS = 60;
const file = join(fileURLToPath(import.meta.url), '../../../../../shared/data/speech-en.wav');
t.setTimeout(180_000);

/** The samples of a 16 kHz mono WAV file of 16 bits. */
function samplesOf(wav: Buffer): Int16Array {
  const at = wav.indexOf('data', 12, 'latin1') + 8;
  const bytes = wav.subarray(at, at + wav.readUInt32LE(at - 4));
  return new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
}

/** RMS of each video frame's own sound, dB below full scale, not under -60. */
const levels = (samples: Int16Array): number[] =>
  Array.from({ length: Math.floor(samples.length / FRAME) }, (_, n) => {
    const own = samples.subarray(n * FRAME, (n + 1) * FRAME);
    const power = own.reduce((sum, value) => sum + (value / 32_768) ** 2, 0) / FRAME;
    return Math.max(-60, 10 * Math.log10(power + 1e-12));
  });

t.test(
  'a recorded voice: closed in the pauses, and open as it is loud',
  { skip: !existsSync(file) && `${file} is missing` },
  async (t) => {
    const samples = samplesOf(readFileSync(file)).slice(0, SECONDS * RATE);
    const windows: Float32Array[] = [];
    const mel = ears();
    const receive = (_: number, window: Float32Array) => void windows.push(window.slice());
    mel.push(samples, receive);
    mel.complete(mel.position, receive);
    const session = await openModel();
    const face = await drawnFace('ava');
    const open: number[] = [];
    for (let n = 0; n < windows.length; n += 16) {
      const { params } = await infer(session, windows.slice(n, n + 16), face);
      for (let i = 0; i < params.length; i += 6) open.push(params[i]!);
    }
    const loud = levels(samples);
    const count = Math.min(loud.length, open.length);
    // A pause is where for 320 ms around nobody is heard above the room: 30 dB below the loudest.
    const floor = Math.max(...loud) - 30;
    const pauses = Array.from({ length: count }, (_, n) => n).filter((n) =>
      loud.slice(Math.max(0, n - 4), n + 5).every((level) => level < floor),
    );
    const widest = Math.max(...pauses.map((n) => Math.abs(open[n]!)));
    const closed = pauses.filter((n) => Math.abs(open[n]!) < 0.05).length / pauses.length;
    const r = correlation(smooth(loud.slice(0, count), 2), smooth(open.slice(0, count), 2));
    t.comment(
      `${count} frames, ${pauses.length} of them in pauses, ${(100 * closed).toFixed(0)} % of those closed, |open| at most ${widest.toFixed(3)}; opening and loudness r ${r.toFixed(2)}`,
    );
    t.ok(pauses.length > 20, `${pauses.length} frames of pause`);
    t.equal(closed, 1, 'closed in the pauses');
    t.ok(r > 0.6, `opening follows loudness, r ${r}`);
  },
);
