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
  [/⁄/gu, '/'],
  [/[。．｡]/gu, '.'],
  [/[、，；]/gu, ','],
];

/** What flite is given to read: accents taken off, signs written out, letters of other scripts left out (it would skip them or stop at them). */
export function asciiText(text: string): string {
  const written = WORDS.reduce((so, [sign, word]) => so.replace(sign, word), text.normalize('NFC'));
  return written
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\x20-\x7e]+/gu, ' ')
    .replace(/ {2,}/gu, ' ')
    .trim();
}
