/**
 * torch's format before 1.6, and of `_use_new_zipfile_serialization=False`: five pickles (a magic number, the protocol
 * 1001, facts about the machine, the object, the keys of its blocks), then for each key a count and the numbers.
 */
import { DTYPES } from '../dtype.js';
import { damaged, type Extent, type LazyFile } from '../file.js';
import type { Value } from '../pickle/values.js';
import { MOST_PICKLE, runPickle } from './pickles.js';

/** The pickle of the magic number 0x1950a86a20f9469cfc6c, up to its protocol: LONG1, ten bytes, STOP. */
const MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

/** True for the first bytes of such a file. */
export function isTorchLegacy(head: Uint8Array): boolean {
  return head[0] === 0x80 && MAGIC.every((byte, i) => head[2 + i] === byte);
}

/** Reads what the file holds; tensors stay in it. @throws TalkError stream/format, stream/wrong-type */
export async function readTorchLegacy(file: LazyFile): Promise<Value> {
  const bytes = await file.read({ at: 0, bytes: Math.min(file.size, MOST_PICKLE) });
  const placed = new Map<string, Extent>();
  const nowhere = { at: 0, bytes: 0 };
  let at = 2 + MAGIC.length;
  const next = () => {
    const found = runPickle(file, bytes, at, ({ key }) => placed.get(key) ?? nowhere);
    at = found.end;
    return found;
  };
  const protocol = next().value;
  if (protocol !== 1001) throw damaged(file.path, `its protocol is ${String(protocol)}, known is 1001.`);
  const machine = next().value;
  if (machine instanceof Map && machine.get('little_endian') === false) {
    throw damaged(file.path, 'its numbers are big-endian; save it on another machine.');
  }
  const { value, storages } = next();
  const keys = next().value;
  if (!Array.isArray(keys)) throw damaged(file.path, 'it has no list of blocks.');
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || placed.has(storage.key)) {
      throw damaged(file.path, 'its list of blocks names one that its tensors do not.');
    }
    const count = new DataView((await file.read({ at, bytes: 8 })).buffer).getBigInt64(0, true);
    const data = { at: at + 8, bytes: Number(count) * DTYPES[storage.dtype] };
    file.demand(data, `the block ${storage.key}`);
    placed.set(storage.key, data);
    at = data.at + data.bytes;
  }
  for (const key of storages.keys()) {
    if (!placed.has(key)) throw damaged(file.path, `the block ${key} is not in its list of blocks.`);
  }
  return value;
}
