/**
 * A text with its name, and places in it: what every complaint about a graph points at.
 */

/** One file (or the command line) that a graph was read from. */
export interface Source {
  /** What a person calls it: a path as given, or a label such as `command line`. */
  readonly file: string;
  readonly text: string;
}

/** A stretch of a source: offsets are UTF-16 code units, `end` is exclusive. */
export interface Spot {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** Line and column of an offset, both counted from 1, and the whole line it stands in. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Makes a spot; an empty stretch still has a place (the caret then shows one character). */
export function spot(source: Source, start: number, end: number = start): Spot {
  return { source, start, end };
}

/** Where an offset lies. Offsets past the end count as the end. */
export function positionOf(source: Source, offset: number): Position {
  const { text } = source;
  const at = Math.min(Math.max(offset, 0), text.length);
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const lineEnd = text.indexOf('\n', at);
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < lineStart; i = text.indexOf('\n', i + 1)) line++;
  return {
    line,
    column: at - lineStart + 1,
    text: text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd).replace(/\r$/, ''),
  };
}
