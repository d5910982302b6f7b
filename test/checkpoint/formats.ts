/**
 * Files that are cut off, damaged, lie about their sizes, or are something else.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Weights } from '../../src/checkpoint/weights.js';
import { TalkError } from '../../src/element/error.js';
import { PACKAGE } from '../../src/graph/find.js';
import fc from '../support/fastcheck.js';
import { archive, torchArchive } from './support/archive.js';
import { dict, list, pickle, SIX, storage, tensor, text } from './support/pickles.js';

const fixtures = join(PACKAGE, 'test', 'fixtures', 'checkpoint');
const names = readdirSync(fixtures).filter((name) => !/\.(json|onnx|onnx\.gz)$/.test(name));
const folder = t.testdir();
const good = pickle(dict({ weight: tensor() }));
let files = 0;

async function open(bytes: Uint8Array): Promise<Weights> {
  const file = join(folder, `${files++}.pth`);
  writeFileSync(file, bytes);
  return Weights.open(file);
}

/** Opens and reads everything; what is wrong must be said in a TalkError. */
async function readAll(bytes: Uint8Array): Promise<TalkError | undefined> {
  let weights: Weights | undefined;
  try {
    weights = await open(bytes);
    for (const name of weights.tensors.keys()) await weights.floats(name);
    return undefined;
  } catch (error) {
    if (error instanceof TalkError) return error;
    throw error;
  } finally {
    await weights?.close();
  }
}

async function refuses(t: Test, bytes: Uint8Array, message: RegExp): Promise<void> {
  t.match(await readAll(bytes), { code: 'stream/format', message });
}

for (const name of names) {
  t.test(`${name}, cut off anywhere`, async (t) => {
    const whole = readFileSync(join(fixtures, name));
    t.equal(await readAll(whole), undefined, 'is fine as a whole');
    const cuts = [
      0,
      1,
      2,
      3,
      8,
      15,
      16,
      30,
      100,
      1000,
      ...[1, 2, 3, 5, 7, 9].map((n) => Math.floor((whole.length * n) / 10)),
    ];
    for (const length of [...cuts, ...[100, 57, 22, 21, 4, 1].map((n) => whole.length - n)]) {
      const error = await readAll(whole.subarray(0, length));
      t.match(
        error,
        { code: 'stream/format', details: { path: /\.pth$/ } },
        `after ${length} of ${whole.length}`,
      );
    }
  });
}

t.test('archives that lie', async (t) => {
  const with0 = (more: object) => torchArchive(good, { 0: { data: SIX, ...more } });
  t.equal(await readAll(with0({})), undefined);
  t.equal(await readAll(with0({ wide: true })), undefined, 'the extra field of large files is read');
  await refuses(t, with0({ method: 8 }), /net\/data\/0 is compressed \(method 8\)/);
  await refuses(t, with0({ flags: 1 }), /net\/data\/0 is encrypted/);
  await refuses(t, with0({ size: 1000 }), /net\/data\/0 is stored in two sizes/);
  await refuses(t, with0({ size: 1000, packed: 1000 }), /cut off or damaged: net\/data\/0 would be bytes/);
  await refuses(t, with0({ size: 2 ** 50, packed: 2 ** 50, wide: true }), /cut off or damaged/);
  await refuses(t, with0({ size: 2n ** 63n, packed: 2n ** 63n, wide: true }), /cut off or damaged/);
  await refuses(t, with0({ size: 8, packed: 8 }), /should hold 6 numbers of 4 bytes and has 8 bytes/);
  await refuses(t, with0({ local: 1 }), /the header of net\/data\/0 is damaged/);
  await refuses(t, with0({ local: 2 ** 31 }), /cut off or damaged/);
  await refuses(t, archive({ 'net/data.pkl': { data: good, method: 8 } }), /net\/data\.pkl is compressed/);
  await refuses(t, archive({ 'a/b.txt': good }), /holds no data\.pkl/);
  await refuses(t, archive({}), /holds no data\.pkl/);
  await refuses(
    t,
    archive({ 'net/data.pkl': good, 'net/constants.pkl': good }),
    /this is a TorchScript program/,
  );
  await refuses(t, archive({ 'net/data.pkl': good, 'net/byteorder': Buffer.from('big') }), /big-endian/);
  await refuses(
    t,
    archive({ 'net/data.pkl': good, 'net/data.pkl\0again': good }),
    /two entries net\/data\.pkl/,
  );
  const entries = { 'net/data.pkl': good };
  await refuses(t, archive(entries, { entries: 3 }), /the directory of the archive is damaged at entry 1/);
  await refuses(t, archive(entries, { entries: 65_535, bytes: 2 ** 31 }), /says it has 65535 entries/);
  await refuses(t, archive(entries, { at: 2 ** 31 }), /cut off or damaged/);
  await refuses(t, archive(entries, { at: 3 }), /directory of the archive is damaged at entry 0/);
});

t.test('a pickle of a gigabyte is refused before it is read', async (t) => {
  const size = 2 ** 30;
  await refuses(
    t,
    archive({ 'net/data.pkl': { data: good, size, packed: size } }),
    /its pickle has 1073741824 bytes/,
  );
});

/** The older format around these pickles. */
function legacy(parts: {
  protocol?: Buffer;
  machine?: Buffer;
  object?: Buffer;
  keys?: Buffer;
  blocks?: Buffer[];
}) {
  const magic = Buffer.from('\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.', 'latin1');
  const count = Buffer.from('\x06\0\0\0\0\0\0\0', 'latin1');
  const {
    protocol = pickle('M\xe9\x03'),
    machine = pickle(dict({ little_endian: '\x88' })),
    object = good,
    keys = pickle(list(text('0'))),
    blocks = [count, Buffer.from(SIX)],
  } = parts;
  return Buffer.concat([magic, protocol, machine, object, keys, ...blocks]);
}

t.test('the older format, by hand and with lies', async (t) => {
  t.equal(await readAll(legacy({})), undefined);
  const count = (n: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(n);
    return bytes;
  };
  await refuses(t, legacy({ protocol: pickle('K\x07') }), /its protocol is 7, known is 1001/);
  await refuses(t, legacy({ machine: pickle(dict({ little_endian: '\x89' })) }), /big-endian/);
  await refuses(t, legacy({ keys: pickle('N') }), /no list of blocks/);
  await refuses(t, legacy({ keys: pickle(']') }), /the block 0 is not in its list/);
  await refuses(t, legacy({ keys: pickle(list(text('1'))) }), /names one that its tensors do not/);
  await refuses(t, legacy({ keys: pickle(list(text('0'), text('0'))) }), /names one that its tensors do not/);
  await refuses(
    t,
    legacy({ blocks: [count(2n ** 40n), Buffer.from(SIX)] }),
    /cut off or damaged: the block 0/,
  );
  await refuses(t, legacy({ blocks: [count(-1n), Buffer.from(SIX)] }), /cut off or damaged: the block 0/);
  await refuses(
    t,
    legacy({ blocks: [count(3n), Buffer.from(SIX)] }),
    /weight of the shape \[2,3\] from 0 does not fit its 3/,
  );
  await refuses(t, legacy({ blocks: [count(6n), Buffer.from(SIX).subarray(4)] }), /cut off or damaged/);
  const huge = tensor({ from: storage('0', 2n ** 52n), shape: [2 ** 20, 2 ** 8], stride: [2 ** 8, 1] });
  await refuses(t, legacy({ object: pickle(dict({ weight: huge })) }), /does not fit its 6 numbers/);
});

/** Six floats. */
const WEIGHT = { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] };

/** safetensors of this header. */
function safetensors(header: unknown, data = SIX, length?: number): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length ?? json.length));
  return Buffer.concat([size, json, data]);
}

t.test('safetensors, by hand and with lies', async (t) => {
  const weight = WEIGHT;
  t.equal(await readAll(safetensors({ __metadata__: { format: 'pt' }, weight })), undefined);
  const wrong = (more: object) => safetensors({ weight: { ...weight, ...more } });
  await refuses(t, wrong({ shape: [3, 3] }), /weight is \[3,3\] and takes 36 bytes, not 24/);
  await refuses(t, wrong({ shape: [2 ** 20, 2 ** 20] }), /takes 4398046511104 bytes, not 24/);
  await refuses(t, wrong({ data_offsets: [24, 48] }), /cut off or damaged: weight/);
  await refuses(t, wrong({ data_offsets: [24, 0] }), /takes 24 bytes, not -24/);
  await refuses(t, wrong({ data_offsets: [-24, 0] }), /describes weight wrongly/);
  await refuses(t, wrong({ shape: [1.5, 4] }), /describes weight wrongly/);
  await refuses(t, wrong({ dtype: 'F8_E4M3' }), /made of F8_E4M3/);
  await refuses(t, wrong({ dtype: 'toString' }), /made of toString/);
  await refuses(t, safetensors('{"weight": '), /its header is no JSON/);
  await refuses(t, safetensors({ weight }, SIX, 1000), /cut off or damaged: the header/);
  await refuses(t, safetensors({ weight }, SIX, 2 ** 40), /this is no checkpoint/);
});

t.test('what is no checkpoint is told as what it is', async (t) => {
  const cases: [string, RegExp][] = [
    ['', /the file is empty/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00\n', /the pointer of Git LFS/],
    ['<!DOCTYPE html><html><body>Sign in</body></html>', /a web page/],
    ['\x1f\x8b\x08\0\0\0\0\0', /packed with gzip/],
    ['\x80\x04\x95\0\0\0\0\0\0\0\0N.', /a pickle, but not one that torch wrote/],
    ['hello, this is a text', /neither a torch archive/],
  ];
  for (const [content, message] of cases) await refuses(t, Buffer.from(content, 'latin1'), message);
  await t.rejects(Weights.open(join(folder, 'none.pth')), { code: 'resource/not-found' });
  await t.rejects(Weights.open(folder), { code: 'resource/read', message: /is no file/ });
});

t.test('with any bytes changed, a file is read or refused', async (t) => {
  const whole = {
    zip: torchArchive(good, { 0: SIX }),
    legacy: legacy({}),
    safetensors: safetensors({ weight: WEIGHT }),
  };
  for (const [name, file] of Object.entries(whole)) {
    const change = fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }));
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Uint8Array.from(file);
        for (const [at, by] of changes) bytes[at] = (bytes[at]! + by) % 256;
        if ((await readAll(bytes)) !== undefined) refused++;
      }),
      { numRuns: 120 },
    );
    t.ok(refused > 12, `${name}: ${refused} of 120 are refused`);
  }
});
