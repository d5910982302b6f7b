import { readFileSync } from 'node:fs';

/** A phoneme in seconds. */
export interface Phone {
  readonly phone: string;
  readonly start: number;
  readonly end: number;
}

interface Table {
  readonly params: readonly string[];
  readonly sigma_ms: readonly number[];
  readonly visemes: Record<string, { target: number[]; weight: number[] }>;
  readonly flite: Record<string, string>;
}

export const TRAINING = new URL('../../../models/tinylip/training/', import.meta.url);
const TABLE = JSON.parse(readFileSync(new URL('../visemes.json', TRAINING), 'utf8')) as Table;
/** Names of the six mouth parameters, in the order of the model's output. */
export const PARAMS = TABLE.params;
const STEP = 0.0025;

/**
 * What the mouth should do: the definition of models/tinylip/training/visemes.py a second time, so that the
 * gates do not lean on the trainer's code.
 *
 * @returns one array per parameter with a value every 2.5 ms.
 */
export function mouthTrack(phones: readonly Phone[], seconds: number): Float64Array[] {
  const count = Math.round(seconds / STEP) + 1;
  const names = new Array<string>(count).fill('sil');
  for (const { viseme, start, end } of segments(phones))
    names.fill(viseme, Math.max(0, Math.round(start / STEP)), Math.max(0, Math.round(end / STEP)));
  return PARAMS.map((_, k) => {
    const weight = Float64Array.from(names, (name) => TABLE.visemes[name]!.weight[k]!);
    const pull = Float64Array.from(names, (name, i) => TABLE.visemes[name]!.target[k]! * weight[i]!);
    const sigma = TABLE.sigma_ms[k]! / 1000 / STEP;
    const below = blur(weight, sigma);
    return blur(pull, sigma).map((v, i) => v / below[i]!);
  });
}

/** A track's value at `seconds`. */
export function at(track: Float64Array, seconds: number): number {
  const x = Math.min(Math.max(seconds / STEP, 0), track.length - 1.001);
  const i = Math.floor(x);
  return track[i]! + (track[i + 1]! - track[i]!) * (x - i);
}

function segments(phones: readonly Phone[]): { viseme: string; start: number; end: number }[] {
  const out = phones.flatMap(({ phone, start, end }) => {
    const names = TABLE.flite[phone]?.split(' ');
    if (!names) throw new Error(`No viseme for "${phone}".`);
    const piece = (end - start) / names.length;
    return names.map((viseme, k) => ({
      viseme,
      start: start + k * piece,
      end: start + (k + 1) * piece,
    }));
  });
  // A closure shorter than 70 ms reaches back into what is before it.
  for (const [k, s] of out.entries()) {
    const before = out[k - 1];
    const missing = 0.07 - (s.end - s.start);
    if (s.viseme !== 'PP' || !before || missing <= 0) continue;
    const taken = Math.min(missing, (before.end - before.start) * 0.4);
    before.end -= taken;
    s.start -= taken;
  }
  return out;
}

function blur(x: Float64Array, sigma: number): Float64Array {
  const reach = Math.round(4 * sigma);
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const sum = kernel.reduce((a, b) => a + b);
  return x.map((_, i) => {
    let v = 0;
    for (let j = -reach; j <= reach; j++)
      v += kernel[j + reach]! * x[Math.min(Math.max(i + j, 0), x.length - 1)]!;
    return v / sum;
  });
}
