/** Archives as torch writes them, and wrong ones: stored entries, with every number at choice. */

/** An entry of an archive; what is not given is right. */
export interface Entry {
  readonly data: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  /** What the directory says, where it lies. */
  readonly size?: number;
  readonly packed?: number;
  readonly local?: number;
  /** Puts the numbers into the extra field for large files. */
  readonly wide?: boolean;
}

/** What the end of the archive says, where it lies. */
export interface End {
  readonly entries?: number;
  readonly bytes?: number;
  readonly at?: number;
}

function bytes(...parts: readonly [2 | 4 | 8, number | bigint][]): Buffer {
  return Buffer.concat(
    parts.map(([length, value]) => {
      const part = Buffer.alloc(8);
      part.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      return part.subarray(0, length);
    }),
  );
}

/** A ZIP of these entries. */
export function archive(entries: Readonly<Record<string, Uint8Array | Entry>>, end: End = {}): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, given] of Object.entries(entries)) {
    const entry: Entry = given instanceof Uint8Array ? { data: given } : given;
    const { data, method = 0, flags = 0, wide = false } = entry;
    const [size, packed, local] = [entry.size ?? data.length, entry.packed ?? data.length, entry.local ?? at];
    const label = Buffer.from(name.split('\0')[0] ?? '');
    const head = bytes([4, 0x04034b50], [2, 20], [2, flags], [2, method], [4, 0], [4, 0]);
    const file = Buffer.concat([
      head,
      bytes([4, data.length], [4, data.length], [2, label.length], [2, 0]),
      label,
      data,
    ]);
    files.push(file);
    at += file.length;
    const extra = wide ? bytes([2, 1], [2, 24], [8, size], [8, packed], [8, local]) : Buffer.alloc(0);
    const short = (n: number) => (wide ? 0xffffffff : n);
    directory.push(
      bytes([4, 0x02014b50], [2, 20], [2, 20], [2, flags], [2, method], [4, 0], [4, 0]),
      bytes(
        [4, short(packed)],
        [4, short(size)],
        [2, label.length],
        [2, extra.length],
        [2, 0],
        [2, 0],
        [2, 0],
      ),
      bytes([4, 0], [4, short(local)]),
      label,
      extra,
    );
  }
  const central = Buffer.concat(directory);
  const count = end.entries ?? Object.keys(entries).length;
  const tail = bytes([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count]);
  return Buffer.concat([
    ...files,
    central,
    tail,
    bytes([4, end.bytes ?? central.length], [4, end.at ?? at], [2, 0]),
  ]);
}

/** A torch archive around a pickle. */
export function torchArchive(
  pickle: Uint8Array,
  blocks: Readonly<Record<string, Uint8Array | Entry>> = {},
): Buffer {
  const named = Object.entries(blocks).map(([key, data]) => [`net/data/${key}`, data] as const);
  return archive({ 'net/data.pkl': pickle, ...Object.fromEntries(named), 'net/version': Buffer.from('3\n') });
}
