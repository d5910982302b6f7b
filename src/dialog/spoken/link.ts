/** `[text]`, `[text](address "title")`, `[text][reference]`. */

export type Link =
  | { readonly kind: 'none' }
  /** `text` is what stands in its brackets; where it leads is within `length`. */
  | { readonly kind: 'link'; readonly length: number; readonly text: string };

/** Signs of a text and of an address that are waited for. */
const TEXT = 200;
const ADDRESS = 2000;

const NONE: Link = { kind: 'none' };

/** The link that begins with the bracket `rest` begins with; undefined when more must be seen. */
export function linkAt(rest: string, final: boolean): Link | undefined {
  const close = closing(rest, 0, '[', ']', TEXT);
  if (close === undefined) return final ? NONE : undefined;
  if (close < 0) return NONE;
  const text = rest.slice(1, close);
  const next = rest[close + 1];
  if (next === undefined && !final) return undefined;
  const pair = next === '(' ? '()' : next === '[' ? '[]' : undefined;
  if (pair === undefined) return { kind: 'link', length: close + 1, text };
  const end = closing(rest, close + 1, pair[0] as string, pair[1] as string, ADDRESS);
  if (end === undefined && !final) return undefined;
  return { kind: 'link', length: (end === undefined || end < 0 ? close : end) + 1, text };
}

/** Where the bracket at `from` closes; undefined: not yet seen, -1: it does not within `limit` signs of its paragraph. */
function closing(text: string, from: number, open: string, close: string, limit: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (at - from > limit || (text[at] === '\n' && text[at - 1] === '\n')) return -1;
    if (text[at] === open) depth++;
    if (text[at] === close && --depth === 0) return at;
  }
  return undefined;
}
