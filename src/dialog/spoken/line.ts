/** What the beginning of a line says about the line. Markdown as in https://spec.commonmark.org and GitHub's tables. */

/** How a line begins: so many signs of it are not said. */
export interface Opening {
  readonly length: number;
  /** A heading or an item of a list: a sentence, with or without a stop. */
  readonly item?: boolean;
  /** Nothing of the line is said: a rule, a row of a table, where a reference leads. */
  readonly skip?: boolean;
  /** A block of code begins, which a line of this ends. */
  readonly fence?: string;
  /** What follows begins like a line again: a quotation. */
  readonly again?: boolean;
}

/** A line of nothing but these may be a rule, or belong to a heading or a table above it. */
const DRAWING = /^[-*_=|: \t]*$/;
/** Signs after which it is no text for sure. */
const LONG = 200;

/** Undefined when more of the text must be seen. `rest` begins with the line and is not empty. */
export function openingAt(rest: string, final: boolean): Opening | undefined {
  const indent = /^[ \t]*/.exec(rest)?.[0].length ?? 0;
  const end = rest.indexOf('\n');
  const whole = final || end >= 0;
  const line = rest.slice(indent, end < 0 ? undefined : end);
  if (line === '') return whole ? { length: indent } : undefined;
  if (DRAWING.test(line)) {
    if (!whole && line.length < LONG) return undefined;
    if (isDrawn(line)) return { length: indent, skip: true };
  }
  const fence = /^(`{3,}|~{3,})([^`]*)$/.exec(line)?.[1];
  if (fence !== undefined) return whole ? { length: indent, skip: true, fence } : undefined;
  if (!whole && /^(?:`{1,2}|~{1,2}|#{1,6}|[+•]|\d{1,3}[.)]?|\[[^\]]{0,99}(?:\]:?)?)$/.test(line))
    return undefined;
  if (line.startsWith('|') || /^\[[^\]]{1,99}\]:/.test(line)) return { length: indent, skip: true };
  if (line.startsWith('>')) return { length: indent + 1, again: true };
  const mark = /^(?:#{1,6}|[-*+•])[ \t]+/.exec(line)?.[0];
  if (mark !== undefined) return { length: indent + mark.length, item: true };
  // Its number is said: there is a first, a second.
  return { length: indent, item: /^\d{1,3}[.)][ \t]/.test(line) };
}

function isDrawn(line: string): boolean {
  const marks = line.replace(/[ \t]/g, '');
  return (
    (marks.length > 2 && /^[-*_=]+$/.test(marks)) ||
    /^=+$/.test(marks) ||
    (/-/.test(marks) && /[|]/.test(marks))
  );
}
