/** The script tag `onMetaData`, with which an RTMP stream begins: what players show before the first picture. */
import type { Tag } from './flv.js';

const NUMBER = 0;
const BOOLEAN = 1;
const STRING = 2;
const ECMA_ARRAY = 8;
const OBJECT_END = 9;
const SCRIPT = 18;

/** Numbers, texts and flags by their AMF names; what is undefined is left out. */
export type Metadata = Readonly<Record<string, number | string | boolean | undefined>>;

/** What a player is told of H.264 and AAC. */
export const FLV_VIDEO = { videocodecid: 7, hasVideo: true };
export const FLV_AUDIO = { audiocodecid: 10, hasAudio: true };

export function metadataTag(metadata: Metadata): Tag {
  const entries = Object.entries(metadata).filter(([, value]) => value !== undefined);
  const body = Buffer.concat([
    Buffer.from([STRING]),
    text('onMetaData'),
    Buffer.from([ECMA_ARRAY]),
    uint32(entries.length),
    ...entries.flatMap(([name, value]) => [text(name), amf(value)]),
    Buffer.from([0, 0, OBJECT_END]),
  ]);
  const head = Buffer.alloc(11);
  head[0] = SCRIPT;
  head.writeUIntBE(body.length, 1, 3);
  const data = Buffer.concat([head, body, uint32(head.length + body.length)]);
  return { data, kind: 'setup', of: 'script', time: 0 };
}

function amf(value: number | string | boolean | undefined): Buffer {
  if (typeof value === 'string') return Buffer.concat([Buffer.from([STRING]), text(value)]);
  if (typeof value === 'boolean') return Buffer.from([BOOLEAN, value ? 1 : 0]);
  const number = Buffer.alloc(9);
  number[0] = NUMBER;
  number.writeDoubleBE(value ?? 0, 1);
  return number;
}

/** A text with its length in front, as names and short texts are. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
