/**
 * The directory of a ZIP archive whose entries are stored, as torch writes them (APPNOTE.TXT 6.3.10, §4.3).
 *
 * Only where each entry lies in the file is wanted, so that weights can be read one by one. Nothing is ever inflated:
 * a compressed entry is refused, which is the whole defence against archives that grow.
 */
import { damaged, type Extent, type LazyFile } from '../file.js';

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The end record and the longest comment behind it. */
const TAIL = 22 + 0xffff;
/** More than any checkpoint has: a UNet of 1 GB has under a thousand tensors. */
const MOST_ENTRIES = 200_000;
const MOST_DIRECTORY = 64 << 20;

interface Directory extends Extent {
  readonly entries: number;
}

/** Where the data of each entry lies, by name. @throws TalkError stream/format */
export async function storedEntries(file: LazyFile): Promise<Map<string, Extent>> {
  const directory = await findDirectory(file);
  if (directory.entries > MOST_ENTRIES || directory.bytes > MOST_DIRECTORY) {
    throw damaged(
      file.path,
      `the archive says it has ${directory.entries} entries; a checkpoint has some thousand.`,
    );
  }
  const bytes = await file.read(directory);
  const view = new DataView(bytes.buffer);
  const found = new Map<string, Extent>();
  let at = 0;
  for (let i = 0; i < directory.entries; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) {
      throw damaged(file.path, `the directory of the archive is damaged at entry ${i}.`);
    }
    const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const [nameLength, extraLength, commentLength] = lengths;
    const end = at + 46 + nameLength + extraLength;
    if (end + commentLength > bytes.length) {
      throw damaged(file.path, `the directory of the archive is cut off at entry ${i}.`);
    }
    const name = Buffer.from(bytes.buffer, at + 46, nameLength).toString('utf8');
    const method = view.getUint16(at + 10, true);
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw damaged(file.path, `${name} is encrypted.`);
    if (method !== 0 && !name.endsWith('/')) {
      throw damaged(
        file.path,
        `${name} is compressed (method ${method}); torch stores its archives.`,
        'If somebody packed the checkpoint, unpack it first.',
      );
    }
    if (found.has(name)) throw damaged(file.path, `the archive has two entries ${name}.`);
    const entry = { packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true) };
    const where = wide(view, at, end - extraLength, end, { ...entry, local: view.getUint32(at + 42, true) });
    if (where.packed !== where.size) throw damaged(file.path, `${name} is stored in two sizes.`);
    found.set(name, { at: where.local, bytes: where.size });
    at = end + commentLength;
  }
  return found;
}

/** Where the data of an entry begins: behind its own header, whose length only it knows. */
export async function dataOf(file: LazyFile, name: string, { at, bytes }: Extent): Promise<Extent> {
  const header = new DataView((await file.read({ at, bytes: 30 })).buffer);
  if (header.getUint32(0, true) !== LOCAL) throw damaged(file.path, `the header of ${name} is damaged.`);
  const data = { at: at + 30 + header.getUint16(26, true) + header.getUint16(28, true), bytes };
  file.demand(data, name);
  return data;
}

async function findDirectory(file: LazyFile): Promise<Directory> {
  const bytes = Math.min(TAIL, file.size);
  const start = file.size - bytes;
  const tail = await file.read({ at: start, bytes });
  const view = new DataView(tail.buffer);
  let end = bytes - 22;
  while (
    end >= 0 &&
    !(view.getUint32(end, true) === END && end + 22 + view.getUint16(end + 20, true) <= bytes)
  ) {
    end--;
  }
  if (end < 0) {
    throw damaged(file.path, 'the archive has no end: the file is cut off.', 'Fetch or copy it again.');
  }
  const entries = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const at = view.getUint32(end + 16, true);
  if (end < 20 || view.getUint32(end - 20, true) !== LOCATOR_64) return { entries, bytes: size, at };
  const record = { at: big(file, view, end - 12), bytes: 56 };
  const wideView = new DataView((await file.read(record)).buffer);
  if (wideView.getUint32(0, true) !== END_64) throw damaged(file.path, 'the end of the archive is damaged.');
  return { entries: big(file, wideView, 32), bytes: big(file, wideView, 40), at: big(file, wideView, 48) };

  function big(of: LazyFile, from: DataView, offset: number): number {
    const value = Number(from.getBigUint64(offset, true));
    if (!Number.isSafeInteger(value)) throw damaged(of.path, 'the end of the archive is damaged.');
    return value;
  }
}

type Where = { packed: number; size: number; local: number };

/** Numbers that do not fit 32 bits stand in the extra field 1, in this order, only those that do not. */
function wide(view: DataView, _at: number, from: number, to: number, short: Where): Where {
  const found = { ...short };
  for (let at = from; at + 4 <= to; ) {
    const id = view.getUint16(at, true);
    const end = Math.min(to, at + 4 + view.getUint16(at + 2, true));
    let next = at + 4;
    if (id === 1) {
      for (const key of ['size', 'packed', 'local'] as const) {
        if (short[key] !== 0xffffffff || next + 8 > end) continue;
        found[key] = Number(view.getBigUint64(next, true));
        next += 8;
      }
    }
    at = end === at ? to : end;
  }
  return found;
}
