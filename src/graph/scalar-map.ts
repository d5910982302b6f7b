/**
 * Where the characters of a YAML scalar stand in its file: quoted, folded and block texts differ from their value.
 */

/**
 * For each character of `value` (and one past its end) the offset in `text` it came from, when the scalar's
 * source is `text.slice(start, end)`. Escapes, folded lines and indentation are stepped over; where the two
 * cannot be brought together the rest maps to where they parted.
 */
export function mapScalar(text: string, start: number, end: number, value: string): number[] {
  const map: number[] = [];
  const quote = text[start];
  let at = start;
  if (quote === '"' || quote === "'") at++;
  else if (quote === '|' || quote === '>') at = Math.min(end, text.indexOf('\n', at) + 1 || end);
  for (let i = 0; i < value.length; i++) {
    const skipped = quote === '"' ? escapeLength(text, at) : 0;
    if (skipped > 0) {
      map.push(at);
      at += skipped;
      continue;
    }
    // Line breaks and indentation of folded and block texts: the value has one blank, one newline, or nothing.
    while (
      at < end &&
      text[at] !== value[i] &&
      isBlank(text[at]) &&
      !(isBlank(value[i]) && !isBlank(text[at + 1]))
    ) {
      at++;
    }
    map.push(Math.min(at, end));
    if (quote === "'" && text[at] === "'") at++;
    if (at < end) at++;
  }
  map.push(Math.min(at, end));
  return map;
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t';
}

/** Length of the escape sequence of a double-quoted text at `at`, 0 when there is none. */
function escapeLength(text: string, at: number): number {
  if (text[at] !== '\\') return 0;
  const digits = { x: 2, u: 4, U: 8 }[text[at + 1] ?? ''] ?? 0;
  return 2 + digits;
}
