/**
 * Takes the silence off both ends of what flite says, while it is being said.
 *
 * flite begins every sentence with 120 to 250 ms of pause and ends it with 80 to 270 ms more: the first would be heard as slowness
 * (and the mouth would wait for it), both together as hesitation between sentences. The pauses are exact from flite's own phoneme times;
 * what is kept before the first sound is there because a voice is audible up to 25 ms before its phoneme is said to begin.
 */
import type { Pause, SpeechPiece, TimedPhone, TimedWord } from '../engine.js';
import { LEAD, TAIL } from '../pauses.js';
import type { FlitePiece } from './synthesizer.js';

const SILENCE = 'pau';

/** The pieces of one sentence with its pauses set, made up with zeros where flite gave less; none when it has no sound at all. */
export async function* withPauses(
  pieces: AsyncIterable<FlitePiece>,
  pause: Pause,
): AsyncGenerator<SpeechPiece, void, undefined> {
  let span: { from: number; to: number } | undefined;
  let at = 0;
  let rate = 0;
  for await (const piece of pieces) {
    let marks: Pick<SpeechPiece, 'phonemes' | 'words'> = {};
    if (span === undefined) {
      const phonemes = piece.phonemes ?? [];
      const sounds = phonemes.filter(({ phone }) => phone !== SILENCE);
      if (sounds.length === 0) return;
      rate = piece.rate;
      const from = Math.max(0, Math.round((sounds[0]!.start - LEAD) * rate));
      const to = Math.round((sounds.at(-1)!.end + TAIL[pause]) * rate);
      span = { from, to };
      marks = {
        phonemes: moved(phonemes, from / rate, to / rate),
        words: moved(piece.words ?? [], from / rate, to / rate),
      };
    }
    const samples = piece.samples.subarray(Math.max(0, span.from - at), Math.max(0, span.to - at));
    at += piece.samples.length;
    if (samples.length > 0 || marks.phonemes !== undefined) yield { samples, rate, ...marks };
    if (at >= span.to) return;
  }
  if (span !== undefined) yield { samples: new Int16Array(span.to - Math.max(at, span.from)), rate };
}

/** Times counted from `start` and ended at `end`. The last one is a pause and lasts to the end. */
function moved<T extends TimedPhone | TimedWord>(timed: readonly T[], start: number, end: number): T[] {
  return timed
    .map((item, n) => {
      const last = n === timed.length - 1 && 'phone' in item && item.phone === SILENCE;
      return {
        ...item,
        start: Math.max(0, item.start - start),
        end: (last ? end : Math.min(item.end, end)) - start,
      };
    })
    .filter((item) => item.end > item.start);
}
