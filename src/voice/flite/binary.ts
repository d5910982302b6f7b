/**
 * Opens up a WebAssembly program so that its inner functions can be called.
 *
 * The flite package is a command: one run, one text, then its memory is dirty. But its name section lists every function, and a
 * module's export section is a plain list. Adding entries there turns the command into a library without changing a line of its
 * code: voices stay loaded, and a sentence costs its synthesis only. The debug sections (a fifth of the file) are left out.
 *
 * Format: WebAssembly Core Specification 1.0, chapter 5 (sections 5.5, exports 5.5.10) and the name section of appendix A.
 */

const CUSTOM = 0;
const EXPORT = 7;
const FUNCTION_NAMES = 1;

/** Kinds of export, as the format numbers them. */
const FUNCTION = 0;
const TABLE = 1;

/**
 * The program with these functions exported under their own names, and its table as `table`. Names that are exported already are
 * left alone. Throws Error when the program is none or lacks a function: then it is another build than the one this was written for.
 */
export function exposeFunctions(program: Uint8Array, wanted: readonly string[]): Uint8Array<ArrayBuffer> {
  const reader = new Reader(program);
  if (reader.word() !== 0x6d736100 || reader.word() !== 1) throw new Error('not a WebAssembly program');
  const names = new Map<string, number>();
  const sections: { id: number; whole: Uint8Array; body: Uint8Array }[] = [];
  while (reader.at < program.length) {
    const start = reader.at;
    const id = reader.byte();
    const body = reader.take(reader.number());
    if (id === CUSTOM) readNames(body, names);
    else sections.push({ id, whole: program.subarray(start, reader.at), body });
  }
  const parts = sections.map(({ id, whole, body }) =>
    id === EXPORT ? section(id, withExports(body, names, wanted)) : whole,
  );
  return concat([program.subarray(0, 8), ...parts]);
}

function readNames(custom: Uint8Array, names: Map<string, number>): void {
  const reader = new Reader(custom);
  if (reader.text() !== 'name') return;
  while (reader.at < custom.length) {
    const id = reader.byte();
    const body = new Reader(reader.take(reader.number()));
    if (id !== FUNCTION_NAMES) continue;
    for (let left = body.number(); left > 0; left--) {
      const index = body.number();
      names.set(body.text(), index);
    }
  }
}

function withExports(
  body: Uint8Array,
  names: ReadonlyMap<string, number>,
  wanted: readonly string[],
): Uint8Array {
  const reader = new Reader(body);
  const count = reader.number();
  const present = body.subarray(reader.at);
  const taken = new Set<string>();
  for (let left = count; left > 0; left--) {
    taken.add(reader.text());
    reader.byte();
    reader.number();
  }
  const added = wanted
    .filter((name) => !taken.has(name))
    .map((name) => {
      const index = names.get(name);
      if (index === undefined) throw new Error(`no function ${name} in the program`);
      return entry(name, FUNCTION, index);
    });
  if (!taken.has('table')) added.push(entry('table', TABLE, 0));
  return concat([number(count + added.length), present, ...added]);
}

function entry(name: string, kind: number, index: number): Uint8Array {
  const text = new TextEncoder().encode(name);
  return concat([number(text.length), text, Uint8Array.of(kind), number(index)]);
}

function section(id: number, body: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(id), number(body.length), body]);
}

/** Unsigned LEB128. */
function number(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return Uint8Array.from(bytes);
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new Error('the program ends too early');
    return byte;
  }

  word(): number {
    return this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24);
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value >>> 0;
    }
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.#bytes.length) throw new Error('the program ends too early');
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.number()));
  }
}
