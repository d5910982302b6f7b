/**
 * Frames of Volcano Engine's speech services, in a WebSocket's binary messages. All numbers are big endian.
 *
 *     0  version 1 | size of the header in words of 4 bytes
 *     1  type      | flags: 1, 2, 3 a sequence number follows (negative in the last frame), 4 an event and its session's name follow
 *     2  serialisation (0 bytes, 1 JSON) | compression (0 none, 1 gzip)
 *     3  reserved
 *     …  what the flags say, a code where the type is an error, size of the payload, payload
 *
 * https://www.volcengine.com/docs/6561/79821 (version 1 of the services), https://www.volcengine.com/docs/6561/1719100 (version 3)
 */
import { gunzipSync, gzipSync } from 'node:zlib';

/** What came. */
export interface Frame {
  readonly type: 'sound' | 'text' | 'error' | 'other';
  /** The service says that nothing comes after it. */
  readonly last: boolean;
  /** Number of an event; undefined in version 1. */
  readonly event: number | undefined;
  /** Of an error. */
  readonly code: number | undefined;
  /** Unpacked. */
  readonly payload: Uint8Array;
}

const REQUEST = 0b0001;
const TYPES: Readonly<Record<number, Frame['type']>> = { 11: 'sound', 9: 'text', 15: 'error' };
const SEQUENCE = 0b0011;
const LAST = 0b0010;
const EVENT = 0b0100;
const GZIP = 1;
/** Bytes of a payload that was packed; a second of sound has 48,000. */
const LARGEST = 16 << 20;

/** A request as JSON. */
export function writeRequest(value: unknown, packed: boolean): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  const payload = packed ? gzipSync(json) : json;
  const head = Buffer.from([0x11, REQUEST << 4, 0x10 | (packed ? GZIP : 0), 0, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

/** An event without a session and with nothing to say. */
export function writeEvent(event: number): Buffer {
  const head = Buffer.from([0x11, (REQUEST << 4) | EVENT, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
  head.writeInt32BE(event, 4);
  return Buffer.concat([head, Buffer.from('{}')]);
}

/** Reads one; undefined for what is none. */
export function readFrame(data: string | Uint8Array): Frame | undefined {
  if (typeof data === 'string') return undefined;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  try {
    return read(bytes);
  } catch (cause) {
    // Shorter than it says, or packed in another way.
    if (cause instanceof RangeError || (cause as NodeJS.ErrnoException).code?.startsWith('Z_'))
      return undefined;
    throw cause;
  }
}

function read(bytes: Buffer): Frame | undefined {
  const [first, kind, form] = [bytes.readUInt8(0), bytes.readUInt8(1), bytes.readUInt8(2)];
  if (first >> 4 !== 1) return undefined;
  const type = TYPES[kind >> 4] ?? 'other';
  const flags = kind & 15;
  let at = (first & 15) * 4;
  let event: number | undefined;
  let code: number | undefined;
  let last = (flags & LAST) !== 0;
  if (type === 'error') {
    code = bytes.readUInt32BE(at);
    at += 4;
  } else if ((flags & EVENT) !== 0) {
    event = bytes.readInt32BE(at);
    at += 8 + bytes.readUInt32BE(at + 4);
  } else if ((flags & SEQUENCE) !== 0) {
    last ||= bytes.readInt32BE(at) < 0;
    at += 4;
  }
  // An acknowledgement ends here.
  const size = at === bytes.length ? 0 : bytes.readUInt32BE(at);
  const payload = bytes.subarray(at + 4, at + 4 + size);
  if (payload.length < size) return undefined;
  const packed = (form & 15) === GZIP && size > 0;
  return {
    type,
    last,
    event,
    code,
    payload: packed ? gunzipSync(payload, { maxOutputLength: LARGEST }) : payload,
  };
}
