/** What a fake speech service is to the suite that asks voices questions: it speaks the true protocol, and fails on demand. */

/** A way to fail. `401` … `503`: that status. What a fake cannot do it leaves out of its `faults`. */
export type Fault =
  | '401'
  | '403'
  | '404'
  | '429'
  | '503'
  /** The connection is torn before the answer. */
  | 'reset'
  /** Nothing is answered. */
  | 'silent'
  /** Half of the sound comes, then nothing more. */
  | 'stall'
  /** Half of the sound comes, then the connection is torn. */
  | 'torn'
  /** A page comes instead of sound, as from a proxy that asks for a login. */
  | 'page'
  /** One byte too many at the end. */
  | 'half';

/** A fake that runs. */
export interface FakeService {
  /** Variables that lead the engine here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Keys that may stand in no error; the fake repeats them in its refusals, as careless services do. */
  readonly secrets: readonly string[];
  /** Samples per second it speaks at. */
  readonly rate: number;
  /** Its samples arrive as they were made, bit for bit. */
  readonly lossless: boolean;
  readonly faults: ReadonlySet<Fault>;
  /** What it was asked to say, in order. */
  readonly said: string[];
  /** How often it was asked to say something, failures included. */
  readonly calls: number;
  /** Requests and connections in the middle of something. */
  readonly busy: number;
  /** Connections there are, idle ones included. */
  readonly connections: number;
  /** What it says for a text. */
  sound(text: string): Int16Array;
  /** Fails so the next `times` times it is asked (default: from now on). */
  fail(fault: Fault, times?: number): void;
  /** Fails no more. */
  heal(): void;
  /** Resolves when a client goes away in the middle of an answer. */
  hungUp(): Promise<void>;
  /** Ends. A client that comes now is refused by the machine. */
  close(): Promise<void>;
}

/** Default export of `fake-*.ts`. */
export interface Fake {
  /** The engine it is for. */
  readonly engine: string;
  open(): Promise<FakeService>;
}

/** Speech of a fake: 25 ms and 7 samples for each character, never the same twice in a row. */
export function murmur(text: string, rate: number): Int16Array {
  const samples = new Int16Array([...text].length * (Math.round(rate / 40) + 7));
  const pitch = 110 + (text.length % 17) * 10;
  for (let n = 0; n < samples.length; n++) {
    samples[n] = Math.round(9000 * Math.sin((2 * Math.PI * pitch * n) / rate) + ((n * 7919) % 601) - 300);
  }
  return samples;
}

/** Samples as bytes. */
export function bytesOf(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** A WAV file of 16-bit mono samples; `size` as a service writes that does not know it. */
export function wav(data: Uint8Array, rate: number, size = data.length): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE((size + 36) >>> 0, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(size, 40);
  return Buffer.concat([head, data]);
}
