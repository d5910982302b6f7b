/**
 * The words of a launch line, cut exactly as GStreamer's own scanner cuts them.
 *
 * That scanner (flex) takes the longest match of all its patterns and, among equals, the first. Two
 * consequences are worth knowing, because writing a line that survives them is what `launch-text.ts` is for:
 *
 * - `"a\\" b="c"` is one quoted string up to the last quote: a backslash before a quote may always be read as
 *   escaping it, and longer wins.
 * - a bare word goes on through a blank that has a backslash before it, even if that backslash was itself escaped.
 *
 * Outside strings GStreamer's scanner stops without a word at the first byte that is not ASCII and drops the
 * rest of the line; here such a byte is an `other` token, so that somebody can complain.
 */

/** What a token is. `link` carries an optional caps filter; `other` is a character that has no place here. */
export type TokenKind =
  | 'assignment'
  | 'preset'
  | 'padref'
  | 'ref'
  | 'binref'
  | 'identifier'
  | 'link'
  | 'uri'
  | 'operator'
  | 'other';

/** One token; offsets count UTF-16 code units of the text that was cut. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const S = '[ \\t\\n\\v\\f\\r]';
const IDENTIFIER = '[A-Za-z0-9_][A-Za-z0-9_\\-%:]*';
const CAPS = '[A-Za-z0-9-]+/[A-Za-z0-9-]+(?:,[^!]|\\\\[^\\n]|[^;!])*';

const sticky = (pattern: string) => new RegExp(pattern, 'y');
const SPACE = sticky(`${S}+`);
const BARE = sticky('[^ \\t\\n\\v\\f\\r](?:[^ \\t\\n\\v\\f\\r]|(?<=\\\\)[ \\t\\v\\f\\r])*');
const SCHEME = sticky('[A-Za-z][A-Za-z0-9+,\\-.]*://');
const PATH = sticky('[".{}_identfr]?(?=/)');
const ASSIGN = sticky(`${IDENTIFIER}${S}*=${S}*`);
const PRESET = sticky(`@preset${S}*=${S}*`);

/** The patterns in GStreamer's order; each answers the end of its match at `at`, or -1. */
const RULES: readonly [TokenKind, (text: string, at: number) => number][] = [
  ['assignment', (text, at) => stringAfter(text, end(ASSIGN, text, at))],
  ['preset', (text, at) => stringAfter(text, end(PRESET, text, at))],
  ['padref', pattern(`\\.${IDENTIFIER}`)],
  ['ref', pattern(`${IDENTIFIER}\\.(?:${IDENTIFIER})?`)],
  ['binref', pattern(`${IDENTIFIER}${S}*\\.${S}*\\(`)],
  ['identifier', pattern(IDENTIFIER)],
  ['link', pattern(`[!:]${S}*${CAPS}(?:${S}*(?:;${S}*${CAPS})*${S}*)*[!:]|[!:]`)],
  ['uri', uriEnd],
  ['operator', pattern('[(){}.!:,;=]')],
];

function end(regex: RegExp, text: string, at: number): number {
  if (at < 0) return -1;
  regex.lastIndex = at;
  return regex.test(text) ? regex.lastIndex : -1;
}

function pattern(source: string): (text: string, at: number) => number {
  const regex = sticky(source);
  return (text, at) => end(regex, text, at);
}

/** End of the longest string that begins at `at`: bare, in double or in single quotes. */
function stringAfter(text: string, at: number): number {
  if (at < 0) return -1;
  return Math.max(end(BARE, text, at), quotedEnd(text, at, '"'), quotedEnd(text, at, "'"));
}

/** End of a quoted string: at the last quote that can close it, which is the first that has no backslash. */
function quotedEnd(text: string, at: number, quote: string): number {
  if (text[at] !== quote) return -1;
  let last = -1;
  for (let i = text.indexOf(quote, at + 1); i !== -1; i = text.indexOf(quote, i + 1)) {
    last = i + 1;
    if (text[i - 1] !== '\\' || i - 1 === at) break;
  }
  return last;
}

function uriEnd(text: string, at: number): number {
  const scheme = end(SCHEME, text, at);
  const path = end(PATH, text, at);
  const pathEnd = path === -1 ? -1 : stringAfter(text, path + 1);
  return Math.max(scheme, stringAfter(text, scheme), pathEnd);
}

/** Cuts a launch line into tokens; blanks are left out. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const blank = end(SPACE, text, at);
    if (blank !== -1) {
      at = blank;
      continue;
    }
    let kind: TokenKind = 'other';
    let longest = at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
    let found = false;
    for (const [name, match] of RULES) {
      const stop = match(text, at);
      if (stop > longest || (!found && stop === longest)) {
        kind = name;
        longest = stop;
        found = true;
      }
    }
    tokens.push({ kind, text: text.slice(at, longest), start: at, end: longest });
    at = longest;
  }
  return tokens;
}
