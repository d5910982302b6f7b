/**
 * FLV, as far as a sender must know it: where tags begin, which of them a decoder needs first, and their times.
 *
 * A tag is type (1), size (3), time in ms (3 + 1 for the upper byte), stream (3), the payload, and the length of all
 * that again (4). Adobe's "Video File Format Specification", version 10.1, annex E.
 */
import { TalkError } from '../element/index.js';

/** What a tag is to someone who comes in the middle: `setup` tags must come first, then a `key` one. */
export type TagKind = 'setup' | 'key' | 'delta' | 'audio';

export interface Tag {
  /** The whole tag with its trailer; its own memory. */
  readonly data: Buffer;
  readonly kind: TagKind;
  /** Which setup it is, when it is one: a later one takes the place of an earlier. */
  readonly of: 'script' | 'audio' | 'video';
  /** When it is decoded, ms. */
  readonly time: number;
}

const HEADER = 11;
const TRAILER = 4;
/** A picture of 16 MiB is no picture. */
const LARGEST = 2 ** 24 - 1;

const AUDIO = 8;
const VIDEO = 9;
const SCRIPT = 18;
const AAC = 10;
const AVC = 7;

/** Finds the tags in bytes that come in pieces of any size. */
export class TagReader {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the file header and its trailer that are still to be skipped. */
  #begun = false;

  /** The tags that are complete now. Throws `stream/format` for what is no FLV. */
  push(bytes: Buffer): Tag[] {
    // One tag per buffer is the rule, and costs no copy.
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const tags: Tag[] = [];
    for (;;) {
      if (!this.#begun || rest.subarray(0, 3).equals(SIGNATURE)) {
        if (rest.length < 9) break;
        const skip = headerOf(rest);
        if (rest.length < skip) break;
        this.#begun = true;
        rest = rest.subarray(skip);
        continue;
      }
      if (rest.length < HEADER) break;
      const length = HEADER + rest.readUIntBE(1, 3) + TRAILER;
      if (rest.length < length) break;
      tags.push(tagOf(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
    this.#rest = rest;
    return tags;
  }
}

const SIGNATURE = Buffer.from('FLV');

/** Bytes of the file header; 0 where the stream begins with a tag, as a muxer that was asked late does. */
function headerOf(bytes: Buffer): number {
  if (bytes.subarray(0, 3).equals(SIGNATURE)) return bytes.readUInt32BE(5) + TRAILER;
  if ([AUDIO, VIDEO, SCRIPT].includes(bytes[0] ?? 0)) return 0;
  throw notFlv();
}

function tagOf(data: Buffer): Tag {
  const type = (data[0] ?? 0) & 0x1f;
  const time = data.readUIntBE(4, 3) + (data[7] ?? 0) * 2 ** 24;
  const [first = 0, second = 0] = [data[HEADER], data[HEADER + 1]];
  if (data.readUInt32BE(data.length - TRAILER) !== data.length - TRAILER) throw notFlv();
  const base = { data, time };
  if (type === SCRIPT) return { ...base, kind: 'setup', of: 'script' };
  if (type === AUDIO) {
    return { ...base, kind: first >> 4 === AAC && second === 0 ? 'setup' : 'audio', of: 'audio' };
  }
  if (type !== VIDEO) throw notFlv();
  // The upper bit marks "enhanced" codecs, which say by the lower half what this is.
  const setup = first >= 0x80 ? (first & 15) === 0 : (first & 15) === AVC && second === 0;
  return { ...base, kind: setup ? 'setup' : ((first >> 4) & 7) === 1 ? 'key' : 'delta', of: 'video' };
}

function notFlv(): TalkError {
  return new TalkError('stream/format', 'Expected an FLV stream but received something else.');
}

/** The same tag at another time, ms. */
export function retimed(tag: Tag, time: number): Tag {
  const data = Buffer.from(tag.data);
  const ms = Math.max(0, Math.round(time));
  data.writeUIntBE(ms & LARGEST, 4, 3);
  data[7] = Math.floor(ms / 2 ** 24) & 255;
  return { ...tag, data, time: ms };
}
