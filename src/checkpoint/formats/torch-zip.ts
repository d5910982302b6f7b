/**
 * torch's format since 1.6: a ZIP with `NAME/data.pkl` and one stored entry `NAME/data/KEY` for each block of numbers.
 */
import { DTYPES } from '../dtype.js';
import { damaged, type Extent, type LazyFile } from '../file.js';
import type { Value } from '../pickle/values.js';
import { checkPickleSize, runPickle } from './pickles.js';
import { dataOf, storedEntries } from './zip.js';

/** Reads what the file holds; tensors stay in it. @throws TalkError stream/format, stream/wrong-type */
export async function readTorchZip(file: LazyFile): Promise<Value> {
  const entries = await storedEntries(file);
  const pickle = [...entries.keys()].find((name) => /^[^/]*\/data\.pkl$/.test(name) || name === 'data.pkl');
  if (pickle === undefined) {
    throw damaged(file.path, 'the archive holds no data.pkl, so torch did not write it.');
  }
  const root = pickle.slice(0, -'data.pkl'.length);
  if (entries.has(`${root}constants.pkl`)) {
    throw damaged(
      file.path,
      'this is a TorchScript program.',
      'Save the weights in Python: torch.save(torch.jit.load(FILE).state_dict(), "weights.pth").',
    );
  }
  await checkByteOrder(file, entries.get(`${root}byteorder`), `${root}byteorder`);
  const where = entries.get(pickle);
  checkPickleSize(file, where?.bytes ?? 0);
  const bytes = await file.read(await dataOf(file, pickle, where ?? { at: 0, bytes: 0 }));
  const placed = new Map<string, Extent>();
  const { value, storages } = runPickle(file, bytes, 0, ({ key }) => placed.get(key) ?? { at: 0, bytes: 0 });
  for (const { key, dtype, count } of storages.values()) {
    const name = `${root}data/${key}`;
    const entry = entries.get(name);
    if (entry === undefined) throw damaged(file.path, `the archive names ${name} but does not hold it.`);
    const data = await dataOf(file, name, entry);
    if (data.bytes < count * DTYPES[dtype]) {
      throw damaged(
        file.path,
        `${name} should hold ${count} numbers of ${DTYPES[dtype]} bytes and has ${data.bytes} bytes.`,
      );
    }
    placed.set(key, data);
  }
  return value;
}

async function checkByteOrder(file: LazyFile, entry: Extent | undefined, name: string): Promise<void> {
  if (entry === undefined || entry.bytes > 16) return;
  const order = Buffer.from(await file.read(await dataOf(file, name, entry))).toString('latin1');
  if (order.trim() !== 'little')
    throw damaged(file.path, `its numbers are ${order}-endian; save it on another machine.`);
}
