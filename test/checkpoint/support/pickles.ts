/** Pickles by hand: each function gives opcodes as text, a character a byte. */

/** Opcodes as bytes. */
export function pickle(...opcodes: readonly string[]): Buffer {
  return Buffer.from(`\x80\x02${opcodes.join('')}.`, 'latin1');
}

export const text = (value: string) =>
  `X${u32(Buffer.byteLength(value))}${Buffer.from(value).toString('latin1')}`;
export const global = (module: string, name: string) => `c${module}\n${name}\n`;
export const stackGlobal = (module: string, name: string) => `${text(module)}${text(name)}\x93`;
export const tuple = (...items: readonly string[]) => `(${items.join('')}t`;
export const list = (...items: readonly string[]) => `](${items.join('')}e`;
export const dict = (items: Readonly<Record<string, string>>) =>
  `}(${Object.entries(items)
    .map(([key, value]) => text(key) + value)
    .join('')}u`;
/** An integer of up to eight bytes. */
export const long = (value: number | bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return `\x8a\x08${bytes.toString('latin1')}`;
};
export const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('latin1');
};
export const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.toString('latin1');
};

/** A block of numbers as torch names it. */
export const storage = (key: string, count: number | bigint, type = 'FloatStorage') =>
  `${tuple(text('storage'), global('torch', type), text(key), text('cpu'), long(count))}Q`;

interface Given {
  readonly from?: string;
  readonly offset?: number;
  readonly shape?: readonly (number | bigint)[];
  readonly stride?: readonly (number | bigint)[];
}

/** A tensor as torch rebuilds it; by default 2x3 floats of the block `0`. */
export function tensor({
  from = storage('0', 6),
  offset = 0,
  shape = [2, 3],
  stride = [3, 1],
}: Given = {}): string {
  const numbers = (all: readonly (number | bigint)[]) => tuple(...all.map(long));
  const hooks = `${global('collections', 'OrderedDict')})R`;
  const args = tuple(from, long(offset), numbers(shape), numbers(stride), '\x89', hooks);
  return `${global('torch._utils', '_rebuild_tensor_v2')}${args}R`;
}

/** Six floats: 0 to 5. */
export const SIX = new Uint8Array(Float32Array.from([0, 1, 2, 3, 4, 5]).buffer);
