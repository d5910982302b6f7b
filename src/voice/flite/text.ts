/** English text for a voice that knows the letters of ASCII only. */

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/[“”„‟«»「」『』]/gu, '"'],
  [/[‘’‚‛‹›]/gu, "'"],
  [/\s*[—―]\s*/gu, ', '],
  [/[‐‑‒–−]/gu, '-'],
  [/€\s?(\d[\d.,]*\d|\d)/gu, '$1 euros'],
  [/£\s?(\d[\d.,]*\d|\d)/gu, '$1 pounds'],
  [/¥\s?(\d[\d.,]*\d|\d)/gu, '$1 yen'],
  [/€/gu, ' euros '],
  [/£/gu, ' pounds '],
  [/°\s?C\b/gu, ' degrees Celsius '],
  [/°\s?F\b/gu, ' degrees Fahrenheit '],
  [/°/gu, ' degrees '],
  [/(?<=\d)\s?×\s?(?=\d)/gu, ' times '],
  [/(?<=\d)\s?÷\s?(?=\d)/gu, ' divided by '],
  [/(?<=\d)\s?=\s?(?=\d)/gu, ' equals '],
  [/(?<=[\d\s])\+\s?(?=\d)/gu, ' plus '],
  [/ß/gu, 'ss'],
  [/[æÆ]/gu, 'ae'],
  [/[œŒ]/gu, 'oe'],
  [/[øØ]/gu, 'o'],
  [/[łŁ]/gu, 'l'],
  [/[đĐðÐ]/gu, 'd'],
  [/[þÞ]/gu, 'th'],
  [/ı/gu, 'i'],
  [/[。．｡]/gu, '.'],
  [/[、，；]/gu, ','],
];

/** What flite is given to read: accents taken off, signs written out, letters of other scripts left out (it would skip them or stop at them). */
export function asciiText(text: string): string {
  const written = WORDS.reduce((so, [sign, word]) => so.replace(sign, word), text.normalize('NFC'));
  return written
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/⁄/gu, '/')
    .replace(/[^\x20-\x7e]+/gu, ' ')
    .replace(/ {2,}/gu, ' ')
    .trim();
}

/** Letters' worth of speech in a portion: some 25 s. At its usual speed a sentence of ordinary words is never cut by this. */
const PORTION = 400;
/** No word is longer; what is, is no word. */
const WORD = 30;

/**
 * Cuts a text so that no part takes long to say. A page of digits or a word without vowels is spelled letter by letter: 300 of them are
 * over a minute of speech and two seconds of work, during which nobody else could be served. The work grows with the speech, so that what is
 * said half as fast (`stretch` 2) is cut twice as often.
 */
export function portions(text: string, stretch = 1): string[] {
  const most = PORTION / Math.max(1, stretch);
  const words = text.split(' ').flatMap((word) => word.match(new RegExp(`.{1,${WORD}}`, 'gs')) ?? []);
  const parts: string[][] = [];
  let sum = Number.POSITIVE_INFINITY;
  for (const word of words) {
    const weight = speechWeight(word);
    if (sum + weight > most) {
      parts.push([]);
      sum = 0;
    }
    parts.at(-1)!.push(word);
    sum += weight;
  }
  return parts.map((part) => part.join(' '));
}

/** About how many letters of ordinary text take as long to say. */
function speechWeight(word: string): number {
  const spelled = !/[aeiouy]/i.test(word) || /^(.)\1+$/.test(word);
  const letters = word.replace(/[^a-z]/gi, '').length * (spelled ? 4 : 1);
  const digits = word.replace(/\D/g, '').length * 5;
  const signs = word.replace(/[a-z0-9.,;:!?'"()-]/gi, '').length * 7;
  return 1 + letters + digits + signs;
}
