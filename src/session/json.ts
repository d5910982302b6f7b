/**
 * JSON from strangers, read only where that is cheap.
 *
 * A megabyte of brackets is read into hundreds of thousands of objects: 100 ms during which nobody else's sound or picture moves, and
 * more until they are collected. Real bodies are a few texts. So a text is looked at before it is parsed: half a
 * millisecond for a megabyte.
 */

/** Objects and lists within one another; a chat's tool calls have seven. */
const DEEPEST = 32;
/** Members of all objects and lists; a chat of a thousand messages has five thousand. */
const MOST = 20_000;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What a message says; undefined where it is no JSON, or more of it than is read. */
export function parsed(message: string): unknown {
  if (excess(message) !== undefined) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** Why a text is not worth parsing, as a sentence; undefined where it is, also when it is no JSON. */
export function excess(text: string): string | undefined {
  let deep = 0;
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) {
      at = endOfString(text, at);
    } else if (sign === COMMA) {
      members++;
    } else if (sign === OPEN_LIST || sign === OPEN_OBJECT) {
      members++;
      deep++;
    } else if (sign === CLOSE_LIST || sign === CLOSE_OBJECT) {
      deep--;
    }
    if (deep > DEEPEST) return `Expected at most ${DEEPEST} objects and lists within one another.`;
    if (members > MOST) return `Expected at most ${MOST} members in all objects and lists.`;
  }
  return undefined;
}

/** The quote that ends the string begun at `at`; behind the text where none does. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
