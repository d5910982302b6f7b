/** The list that `espeak-ng --voices` prints. */
import type { VoiceInfo } from '../engine.js';

/** A voice, and the file that it is asked for by: names of languages are not unique, files are. */
export interface EspeakVoice extends VoiceInfo {
  readonly file: string;
}

/** Samples per second of all its voices; those of MBROLA, which have others, are not listed. */
export const RATE = 22_050;

/** ` 5  en-us  --/M  English_(America)  gmw/en-US  (en 3)`. Its M stands for men and for those nobody told of. */
const ROW = /^\s*\d+\s+(\S+)\s+\S+\s+(\S+)\s+(\S+)/;

/** Voices by their language; where it has two, the second one by its file: `yue`, `yue-Latn-jyutping`. */
export function readVoices(table: string): EspeakVoice[] {
  const voices = new Map<string, EspeakVoice>();
  for (const line of table.split('\n').slice(1)) {
    const [, language, called, file] = ROW.exec(line) ?? [];
    if (language === undefined || called === undefined || file === undefined) continue;
    const name = voices.has(language) ? file.slice(file.lastIndexOf('/') + 1) : language;
    voices.set(name, { name, language, rate: RATE, description: called.replaceAll('_', ' ').trim(), file });
  }
  return [...voices.values()];
}

/** Names of the variants of `--voices=variant`, which stand behind a plus: `f3` for `!v/f3`. */
export function readVariants(table: string): Set<string> {
  return new Set([...table.matchAll(/ !v\/(\S+)/g)].map(([, name]) => name!));
}
