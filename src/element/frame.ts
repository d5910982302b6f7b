/**
 * Frames: buffers of media as an author sees them. Data is a view of GStreamer's own memory (up to 8 KB of a copy, whose
 * changes go back into it); it is detached (its length becomes 0) when the method that received it is done, so keeping it
 * too long throws instead of corrupting.
 */
import { native, type Stroke } from '../native.js';
import type { Ns } from './time.js';
import { Flag, Slot } from './wire.js';

/** A flat record: fields of events, messages and metas. Integers stay integers; `null` leaves a field out. */
export type Fields = Record<string, string | number | bigint | boolean | null | undefined>;

/** One plane of a picture. Rows may be padded: row `y` begins at `y * stride`. */
export interface Plane {
  /** The bytes of this plane, from its first row on. */
  readonly data: Uint8Array;
  /** Bytes from one row to the next. */
  readonly stride: number;
  /** Size in samples of this plane (chroma planes are smaller). */
  readonly width: number;
  readonly height: number;
}

/** One buffer. Times are ns in the stream's segment; everything but `data` may be left out. */
export interface Frame {
  /** The bytes. Empty for a GAP that carries no data. */
  data: Uint8Array;
  /** When it is presented, and for how long. */
  pts?: Ns | undefined;
  dts?: Ns | undefined;
  duration?: Ns | undefined;
  /** Position in units of the stream (samples, frames, bytes). */
  offset?: number | undefined;
  /** Nothing is to be heard or seen here. */
  gap?: boolean | undefined;
  /** The first after a jump. */
  discont?: boolean | undefined;
  /** Configuration, not media. */
  header?: boolean | undefined;
  /** Cannot be decoded without what came before. */
  delta?: boolean | undefined;
  /** Can be left out without harm to what follows: who has to save may drop it. */
  droppable?: boolean | undefined;
  /** Custom metas by name; they travel with the buffer through tee, queue and converters. */
  metas?: Record<string, Fields> | undefined;
  /** In a held element: a cut has made this old while it waited. Fade it, or let it go. */
  readonly stale?: boolean | undefined;
  /** Raw video only: the planes of the picture inside `data`, with their true strides. */
  readonly planes?: Plane[] | undefined;
}

/** A frame from a source: it may say when it leaves. */
export interface TimedFrame extends Frame {
  /** Running time before which it is not pushed; until then it can be taken back by `revise()`. */
  at?: Ns | undefined;
  /** What is still to be drawn on the picture in `data`, in C++, by the thread that carries the frame away. */
  stroke?: Stroke | undefined;
}

/** A custom event among frames, in order. */
export interface EventItem {
  readonly event: true;
  readonly name: string;
  readonly fields: Fields;
}

/** What flows through a pipe. */
export type Item = Frame | EventItem;

/** The samples of a 16-bit audio frame, without a copy. */
export function pcm(frame: Frame): Int16Array {
  const { buffer, byteOffset, byteLength } = frame.data;
  return new Int16Array(buffer, byteOffset, byteLength >> 1);
}

/** The numbers of a 32-bit float frame, without a copy. */
export function floats(frame: Frame): Float32Array {
  const { buffer, byteOffset, byteLength } = frame.data;
  return new Float32Array(buffer, byteOffset, byteLength >> 2);
}

const header = native.header;
const time = (slot: number): Ns | undefined => (slot >= 0 ? slot : undefined);

class InFrame implements Frame {
  data: Uint8Array;
  pts: Ns | undefined;
  dts: Ns | undefined;
  duration: Ns | undefined;
  offset: number | undefined;
  gap: boolean;
  discont: boolean;
  header: boolean;
  delta: boolean;
  droppable: boolean;
  stale: boolean;
  metas: Record<string, Fields> | undefined;
  readonly #layout: Float64Array | undefined;

  constructor(array: ArrayBuffer, metas: Record<string, Fields> | undefined, slots: ArrayLike<number>) {
    this.data = new Uint8Array(array);
    this.pts = time(slots[Slot.pts] as number);
    this.dts = time(slots[Slot.dts] as number);
    this.duration = time(slots[Slot.duration] as number);
    this.offset = time(slots[Slot.offset] as number);
    const flags = slots[Slot.flags] as number;
    this.gap = (flags & Flag.gap) !== 0;
    this.discont = (flags & Flag.discont) !== 0;
    this.header = (flags & Flag.header) !== 0;
    this.delta = (flags & Flag.delta) !== 0;
    this.droppable = (flags & Flag.droppable) !== 0;
    this.stale = (flags & Flag.stale) !== 0;
    this.metas = metas;
    const planes = slots[Slot.planes] as number;
    // The array is shared with the next frame, so what is needed later is copied.
    if (planes > 0) {
      this.#layout = Float64Array.from({ length: planes * 4 }, (_, i) => slots[Slot.plane + i] as number);
    }
  }

  get planes(): Plane[] | undefined {
    const layout = this.#layout;
    if (layout === undefined) return undefined;
    const planes: Plane[] = [];
    for (let i = 0; i < layout.length; i += 4) {
      const [offset, stride, width, height] = layout.subarray(i, i + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      const next = layout[i + 4];
      const end = next !== undefined && next > offset ? next : this.data.length;
      planes.push({ data: this.data.subarray(offset, end), stride, width, height });
    }
    return planes;
  }
}

/** The frame whose numbers stand in the shared array right now (or in `slots`). */
export function readFrame(
  array: ArrayBuffer,
  metas: Record<string, Fields> | undefined,
  slots: ArrayLike<number> = header,
): Frame {
  return new InFrame(array, metas, slots);
}

/** Throws for a meta that could not be registered: its name becomes the name of a GType. */
export function checkMetas(metas: Frame['metas']): void {
  for (const name in metas) {
    if (/^[A-Za-z][\w+-]{2,}$/.test(name)) continue;
    throw new TypeError(
      `Expected a meta name of three or more letters, digits and _+- but received ${JSON.stringify(name)}`,
    );
  }
}

/** Writes a frame's numbers to the shared array and returns its bytes, ready for C++. */
export function writeFrame(frame: TimedFrame): Uint8Array {
  const { data } = frame;
  if (!ArrayBuffer.isView(data)) {
    throw new TypeError(`Expected a Uint8Array for data but received ${String(data)} of type ${typeof data}`);
  }
  if (data.byteLength === 0 && frame.gap !== true) {
    throw new TypeError(
      'Expected a frame with data, or a gap, but received an empty one (a frame that was handed over has no data any more)',
    );
  }
  const flags =
    (frame.gap ? Flag.gap : 0) |
    (frame.discont ? Flag.discont : 0) |
    (frame.header ? Flag.header : 0) |
    (frame.delta ? Flag.delta : 0) |
    (frame.droppable ? Flag.droppable : 0);
  header[Slot.out + Slot.pts] = frame.pts ?? -1;
  header[Slot.out + Slot.dts] = frame.dts ?? -1;
  header[Slot.out + Slot.duration] = frame.duration ?? -1;
  header[Slot.out + Slot.offset] = frame.offset ?? -1;
  header[Slot.out + Slot.flags] = flags;
  header[Slot.out + Slot.at] = frame.at ?? -1;
  return data instanceof Uint8Array && data.constructor === Uint8Array
    ? data
    : new Uint8Array(
        (data as Uint8Array).buffer,
        (data as Uint8Array).byteOffset,
        (data as Uint8Array).byteLength,
      );
}
