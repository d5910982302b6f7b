/** What becomes of the signs inside a line. */
import { linkAt } from './link.js';

/** The next signs of a line: `length` of them. Without `say` nothing of them is said. */
export interface Inline {
  readonly length: number;
  readonly say?: string;
  /** Read this in their place. */
  readonly again?: string;
  /** Something was left out, not only a mark: the space around it and empty brackets go with it. */
  readonly gap?: boolean;
  /** Code begins, which a line of this ends. */
  readonly fence?: string;
  /** A thought begins; this ends it. */
  readonly thought?: RegExp;
}

const WORD = /[\p{L}\p{N}]/u;
/** Letters that a word with an address in it could have; Chinese is written without spaces before it. */
const LETTER = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}]/u;
const EMOJI =
  /^(?![©®™‼⁉])(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|[\ufe0e\ufe0f\u20e3])/u;
const SPECIAL = /[\n\\`*_~![\]<&|hHwW]/;
const ADDRESS =
  /^(?:https?:\/\/|www\.)(?:[^\s<>"'`“”‘’()（）【】「」『』《》\p{Script=Han}，。！？；：、]|\([^\s()]*\))*/iu;
const ADDRESS_START = ['http://', 'https://', 'www.'];
const THOUGHT = /^<(think|thinking|thought|reasoning)>/i;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};
/** Signs of a tag and of an address that are waited for. */
const TAG = 300;
const LONGEST = 2000;

/** Undefined when more must be seen. `before` is the sign before `rest`, `rest` is not empty. */
export function inlineAt(rest: string, before: string, final: boolean): Inline | undefined {
  const first = charAt(rest);
  if (EMOJI.test(first)) return { length: first.length, gap: true };
  // A joiner between letters belongs to them.
  if (first === '\u200d' && EMOJI.test(before)) return { length: 1, gap: true };
  return (HANDLERS[first] ?? plain)(rest, before, final);
}

type Handler = (rest: string, before: string, final: boolean) => Inline | undefined;

/** As it is, up to the next sign that may mean something. */
const plain: Handler = (rest, before) => {
  let length = 0;
  for (let last = before; length < rest.length; ) {
    const char = charAt(rest, length);
    const means = /[hw]/i.test(char)
      ? !LETTER.test(last)
      : SPECIAL.test(char) || EMOJI.test(char) || char === '\u200d';
    if (length > 0 && means) break;
    last = char;
    length += char.length;
  }
  return { length, say: rest.slice(0, length) };
};

/** A run of one sign and what follows it; undefined while the run may go on. */
function runAt(rest: string, final: boolean): { run: string; next: string } | undefined {
  const mark = rest[0] ?? '';
  let length = 1;
  while (rest[length] === mark) length++;
  if (length >= rest.length && !final) return undefined;
  return { run: rest.slice(0, length), next: charAt(rest, length) };
}

const emphasis: Handler = (rest, before, final) => {
  const found = runAt(rest, final);
  if (found === undefined) return undefined;
  const { run, next } = found;
  const times = (/\s/.test(before) && /^\s$/.test(next)) || (/\d/.test(before) && /^\d/.test(next));
  return { length: run.length, ...(times && run === '*' && { say: run }) };
};

const underscore: Handler = (rest, before, final) => {
  const found = runAt(rest, final);
  if (found === undefined) return undefined;
  const inside = WORD.test(before) && WORD.test(found.next);
  return { length: found.run.length, ...(inside && { say: ' ' }) };
};

const tilde: Handler = (rest, _before, final) => {
  const found = runAt(rest, final);
  if (found === undefined) return undefined;
  return { length: found.run.length, ...(found.run === '~' && { say: '~' }) };
};

/** Marks of code are not said, what stands between two of them is; a block may begin in mid-line. */
const tick: Handler = (rest, _before, final) => {
  const found = runAt(rest, final);
  if (found === undefined) return undefined;
  const { run } = found;
  if (run.length < 3) return { length: run.length };
  const block = /^`+[\w+#.-]{0,30}[ \t]{0,9}(\n|$)/.exec(rest);
  if (block === null || (block[1] === '' && final)) return { length: run.length };
  return block[1] === '' ? undefined : { length: block[0].length - 1, fence: run, gap: true };
};

const backslash: Handler = (rest, _before, final) => {
  const next = charAt(rest, 1);
  if (next === '' && !final) return undefined;
  // The brackets of a formula; any other sign is meant as it is.
  if (/^[()[\]]$/.test(next)) return { length: 2 };
  return /^[!-/:-@[-`{-~]$/.test(next) ? { length: 2, say: next } : { length: 1, say: ' ' };
};

const exclamation: Handler = (rest, before, final) => {
  // Behind a word it ends a sentence, which shall not wait.
  if (!/\s/.test(before)) return { length: 1, say: '!' };
  if (rest.length === 1 && !final) return undefined;
  if (rest[1] !== '[') return { length: 1, say: '!' };
  const link = linkAt(rest.slice(1), final);
  if (link === undefined) return undefined;
  return link.kind === 'link' ? { length: link.length + 1, gap: true } : { length: 1, say: '!' };
};

const bracket: Handler = (rest, _before, final) => {
  const link = linkAt(rest, final);
  if (link === undefined) return undefined;
  if (link.kind === 'none') return { length: 1 };
  // A note, a source, a box to tick.
  if (/^(?:\^.*|\d{1,3}(?:[,–-] ?\d{1,3})*|[ xX]?)$/.test(link.text))
    return { length: link.length, gap: true };
  return { length: link.length, again: link.text };
};

const angle: Handler = (rest, _before, final) => {
  const thought = THOUGHT.exec(rest);
  if (thought !== null) {
    return { length: thought[0].length, thought: new RegExp(`</${thought[1]}>`, 'i'), gap: true };
  }
  const mail = /^<([\w.+-]+@[\w.-]+)>/.exec(rest);
  if (mail !== null) return { length: mail[0].length, say: mail[1] ?? '' };
  const tag = /^<(?:https?:[^<>\s]*|mailto:[^<>\s]*|\/?[a-z][^<>\n]*|!--[^\n]*?--)>/i.exec(
    rest.slice(0, TAG),
  );
  if (tag !== null) {
    const leads = /^<(?:https?:|mailto:)/i.test(tag[0]);
    return leads ? { length: tag[0].length, gap: true } : { length: tag[0].length, say: ' ' };
  }
  const open = /^<(?:$|[a-z/!][^<>\n]*$)/i.test(rest) && rest.length < TAG;
  return open && !final ? undefined : { length: 1, say: '<' };
};

const entity: Handler = (rest, _before, final) => {
  const found = /^&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/i.exec(rest);
  if (found === null) {
    return /^&#?\w{0,8}$/.test(rest) && !final ? undefined : { length: 1, say: '&' };
  }
  const [all, decimal, hex, name = ''] = found;
  const code =
    decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : undefined;
  const char =
    code === undefined ? ENTITIES[name.toLowerCase()] : code <= 0x10ffff ? String.fromCodePoint(code) : '';
  return { length: all.length, say: char ?? ' ' };
};

/** An address of the web at the beginning of a word. */
const address: Handler = (rest, before, final) => {
  const lower = rest.slice(0, 8).toLowerCase();
  if (LETTER.test(before)) return plain(rest, before, final);
  if (!ADDRESS_START.some((start) => lower.startsWith(start))) {
    const may = ADDRESS_START.some((start) => start.startsWith(lower) && rest.length < start.length);
    return may && !final ? undefined : plain(rest, before, final);
  }
  const near = rest.slice(0, LONGEST);
  const found = ADDRESS.exec(near)?.[0] ?? lower;
  const open = /^(?:\([^\s()]*)?$/.test(near.slice(found.length)) && rest.length < LONGEST;
  if (open && !final) return undefined;
  // The stop behind it is the sentence's.
  return { length: found.replace(/[.,;:!?*_~]+$/, '').length, gap: true };
};

const HANDLERS: Readonly<Record<string, Handler>> = {
  '\n': () => ({ length: 1 }),
  '\\': backslash,
  '`': tick,
  '*': emphasis,
  _: underscore,
  '~': tilde,
  '!': exclamation,
  '[': bracket,
  ']': () => ({ length: 1 }),
  '<': angle,
  '&': entity,
  '|': () => ({ length: 1, say: ' ' }),
  h: address,
  H: address,
  w: address,
  W: address,
};

function charAt(text: string, at = 0): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}
