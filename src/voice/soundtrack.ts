/** From the pieces engines give to the samples a session plays: one rate, no lost tail, even pieces, marks in samples. */
import type { SpeechPiece } from './engine.js';
import { type SpeechMark, WordFinder } from './marks.js';
import { Resampler } from './resample.js';
import type { Sentence } from './sentences.js';
import type { SpeechChunk } from './speak.js';

/** Seconds: shorter pieces are put together, longer ones divided. */
const SHORTEST = 0.02;
const LONGEST = 0.2;

/** Collects one utterance. Sentences are joined in the samples too: one resampler runs through all of them. */
export class Soundtrack {
  readonly #rate: number;
  #resampler: Resampler | undefined;
  /** Samples made by resamplers that are done. */
  #base = 0;
  #waiting: Int16Array = new Int16Array(0);
  #given = 0;
  #marks: SpeechMark[] = [];
  #sentence: { of: Sentence; words: WordFinder; taken: number; announced: boolean } | undefined;

  /** `rate`: samples per second to deliver. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Samples everything taken so far amounts to, whether delivered yet or not. */
  get position(): number {
    return this.#base + (this.#resampler?.position(this.#resampler.taken) ?? 0);
  }

  /** What is taken from now on belongs to this sentence. */
  begin(sentence: Sentence): void {
    this.#sentence = {
      of: sentence,
      words: new WordFinder(sentence.text, sentence.offset),
      taken: this.#resampler?.taken ?? 0,
      announced: false,
    };
  }

  /** Adds a piece and gives what can be delivered now. */
  *take(piece: SpeechPiece): Generator<SpeechChunk> {
    if (this.#resampler?.from !== piece.rate) this.#change(piece.rate);
    this.#note(piece);
    this.#add(this.#resampler!.push(piece.samples));
    yield* this.#give(SHORTEST);
  }

  /** Gives the rest. */
  *end(): Generator<SpeechChunk> {
    this.#change(undefined);
    yield* this.#give(0);
  }

  #change(rate: number | undefined): void {
    const before = this.#resampler;
    if (before !== undefined) {
      this.#base += before.position(before.taken);
      this.#add(before.end());
    }
    this.#resampler = rate === undefined ? undefined : new Resampler(rate, this.#rate);
    if (this.#sentence !== undefined) this.#sentence.taken = 0;
  }

  #note(piece: SpeechPiece): void {
    const sentence = this.#sentence;
    if (sentence === undefined) return;
    const { of, words } = sentence;
    const place = (seconds: number): number =>
      this.#base + this.#resampler!.position(sentence.taken + seconds * piece.rate);
    const marks: SpeechMark[] = [];
    if (!sentence.announced) {
      sentence.announced = true;
      marks.push({ type: 'sentence', at: place(0), index: of.index, text: of.text, offset: of.offset });
    }
    for (const { word, start, end } of piece.words ?? []) {
      const offset = words.find(word);
      marks.push({
        type: 'word',
        at: place(start),
        end: place(end),
        text: word,
        ...(offset !== undefined && { offset }),
        sentence: of.index,
      });
    }
    for (const { phone, start, end } of piece.phonemes ?? []) {
      marks.push({ type: 'phoneme', at: place(start), end: place(end), phone, sentence: of.index });
    }
    // In the order they are heard; of two at the same moment the larger one first.
    this.#marks.push(...marks.sort((a, b) => a.at - b.at));
  }

  #add(samples: Int16Array): void {
    if (this.#waiting.length === 0) {
      this.#waiting = samples;
      return;
    }
    const joined = new Int16Array(this.#waiting.length + samples.length);
    joined.set(this.#waiting);
    joined.set(samples, this.#waiting.length);
    this.#waiting = joined;
  }

  *#give(shortest: number): Generator<SpeechChunk> {
    const least = Math.max(1, Math.round(shortest * this.#rate));
    const most = Math.max(1, Math.round(LONGEST * this.#rate));
    while (this.#waiting.length >= least) {
      const samples = this.#waiting.subarray(0, most);
      this.#waiting = this.#waiting.subarray(samples.length);
      const marks = this.#marks;
      this.#marks = [];
      const at = this.#given;
      this.#given += samples.length;
      yield { samples, rate: this.#rate, at, marks };
    }
  }
}
