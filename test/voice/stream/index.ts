import t from 'tap';
import { TalkError } from '../../../src/element/error.js';
import { decodeStream, type StreamOptions } from '../../../src/voice/stream/index.js';
import { bytesOf, murmur } from '../../fakes/service.js';
import { encode } from '../../support/encoded.js';
import fc from '../../support/fastcheck.js';

const never = new AbortController().signal;

async function* inParts(bytes: Uint8Array, size: number, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  if (failure !== undefined) throw failure;
}

async function decode(
  bytes: Uint8Array,
  { size = 1001, ...options }: Partial<StreamOptions> & { size?: number } = {},
): Promise<{ samples: Int16Array; rates: number[] }> {
  const parts: Int16Array[] = [];
  const rates = new Set<number>();
  for await (const { samples, rate } of decodeStream(inParts(bytes, size), { signal: never, ...options })) {
    parts.push(samples);
    rates.add(rate);
  }
  return { samples: Int16Array.from(parts.flatMap((part) => [...part])), rates: [...rates] };
}

/** A WAV header in front of bytes. */
function wav(
  data: Uint8Array,
  { code = 1, bits = 16, channels = 1, rate = 8800, size = data.length, before = Buffer.alloc(0) } = {},
): Buffer {
  const head = Buffer.alloc(36);
  head.write('RIFF', 0);
  head.writeUInt32LE(0xffffffff, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(code, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE((rate * channels * bits) / 8, 28);
  head.writeUInt16LE((channels * bits) / 8, 32);
  head.writeUInt16LE(bits, 34);
  const tail = Buffer.alloc(8);
  tail.write('data', 0);
  tail.writeUInt32LE(size, 4);
  return Buffer.concat([head, before, tail, data]);
}

const speech = murmur('seventeen letters', 24000);

t.test('bare samples come out as they went in, however they were cut, half a one dropped', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 99 }),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      async (values, size, half) => {
        const bytes = Buffer.concat([bytesOf(Int16Array.from(values)), Buffer.alloc(half ? 1 : 0)]);
        const { samples } = await decode(bytes, { size, pcm: { encoding: 's16', rate: 8800, channels: 1 } });
        t.same([...samples], values);
      },
    ),
    { numRuns: 50 },
  );
});

t.test('WAV: any size in its header that means "unknown", and one that is meant', async (t) => {
  const data = bytesOf(speech);
  for (const size of [0, 0xffffffff, 0x7fffffff, 0x7fff0024, data.length]) {
    for (const part of [1000, 7]) {
      const { samples, rates } = await decode(wav(data, { size, rate: 24000 }), { size: part });
      t.same(rates, [24000]);
      t.ok(bytesOf(samples).equals(data), `${size} in parts of ${part}`);
    }
  }
  const titled = Buffer.concat([wav(data), Buffer.from('LIST\x04\0\0\0INFO')]);
  t.equal((await decode(titled)).samples.length, speech.length, 'what follows is no sound');
  const list = Buffer.from('LIST\x05\0\0\0INFO!\0', 'latin1');
  t.equal((await decode(wav(data, { before: list }))).samples.length, speech.length, 'nor what comes before');
});

t.test('WAV: other encodings, and channels', async (t) => {
  const two = Buffer.alloc(8);
  two.writeInt16LE(1000, 0);
  two.writeInt16LE(3000, 2);
  two.writeInt16LE(-5, 4);
  two.writeInt16LE(-7, 6);
  t.same([...(await decode(wav(two, { channels: 2 }))).samples], [2000, -6]);
  const floats = Buffer.alloc(12);
  for (const [n, value] of [0.5, -2, Number.NaN].entries()) floats.writeFloatLE(value, 4 * n);
  t.same([...(await decode(wav(floats, { code: 3, bits: 32 }))).samples], [16384, -32768, 0]);
  t.same(
    [...(await decode(wav(Buffer.from([0, 0, 0x40, 0xff, 0xff, 0xff]), { bits: 24 }))).samples],
    [16384, 0],
  );
  t.same([...(await decode(wav(Buffer.from([128, 0, 255]), { bits: 8 }))).samples], [0, -32768, 32512]);
  // G.711: the quietest and the loudest of each law.
  t.same(
    [...(await decode(wav(Buffer.from([0xff, 0x80, 0x00]), { code: 7, bits: 8 }))).samples],
    [0, 32124, -32124],
  );
  t.same(
    [...(await decode(wav(Buffer.from([0xd5, 0xaa, 0x2a]), { code: 6, bits: 8 }))).samples],
    [8, 32256, -32256],
  );
});

t.test('WAV: says what is wrong', async (t) => {
  const data = bytesOf(speech);
  await t.rejects(decode(wav(data, { size: data.length + 2 })), {
    code: 'resource/unreachable',
    retryable: true,
  });
  await t.rejects(decode(wav(data, { code: 85 })), { code: 'stream/decode', message: /code 85/ });
  await t.rejects(decode(wav(data, { rate: 3 })), { code: 'stream/format', message: /3 Hz/ });
  await t.rejects(decode(Buffer.from('RIFF1234AVI LIST')), { code: 'stream/format' });
  await t.rejects(decode(wav(data).subarray(0, 38)), {
    code: 'stream/format',
    message: /ends before its sound/,
  });
});

/** Correlation of what was decoded with what went in, `shift` samples later. */
function alike(a: Int16Array, b: Int16Array, shift = 0): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n + shift < Math.min(a.length, b.length + shift); n++) {
    const [x, y] = [a[n + shift]!, b[n]!];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

t.test('Ogg: Opus and Vorbis give as many samples as went in, in place', async (t) => {
  for (const [line, rate] of [
    ['opusenc frame-size=20 ! oggmux', 24000],
    ['vorbisenc ! oggmux', 32000],
    ['flacenc ! oggmux', 22050],
  ] as const) {
    const made = murmur('a sentence of some length', rate);
    const { samples, rates } = await decode(await encode(made, rate, line));
    t.same(rates, [rate], line);
    t.equal(samples.length, made.length, line);
    t.ok(alike(samples, made) > 0.95, `${line}: ${alike(samples, made).toFixed(3)}`);
  }
});

t.test('Ogg: files sent back to back are one speech', async (t) => {
  const made = ['The first,', 'the second', 'and a last one.'].map((text) => murmur(text, 32000));
  const files = await Promise.all(made.map((one) => encode(one, 32000, 'vorbisenc ! oggmux')));
  const { samples } = await decode(Buffer.concat(files), { size: 333 });
  t.equal(
    samples.length,
    made.reduce((sum, one) => sum + one.length, 0),
  );
  t.ok(alike(samples, Int16Array.from(made.flatMap((one) => [...one]))) > 0.95);
});

const MP3 = 'lamemp3enc target=bitrate bitrate=64 cbr=true mono=true';

t.test('MP3: without an info frame all that the decoder makes is kept, as mpg123 does', async (t) => {
  const made = murmur('a sentence of some length', 24000);
  const { samples, rates } = await decode(await encode(made, 24000, MP3));
  t.same(rates, [24000]);
  t.equal(samples.length % 576, 0, 'whole frames');
  const shift = samples.length - made.length;
  t.ok(shift >= 576 + 529 && shift < 3 * 576, `${shift} samples of padding`);
  t.ok(alike(samples, made, 576 + 529) > 0.95, "behind LAME's 576 and the decoder's 529");
});

t.test(
  'MP3: what an info frame tells is cut off to the sample, and the frame itself is not heard',
  async (t) => {
    const made = murmur('a sentence of some length', 24000);
    const bare = await encode(made, 24000, MP3);
    const whole = (await decode(bare)).samples.length;
    const delay = 576;
    const padding = whole - made.length - delay;
    const frame = Buffer.from(bare.subarray(0, 192)).fill(0, 4);
    frame.write('Info', 4 + 9);
    frame.writeUInt32BE(0, 4 + 9 + 4);
    frame.write('LAME3.100', 4 + 9 + 8);
    frame.writeUIntBE((delay << 12) | padding, 4 + 9 + 8 + 21, 3);
    const id3 = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x01\x02', 'latin1'), Buffer.alloc(130)]);
    for (const file of [Buffer.concat([frame, bare]), Buffer.concat([id3, frame, bare])]) {
      const { samples } = await decode(file, { size: 100 });
      t.equal(samples.length, made.length);
      t.ok(alike(samples, made) > 0.95);
    }
  },
);

t.test('FLAC comes out bit for bit', async (t) => {
  const { samples } = await decode(await encode(speech, 24000, 'flacenc'));
  t.ok(bytesOf(samples).equals(bytesOf(speech)));
});

t.test('the first samples come before the last bytes', async (t) => {
  const bytes = await encode(murmur('x'.repeat(200), 24000), 24000, 'opusenc ! oggmux');
  let sent = 0;
  let heard = (): void => undefined;
  const first = new Promise<void>((resolve) => {
    heard = resolve;
  });
  async function* slowly(): AsyncGenerator<Uint8Array> {
    for (; sent < bytes.length; sent += 2000) {
      if (sent >= bytes.length / 2) await first;
      yield bytes.subarray(sent, sent + 2000);
    }
  }
  for await (const { samples } of decodeStream(slowly(), { signal: never })) if (samples.length > 0) heard();
  t.ok(sent >= bytes.length);
});

t.test(
  'a stream that breaks off gives what it had, then its error; none has no sound; another is refused',
  async (t) => {
    const bytes = await encode(murmur('x'.repeat(200), 24000), 24000, 'opusenc ! oggmux');
    const failure = new TalkError('resource/unreachable', 'Torn.');
    let count = 0;
    const half = inParts(bytes.subarray(0, bytes.length >> 1), 999, failure);
    await t.rejects(
      (async () => {
        for await (const { samples } of decodeStream(half, { signal: never })) count += samples.length;
      })(),
      failure,
    );
    t.ok(count > 0);
    t.equal((await decode(new Uint8Array(0))).samples.length, 0);
    await t.rejects(decode(Buffer.from('{"error": 1}')), { code: 'stream/wrong-type' });
    await t.rejects(decode(Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(500, 7)])), {
      code: 'stream/decode',
    });
  },
);

t.test('an abort ends it while the service is silent', async (t) => {
  const bytes = await encode(murmur('x'.repeat(200), 24000), 24000, 'opusenc ! oggmux');
  const control = new AbortController();
  async function* stalling(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, bytes.length - 100);
    await new Promise((resolve) => control.signal.addEventListener('abort', resolve));
  }
  let count = 0;
  for await (const { samples } of decodeStream(stalling(), { signal: control.signal })) {
    count += samples.length;
    setImmediate(() => control.abort());
  }
  t.ok(count > 0);
});
