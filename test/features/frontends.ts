/** The front ends of encoders beside other people's implementations of them (test/fixtures/features.py). */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { encodedKind } from '../../src/features/encoders.js';
import { kaldiFbank } from '../../src/features/fbank.js';
import { hubertInput } from '../../src/features/hubert.js';
import { WHISPER_FRAMES, whisperMel } from '../../src/features/logmel.js';
import { MelWindows } from '../../src/features/mel.js';
import { babble } from '../support/melreference.js';

const read = async (name: string) =>
  JSON.parse(await readFile(new URL(`../../../test/fixtures/${name}.json`, import.meta.url), 'utf8'));
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64')).buffer;
const { samples: spoken } = (await read('mel-reference')) as { samples: string };
const reference = (await read('features-reference')) as {
  step: number;
  whisper: string;
  behind: number;
  hubert: string;
  fbank: string;
};
const samples = new Int16Array(bytes(spoken));
const { step } = reference;

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, v, i) => Math.max(worst, Math.abs(v - b[i]!)), 0);

t.test("Whisper's log-mel agrees with transformers within 1e-5", async (t) => {
  const mel = whisperMel(samples, WHISPER_FRAMES);
  const want = new Float32Array(bytes(reference.whisper));
  const ours = want.map((_, i) => mel[(i % 80) * WHISPER_FRAMES + step * Math.floor(i / 80)]!);
  t.ok(want.length > 80 * 20);
  t.ok(apart(ours, want) < 1e-5, `off by ${apart(ours, want)}`);
  t.ok(Math.abs(mel.at(-1)! - reference.behind) < 1e-5, 'and so does the silence behind');
});

t.test('a short log-mel is the beginning of the long one', async (t) => {
  const long = whisperMel(samples, WHISPER_FRAMES);
  const frames = 2 * Math.ceil(samples.length / 320) + 2;
  const short = whisperMel(samples, frames);
  const cut = short.map((_, i) => long[Math.floor(i / frames) * WHISPER_FRAMES + (i % frames)]!);
  t.same(short, cut);
});

t.test("Kaldi's filter banks agree with kaldi-native-fbank within 1e-3", async (t) => {
  const banks = kaldiFbank(samples, 67);
  const want = new Float32Array(bytes(reference.fbank));
  const ours = want.map((_, i) => banks[80 * step * Math.floor(i / 80) + (i % 80)]!);
  t.equal(want.length, 80 * 23);
  t.ok(apart(ours, want) < 1e-3, `off by ${apart(ours, want)}`);
  t.ok(apart(kaldiFbank(new Int16Array(11_000), 1), new Float32Array(80).fill(Math.log(2 ** -23))) < 1e-6);
});

t.test('HuBERT hears what transformers normalises, within 1e-5', async (t) => {
  const ours = hubertInput(samples).filter((_, i) => i % 97 === 0);
  const want = new Float32Array(bytes(reference.hubert));
  t.equal(ours.length, want.length);
  t.ok(apart(ours, want) < 1e-5, `off by ${apart(ours, want)}`);
  t.same(hubertInput(new Int16Array(4)), new Float32Array(4), 'silence stays silence');
});

t.test('an ave window is the mel window of the stream, bit for bit', async (t) => {
  const speech = babble(16_000, 4);
  const windows: Float32Array[] = [];
  const mel = new MelWindows({ framerate: { num: 25, den: 1 }, offsetMs: 0 });
  mel.push(speech, (_, window) => windows.push(window.slice()));
  const ave = encodedKind('ave')!;
  const where = { framerate: { num: 25, den: 1 }, offsetMs: -320, vectors: 16, width: 512 } as const;
  const plan = ave.plan({ ...where, context: 'short' });
  for (const row of [1, 2, 7, 12]) {
    const from = plan.from(row);
    const around = new Int16Array(plan.length);
    around.set(speech.subarray(Math.max(0, from), from + plan.length), Math.max(0, -from));
    t.same(ave.prepare(around, 16), windows[row], `row ${row}`);
  }
});
