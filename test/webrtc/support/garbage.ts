/** Datagrams for open ports: garbage, what is almost right, and a viewer's own with a bit turned. */
import type { Receiver } from './receiver.js';

/** A small generator, so that a failure can be repeated. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Heads of STUN, DTLS, RTP and RTCP. */
const HEADS = [
  '',
  '000100002112a442',
  '000100ff2112a442',
  '010100082112a442',
  '16fefd0000000000000000',
  '17fefd0001000000000001',
  '14fefd',
  '15fefd0000000000000000000202',
  '80c80006',
  '80c9ffff',
  '81ce0000',
  '8fcd0001',
  '8060',
  '9060ffffbede',
].map((hex) => Buffer.from(hex, 'hex'));

/** One of the heads with anything behind, up to 1400 bytes and mostly short. */
export function* garbage(count: number, seed: number): Generator<Buffer> {
  const next = random(seed);
  // Filled once: a million bodies byte by byte take longer than all the rest.
  const pool = Buffer.from(Array.from({ length: 1 << 16 }, () => next() * 256));
  for (let n = 0; n < count; n++) {
    const head = HEADS[Math.floor(next() * HEADS.length)] ?? Buffer.alloc(0);
    const length = Math.floor(next() ** 3 * 1400);
    const from = Math.floor(next() * (pool.length - length));
    yield Buffer.concat([head, pool.subarray(from, from + length)]);
  }
}

/** What a viewer has sent itself, each with a bit turned. `next` is undefined before there is anything. */
export function stolen(receiver: Receiver): { next(): Buffer | undefined } {
  const dice = random(11);
  const kept: Buffer[] = [];
  receiver.onSent = (data) => {
    if (kept.length < 256) kept.push(Buffer.from(data));
  };
  return {
    next() {
      const one = kept[Math.floor(dice() * kept.length)];
      if (one === undefined) return undefined;
      const bent = Buffer.from(one);
      const at = Math.floor(dice() * bent.length);
      bent[at] = (bent[at] ?? 0) ^ (1 << Math.floor(dice() * 8));
      return bent;
    },
  };
}
