/** Packets out of an appsink inside a bin, for authors of network sinks. */
import type { NativeHandle } from '../native/pipeline.js';
import { native } from '../native.js';
import type { Ns } from './time.js';

/** One buffer that reached the appsink; its bytes are yours. */
export interface Packet {
  readonly data: Buffer;
  /** When it was due on the pipeline's clock. */
  readonly runningTime: Ns | undefined;
  /** It begins something that can be decoded by itself. */
  readonly key: boolean;
  readonly duration?: Ns | undefined;
}

/** Batches in order. `dropped`: how many were lost before this one, because JS did not keep up. */
export type PacketListener = (packets: readonly Packet[], dropped: number) => void;

const NUMBERS = 4;
const listeners = new Map<number, PacketListener>();
let last = 0;
let connected = false;

/**
 * Listens to an appsink until the returned function is called. At most `limit` packets wait, then the oldest is dropped:
 * the clock never waits for JS.
 * @throws TypeError when it is no appsink
 */
export function openTap(sink: NativeHandle, listener: PacketListener, limit: number): () => void {
  if (!connected) native.connectTaps(deliver);
  connected = true;
  const id = ++last;
  listeners.set(id, listener);
  if (!native.tapOpen(sink, id, limit)) {
    listeners.delete(id);
    throw new TypeError('Expected an appsink to listen to');
  }
  return () => {
    listeners.delete(id);
    native.tapClose(sink);
  };
}

function deliver(id: number, bytes: ArrayBuffer, table: ArrayBuffer, dropped: number): void {
  const listener = listeners.get(id);
  if (listener === undefined) return;
  const numbers = new Float64Array(table);
  const packets: Packet[] = [];
  let at = 0;
  for (let n = 0; n < numbers.length; n += NUMBERS) {
    const size = numbers[n] ?? 0;
    packets.push({
      data: Buffer.from(bytes, at, size),
      runningTime: timeOf(numbers[n + 1]),
      key: numbers[n + 2] === 1,
      duration: timeOf(numbers[n + 3]),
    });
    at += size;
  }
  listener(packets, dropped);
}

const timeOf = (number = Number.NaN): Ns | undefined => (Number.isNaN(number) ? undefined : number);
