/** FLV made by hand, for tests. */

function tag(type: number, payload: number[], time: number): Buffer {
  const data = Buffer.alloc(11 + payload.length + 4);
  data[0] = type;
  data.writeUIntBE(payload.length, 1, 3);
  data.writeUIntBE(time & 0xffffff, 4, 3);
  data[7] = Math.floor(time / 2 ** 24);
  data.set(payload, 11);
  data.writeUInt32BE(11 + payload.length, 11 + payload.length);
  return data;
}

const MAKERS: Record<string, (time: number) => Buffer> = {
  M: () => tag(18, [2, 0, 0], 0),
  V: () => tag(9, [0x17, 0, 0, 0, 0], 0),
  S: () => tag(8, [0xaf, 0], 0),
  k: (time) => tag(9, [0x17, 1, 0, 0, 0, 7], time),
  d: (time) => tag(9, [0x27, 1, 0, 0, 0, 8], time),
  a: (time) => tag(8, [0xaf, 1, 9], time),
};

/** `V S k0 a10 d40`: setup of video and of sound (`M`: metadata), key frame, sound and picture at times in ms. */
export function flv(text: string): Buffer {
  const words = text.split(' ').filter((word) => word !== '');
  return Buffer.concat(
    words.map((word) => MAKERS[word[0] ?? '']?.(Number(word.slice(1))) ?? Buffer.alloc(0)),
  );
}

/** What an FLV file begins with. */
export const FILE_HEADER = Buffer.from([...Buffer.from('FLV'), 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);
