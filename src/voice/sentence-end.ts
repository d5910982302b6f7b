/**
 * Where a sentence ends: the judgement on one stop or line break in running text.
 *
 * Every answer is either certain or "not yet": what could still change it by arriving later is waited for.
 */
import { LEADING, TRAILING } from './abbreviations.js';

/** What may end a sentence, in the scripts that have their own. */
export const STOP = /[.。．｡!！?？…‥‽⁈⁉‼؟۔।॥።፧។။]/u;
/** Stops that mean it: no number, abbreviation or address contains them. */
export const SURE_STOP = /[。．｡！？؟۔।॥።፧។။!?‽⁈⁉‼]/u;
const CLOSER = /["'”’»›)\]}」』）】》〉〕］｝〗〙〛]/u;
/** Characters that are written without spaces between words. */
export const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** White space of any kind. */
export const SPACE = /\s/u;
/** German and Danish close with what others open with; directly behind a Latin stop it can only close. */
const LOW_CLOSER = /[“‘«‹]/u;
const PICTURE = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\u20e3/u;

/** The end of the sentence that the stop at `at` closes; 0 when it closes none, undefined when more text must be seen. */
export function endsAt(
  text: string,
  at: number,
  next: number,
  final: boolean,
  eager: boolean,
): number | undefined {
  const first = charAt(text, at);
  if (first === '\n') return lineEnd(text, next, final, eager);
  let after = next;
  let dots = first === '.' || first === '…' ? 1 : 0;
  let sure = SURE_STOP.test(first);
  let closed = false;
  for (let char = charAt(text, after); char !== ''; char = charAt(text, after)) {
    if (STOP.test(char) && !closed) {
      dots += char === '.' || char === '…' ? 1 : 0;
      sure ||= SURE_STOP.test(char);
    } else if (CLOSER.test(char) || (first < '\u0080' && LOW_CLOSER.test(char))) closed = true;
    else break;
    after += char.length;
  }
  if (after >= text.length && !final) return eager && sure ? after : undefined;
  const gap = after;
  for (let char = charAt(text, after); char !== ''; char = charAt(text, after)) {
    // French sets a space before its closing quote: it is the one that a space follows, too.
    const beyond = char === '»' ? charAt(text, after + 1) : undefined;
    if (beyond === '' && !final) return undefined;
    if (!SPACE.test(char) && !PICTURE.test(char) && !(beyond !== undefined && /^\s*$/u.test(beyond))) break;
    after += char.length;
  }
  if (after >= text.length) {
    const paragraph = /\n\s*\n/.test(text.slice(gap));
    return final || (eager && (sure || paragraph)) ? after : undefined;
  }
  const following = charAt(text, after);
  const spaced = after > gap;
  if (first === '．' && /\d/.test(following) && !spaced) return 0;
  if (closed && /\p{Ll}/u.test(following)) return 0;
  const plain = !sure && dots === 1 && first !== '…';
  if (plain) {
    if (!spaced && !closed && !IDEOGRAPH.test(following)) return 0;
    return stopIsAbbreviation(text, at, following) ? 0 : after;
  }
  if (!spaced && !closed && first < '\u0600' && /[\p{L}\p{N}]/u.test(following) && !IDEOGRAPH.test(following))
    return 0;
  // “What?” he asked. Well... maybe. 我……不知道。
  if (!sure && /\p{Ll}/u.test(following)) return 0;
  if (!sure && !spaced && IDEOGRAPH.test(following)) return 0;
  return after;
}

/** A blank line ends a paragraph, and so a sentence; one line break is only a space. */
function lineEnd(text: string, next: number, final: boolean, eager: boolean): number | undefined {
  let after = next;
  let breaks = 1;
  while (after < text.length && SPACE.test(text[after]!)) breaks += text[after++] === '\n' ? 1 : 0;
  if (after >= text.length && !final) return eager && breaks > 1 ? after : undefined;
  return breaks > 1 ? after : 0;
}

/** Whether the full stop at `at` belongs to the word before it. */
function stopIsAbbreviation(text: string, at: number, following: string): boolean {
  let from = at;
  while (from > 0 && /[\p{L}\p{N}\p{M}.-]/u.test(text[from - 1]!)) from--;
  const word = text.slice(from, at);
  const lower = word.toLowerCase().replace(/^[.-]+/, '');
  if (LEADING.has(lower)) return true;
  // An initial: J. Smith. But "so did I. Then".
  if (/^\p{Lu}$/u.test(word) && word !== 'I' && /\p{Lu}/u.test(following)) return true;
  // 1. First point; a year at the end of a sentence is no list number.
  if (/^\d{1,2}$/.test(word) && /^\s*$/.test(text.slice(Math.max(0, text.lastIndexOf('\n', at) + 1), from)))
    return true;
  return (TRAILING.has(lower) || /\p{L}\.\p{L}/u.test(word)) && !/[\p{Lu}\p{Lo}"“‘'(«¿¡]/u.test(following);
}

/** The character (code point) at a place; empty behind the end. */
export function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}
