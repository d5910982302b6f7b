import type { Test } from 'tap';

/**
 * Passes when both hold the same bytes; else says how many there are and where the first differs.
 *
 * `t.same` looks at a picture value by value and writes it down twice: four seconds for one of 512x768.
 */
export function sameBytes(
  t: Test,
  got: ArrayBufferView | undefined,
  want: ArrayBufferView | undefined,
  message = 'the same bytes',
): boolean {
  const [a, b] = [bytesOf(got), bytesOf(want)];
  if (got !== undefined && want !== undefined && a.equals(b)) return t.pass(message);
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return t.fail(message, {
    got: got && `${a.length} bytes, ${a[at]} at ${at}`,
    want: want && `${b.length} bytes, ${b[at]} at ${at}`,
  });
}

function bytesOf(view: ArrayBufferView | undefined): Buffer {
  return view === undefined ? Buffer.alloc(0) : Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
