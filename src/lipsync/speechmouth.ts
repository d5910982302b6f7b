import type { Fields } from '../element/frame.js';
import { ms, type Ns } from '../element/time.js';
import type { Manifest } from '../inference/manifest.js';
import { SILENCE, type Visemes } from './visemes.js';

/** Length of a mel window: behind its end nothing is known. */
const MEL_MS = 200;
/** Phonemes kept at most, some 20 s of speech; the oldest go first. */
const LIMIT = 256;
/** A closure shorter than this reaches back into what is before it. */
const CLOSURE: Ns = 70e6;
/** Of what is before it at most this part. */
const CLOSURE_TAKES = 0.4;
const US: Ns = 1000;
/** Further away than so many standard deviations a sound is not seen. */
const REACH = 4;
/** Where no sound was for so long, the voice may be one that names none. */
const SPOKEN: Ns = 400e6;

interface Sound {
  readonly phone: string;
  readonly start: Ns;
  readonly end: Ns;
}

interface Piece {
  readonly viseme: string;
  start: Ns;
  end: Ns;
}

/**
 * Phonemes with times to mouths: what a lip-sync net would have to hear, known beforehand.
 *
 * Each viseme is a step with a target and a weight; both are blurred with a Gaussian and divided, so neighbours
 * colour each other (Cohen & Massaro, "Modeling Coarticulation in Synthetic Visual Speech", 1993, with Gaussians
 * for dominance). The blur of a step has a closed form, so a mouth costs some ten error functions a number.
 */
export class SpeechMouth {
  readonly #table: Visemes;
  #sounds: Sound[] = [];
  #epoch = 0;

  constructor(table: Visemes) {
    this.#table = table;
  }

  /**
   * An in-band event of the voice: `phonemes` (JSON of [phone, start, duration], us from `pts`) tells sounds in the order
   * they are said. Those of a later `epoch`, and a `replay-epoch`, end all that was told before. Others are none of ours.
   */
  event(name: string, fields: Fields): void {
    const { pts, list, epoch } = fields;
    if (name === 'replay-epoch') this.#sounds = [];
    if (name !== 'phonemes' || typeof pts !== 'number' || typeof list !== 'string') return;
    const era = Number(epoch ?? 0);
    if (era < this.#epoch) return;
    if (era > this.#epoch) this.#sounds = [];
    this.#epoch = era;
    const told = JSON.parse(list) as [phone: string, start: number, duration: number][];
    for (const [phone, start, duration] of told) this.#add(phone, pts + start * US, duration * US);
  }

  /** A phoneme the table does not know is no sound: its neighbours fill the place. */
  #add(phone: string, start: Ns, duration: Ns): void {
    if (!this.#table.phones.has(phone) || !(duration > 0)) return;
    this.#sounds.push({ phone, start, end: start + duration });
    if (this.#sounds.length > LIMIT) this.#sounds.shift();
  }

  /**
   * The mouth at `t`, from the sounds that begin before `known`; silence is known up to there, nothing is known behind
   * it. So the answer is the same whenever the rest is told.
   *
   * @returns numbers in the order of the table's params; undefined where no sound is near: the voice may be one that
   *   names none
   */
  at(t: Ns, known: Ns): Float32Array | undefined {
    const near = this.#sounds.filter(({ start, end }) => start < known && end > t - SPOKEN);
    if (near.length === 0) return undefined;
    const { params, sigmas, shapes } = this.#table;
    const pieces = this.#pieces(near);
    const mouth = new Float32Array(params.length);
    for (let k = 0; k < mouth.length; k++) {
      const sigma = sigmas[k]! * 1e6;
      let pull = 0;
      let weight = 0;
      const take = (viseme: string, start: Ns, end: Ns) => {
        const share = mass((end - t) / sigma) - mass((start - t) / sigma);
        const shape = shapes.get(viseme)!;
        weight += shape.weight[k]! * share;
        pull += shape.weight[k]! * shape.target[k]! * share;
      };
      let at = t - REACH * sigma;
      for (const { viseme, start, end } of pieces) {
        if (start > at) take(SILENCE, at, start);
        if (end > at) take(viseme, Math.max(start, at), end);
        at = Math.max(at, end);
      }
      if (known > at) take(SILENCE, at, known);
      mouth[k] = weight > 0 ? pull / weight : 0;
    }
    return mouth;
  }

  /** Phonemes as visemes: diphthongs in two, short closures lengthened. */
  #pieces(sounds: readonly Sound[]): Piece[] {
    const pieces = sounds.flatMap(({ phone, start, end }): Piece[] => {
      const names = this.#table.phones.get(phone)!;
      const step = (end - start) / names.length;
      return names.map((viseme, k) => ({ viseme, start: start + k * step, end: start + (k + 1) * step }));
    });
    for (const [k, piece] of pieces.entries()) {
      const before = pieces[k - 1];
      const missing = CLOSURE - (piece.end - piece.start);
      if (piece.viseme !== 'PP' || before === undefined || missing <= 0) continue;
      const taken = Math.min(missing, (before.end - before.start) * CLOSURE_TAKES);
      before.end -= taken;
      piece.start -= taken;
    }
    return pieces;
  }
}

/** What a model that can be told a mouth is told for the frame at `pts`; nothing for others. */
export function toldMouth(
  { inputs, windowOffsetMs }: Pick<Manifest, 'inputs' | 'windowOffsetMs'>,
  speech: SpeechMouth | undefined,
  pts: Ns,
): Record<string, Float32Array> {
  const length = inputs['mouth']?.[0];
  if (length === undefined) return {};
  const mouth = speech?.at(pts, pts + ms(windowOffsetMs + MEL_MS));
  return { mouth: mouth ?? new Float32Array(length), drive: Float32Array.of(mouth === undefined ? 0 : 1) };
}

/**
 * How much of a Gaussian of mass 1 lies below `x` standard deviations; error below 8e-8.
 * Abramowitz & Stegun, Handbook of Mathematical Functions, 26.2.17.
 */
function mass(x: number): number {
  if (x < 0) return 1 - mass(-x);
  if (x > 8) return 1;
  const t = 1 / (1 + 0.2316419 * x);
  const tail =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * tail;
}
