/**
 * Ogg streams one after the other.
 *
 * Some services (GPT-SoVITS) make a whole little Ogg file of every stretch of speech and send them back to back. Each is
 * told by the first page of a new logical stream and decoded by itself; its end is exact, because its last page says so.
 */
import type { ByteReader } from './bytes.js';

const HEADER = 27;
const BEGIN = 2;

/** One page, as it came. */
interface Page {
  readonly bytes: Uint8Array;
  readonly begins: boolean;
}

/** One Ogg file of a chain: its pages, and what is in it. */
export interface OggPart {
  readonly codec: 'opus' | 'vorbis' | 'flac' | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Samples up to the last page read so far, by its own word (the granule position, RFC 3533): Vorbis ends there, in mid-block. */
  readonly until: () => number;
}

/** The files of a chain, each to be read to its end before the next. */
export async function* readChain(bytes: ByteReader): AsyncGenerator<OggPart, void, undefined> {
  let held = await readPage(bytes);
  while (held !== undefined) {
    const first = held;
    held = undefined;
    let until = 0;
    async function* pages(): AsyncGenerator<Uint8Array, void, undefined> {
      yield first.bytes;
      for (let page = await readPage(bytes); page !== undefined; page = await readPage(bytes)) {
        if (page.begins) {
          held = page;
          return;
        }
        until = Math.max(until, granuleOf(page.bytes));
        yield page.bytes;
      }
    }
    yield { codec: codecOf(first.bytes), bytes: pages(), until: () => until };
  }
}

/** Undefined at the end, also in the middle of a page: half a page cannot be decoded. */
async function readPage(bytes: ByteReader): Promise<Page | undefined> {
  const head = Buffer.from(await bytes.peek(HEADER));
  if (head.length < HEADER) return undefined;
  if (head.toString('latin1', 0, 4) !== 'OggS') {
    // No page: left to the decoder, which looks for the next one.
    const rest = await bytes.some();
    return rest === undefined ? undefined : { bytes: rest, begins: false };
  }
  const segments = head[26]!;
  const table = await bytes.peek(HEADER + segments);
  const body = table.subarray(HEADER).reduce((sum, size) => sum + size, 0);
  const page = await bytes.take(HEADER + segments + body);
  return page.length < HEADER + segments + body
    ? undefined
    : { bytes: page, begins: (head[5]! & BEGIN) !== 0 };
}

/** -1 where no packet ends on the page. */
function granuleOf(page: Uint8Array): number {
  return page.length < HEADER ? -1 : Number(Buffer.from(page.subarray(6, 14)).readBigInt64LE());
}

function codecOf(page: Uint8Array): OggPart['codec'] {
  const at = HEADER + page[26]!;
  const magic = Buffer.from(page.subarray(at, at + 8)).toString('latin1');
  if (magic === 'OpusHead') return 'opus';
  if (magic.startsWith('\u0001vorbis')) return 'vorbis';
  return magic.startsWith('\u007fFLAC') ? 'flac' : undefined;
}
