/**
 * The comments of a YAML file and the blank lines before them, found by the YAML scanner itself (a `#` in a
 * text is not one), so that a printer can put each back where it belongs.
 */
import { Lexer } from 'yaml';

/** One comment, with its `#`. */
export interface Comment {
  readonly offset: number;
  readonly text: string;
  /** True when something stands before it on its line. */
  readonly trailing: boolean;
  /** True when the line before is blank. */
  readonly spaced: boolean;
}

/** What belongs to one printed item: the lines above it, and the comment behind it. `''` is a blank line. */
export interface Attached {
  readonly above: readonly string[];
  readonly behind?: string;
}

/** All comments of a text, in order. */
export function commentsOf(text: string): Comment[] {
  const comments: Comment[] = [];
  let offset = 0;
  let scalar = false;
  for (const token of new Lexer().lex(text)) {
    // Marks of the scanner that are not in the text: document, scalar follows, end of a broken flow.
    if (token === '\u0002' || token === '\u001f' || token === '\u0018') {
      scalar = token === '\u001f';
      continue;
    }
    if (!scalar && token.startsWith('#')) {
      const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
      comments.push({
        offset,
        text: tidy(token),
        trailing: text.slice(lineStart, offset).trim() !== '',
        spaced: blankBefore(text, offset),
      });
    }
    scalar = false;
    offset += token.length;
  }
  return comments;
}

/** True when the line above the one of `offset` exists and is blank. */
export function blankBefore(text: string, offset: number): boolean {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  if (lineStart === 0) return false;
  const above = text.slice(text.lastIndexOf('\n', lineStart - 2) + 1, lineStart - 1);
  return above.trim() === '';
}

function tidy(comment: string): string {
  return comment.trimEnd();
}

/**
 * Gives every comment to an item: a trailing one to the item that begins last before it, any other to the next
 * item after it. `starts` are the items' offsets in ascending order; the answer has one more entry than items,
 * for what stands behind the last. The block at the head of the file, up to a blank line, is the header, and so
 * is that blank line.
 */
export function attachComments(
  text: string,
  starts: readonly number[],
): { header: string[]; items: Attached[] } {
  const comments = commentsOf(text);
  const header: string[] = [];
  const first = starts[0] ?? text.length;
  while (comments[0] && !comments[0].trailing && comments[0].offset < first) {
    if (comments[0].spaced && header.length > 0) break;
    header.push(comments.shift()?.text ?? '');
  }
  const above: string[][] = Array.from({ length: starts.length + 1 }, () => []);
  const behind: (string | undefined)[] = [];
  for (const { offset, text: comment, trailing, spaced } of comments) {
    const next = starts.findIndex((start) => start > offset);
    const index = next === -1 ? starts.length : next;
    if (trailing && index > 0) {
      const before = behind[index - 1];
      behind[index - 1] = before === undefined ? comment : `${before} ${comment.replace(/^#\s*/, '')}`;
    } else {
      above[index]?.push(...(spaced ? ['', comment] : [comment]));
    }
  }
  starts.forEach((start, i) => {
    if (blankBefore(text, start)) above[i]?.push('');
  });
  if (header.length > 0 && above[0]?.[0] === '') header.push(above[0].shift() ?? '');
  return {
    header,
    items: above.map((lines, i) => {
      const note = behind[i];
      return { above: lines, ...(note !== undefined && { behind: note }) };
    }),
  };
}
