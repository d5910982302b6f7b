/**
 * Checkpoints that mean harm: each is refused with its cause named, and nothing happens.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Weights } from '../../src/checkpoint/weights.js';
import { TalkError } from '../../src/element/error.js';
import { torchArchive } from './support/archive.js';
import { attacks } from './support/attacks.js';
import {
  dict,
  global,
  list,
  long,
  pickle,
  SIX,
  storage,
  tensor,
  text,
  tuple,
  u32,
  u64,
} from './support/pickles.js';

const folder = t.testdir();
let files = 0;

/** Opens what these bytes are as a file. */
async function open(bytes: Uint8Array): Promise<Weights> {
  const file = join(folder, `${files++}.pth`);
  writeFileSync(file, bytes);
  return Weights.open(file);
}

async function refuses(t: Test, bytes: Uint8Array, message: RegExp, code = 'stream/format'): Promise<void> {
  const error = await open(bytes).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  t.ok(error instanceof TalkError, `${message} is a TalkError`);
  t.match(error, { code, message });
}

t.test('what a pickle calls for is named and not called', async (t) => {
  const touched = join(folder, 'touched');
  for (const [name, { calls, bytes }] of Object.entries(attacks(`touch ${touched}`))) {
    await t.test(name, async (t) => {
      const message = new RegExp(`is refused: it calls for ${calls.replaceAll('.', '\\.')},`);
      await refuses(t, torchArchive(bytes, { 0: SIX }), message, 'stream/wrong-type');
    });
  }
  t.notOk(existsSync(touched), 'nothing ran');
});

t.test('a good checkpoint made by hand opens, so that the bad ones fail for their own reason', async (t) => {
  const weights = await open(torchArchive(pickle(dict({ weight: tensor() })), { 0: SIX }));
  t.teardown(() => weights.close());
  t.same(await weights.floats('weight'), Float32Array.from([0, 1, 2, 3, 4, 5]));
});

t.test('steps, offsets and views are followed', async (t) => {
  const turned = tensor({ shape: [3, 2], stride: [1, 3] });
  const tail = tensor({ shape: [2], stride: [2], offset: 3 });
  const scalar = tensor({ shape: [], stride: [], offset: 5 });
  const none = tensor({ shape: [0, 4], stride: [4, 1] });
  const weights = await open(torchArchive(pickle(dict({ turned, tail, scalar, none })), { 0: SIX }));
  t.teardown(() => weights.close());
  t.same(await weights.floats('turned'), Float32Array.from([0, 3, 1, 4, 2, 5]));
  t.same(await weights.floats('tail'), Float32Array.from([3, 5]));
  t.same(await weights.floats('scalar'), Float32Array.from([5]));
  t.equal((await weights.floats('none')).length, 0);
});

t.test('tensors that reach out of their numbers', async (t) => {
  const cases: [Parameters<typeof tensor>[0], RegExp][] = [
    [{ shape: [2n ** 40n, 2n ** 20n] }, /more than 536870912 numbers/],
    [{ shape: [2 ** 16, 2 ** 16] }, /more than 536870912 numbers/],
    [{ shape: [3, 3] }, /does not fit its 6 numbers/],
    [{ shape: [100_000], stride: [0] }, /does not fit its 6 numbers/],
    [{ offset: -1 }, /offset -1/],
    [{ offset: 1 }, /does not fit/],
    [{ stride: [-3, 1] }, /steps \[-3,1\]/],
    [{ shape: [-2, -3] }, /shape \[-2,-3\]/],
    [{ stride: [2 ** 52, 1] }, /does not fit/],
    [{ stride: [1] }, /2 dimensions/],
    [{ shape: new Array(64).fill(1), stride: new Array(64).fill(1) }, /64 dimensions/],
    [{ from: storage('0', 2n ** 60n) }, /a size that is no integer/],
    [{ from: storage('0', 600) }, /should hold 600 numbers of 4 bytes and has 24 bytes/],
    [{ from: storage('0', 6, 'DoubleStorage') }, /should hold 6 numbers of 8 bytes/],
    [{ from: storage('../0', 6) }, /names net\/data\/\.\.\/0 but does not hold it/],
    [{ from: 'K\x06' }, /a storage is expected/],
  ];
  for (const [given, message] of cases) {
    await refuses(t, torchArchive(pickle(dict({ weight: tensor(given) })), { 0: SIX }), message);
  }
});

t.test('persistent ids that are no storages, and ids in ids', async (t) => {
  const nested = tuple(text('storage'), storage('0', 6), text('0'), text('cpu'), 'K\x06');
  const cases: [string, RegExp][] = [
    [`${text('0')}Q`, /a persistent id that is no storage/],
    [`${storage('0', 6)}Q`, /a persistent id that is no storage/],
    [`${nested}Q`, /the block 0 has no type of storage/],
    ['Pstorage\n', /a persistent id that is no storage/],
    [`${global('torch', 'FloatStorage')})R`, /it calls torch\.FloatStorage/],
    [tuple(storage('0', 6), storage('0', 3, 'DoubleStorage')), /said to be float32 and float64/],
    [
      `${tuple(text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), 'K\x06', tuple(text('1'), 'K\x04', 'K\x03'))}Q`,
      /a view that it does not contain/,
    ],
  ];
  for (const [opcodes, message] of cases) {
    await refuses(t, torchArchive(pickle(opcodes), { 0: SIX }), message);
  }
});

t.test('bombs stay small', async (t) => {
  const laughs = `${list('N')}q\x00${Array.from({ length: 60 }, (_, i) => {
    const recall = `h${String.fromCharCode(i)}`;
    return `](${recall.repeat(10)}eq${String.fromCharCode(i + 1)}`;
  }).join('')}`;
  const before = process.memoryUsage().rss;
  const cases: [string, RegExp][] = [
    [laughs, /it holds a list, not weights/],
    // All sixty lists become keys and values.
    [dict({ state_dict: laughs }), /no weights: its keys are state_dict/],
    // Lists and dictionaries that hold themselves.
    [']q\x00h\x00a', /it holds a list/],
    [`}q\x00${text('state_dict')}h\x00s`, /no weights: its keys are state_dict/],
    ['('.repeat(2_000_000), /more than 1000000 values wait/],
    ['N'.repeat(2_000_000), /more than 1000000 values wait/],
    ['N0'.repeat(3_000_000), /more than 4000000 steps/],
    [`\x8b${u32(0x7fffffff)}`, /an integer of 2147483647 bytes/],
    [`L${'9'.repeat(5000)}L\n`, /a line without an end/],
    [`L${'9'.repeat(400)}L\n`, /is no integer/],
    [`X${u32(0xffffffff)}abc`, /cut off/],
    [`\x8d${u64(2n ** 63n)}abc`, /a length of 9223372036854775808 bytes/],
    [`\x8e${u64(2n ** 40n)}abc`, /cut off/],
    [`B${u32(0xfffffff0)}abc`, /cut off/],
    ['r\xff\xff\xff\xff', /a value is looked at where none is/],
    ['p-1\n', /it remembers under "-1"/],
    ['h\x09', /it recalls 9, which it has not remembered/],
  ];
  for (const [opcodes, message] of cases) await refuses(t, torchArchive(pickle(opcodes)), message);
  t.ok(process.memoryUsage().rss - before < 400e6, 'memory stays in bounds');
});

t.test('pickles that are wrong in other ways', async (t) => {
  const ordered = global('collections', 'OrderedDict');
  const cases: [string, RegExp][] = [
    ['\xff', /byte 2 is 0xff, which is no opcode/],
    ['', /a value is taken where none is/],
    ['t', /a mark is taken where none is/],
    ['NR', /a value is taken where none is/],
    ['N)R', /it calls what is no constructor/],
    [`${ordered}NR`, /is called without a tuple/],
    [`${ordered}(K\x01tR`, /an OrderedDict of what is no list/],
    [`${ordered}(](K\x01etR`, /an OrderedDict of what are no pairs/],
    [`${ordered})}${text('a')}Ns\x92`, /a call with named arguments/],
    [`${tensor()}}b`, /it gives state to a tensor/],
    [`${ordered})R(NNtb`, /it gives state to what has no state/],
    ['(NNNd', /a key without a value/],
    ['NNa', /it appends to what is no list/],
    ['N(NNu', /it sets items of what is no dictionary/],
    ['N(N\x90', /it adds to what is no set/],
    ['\x82\x01', /the extension registry/],
    ['\x97', /buffers that are not in it/],
    ["S'a\n", /a text without quotes/],
    ['Iabc\n', /is no integer/],
    ['Fabc\n', /is no number/],
    ['N\x8c\x01a\x93', /a name that is no text/],
    [`c${'m'.repeat(5000)}\nx\n`, /a line without an end/],
    [long(7), /it holds a number, not weights by name/],
    [tensor(), /it holds a tensor, not weights by name/],
    ['}', /it holds no weights: its keys are none/],
    [dict({ weight: tensor(), 'module.weight': tensor() }), /it holds weight twice/],
  ];
  for (const [opcodes, message] of cases) {
    await refuses(t, torchArchive(pickle(opcodes), { 0: SIX }), message);
  }
});

t.test('every value a training script saves beside its weights is read', async (t) => {
  const beside = [
    'N',
    '\x88',
    '\x89',
    'I01\n',
    'I-7\n',
    'L12L\n',
    'J\xff\xff\xff\xff',
    'K\x01',
    'M\x01\x02',
    long(-1),
    '\x8a\x00',
    'F1.5\n',
    'G\x3f\xf8\x00\x00\x00\x00\x00\x00',
    "S'a'\n",
    'U\x01a',
    'T\x01\x00\x00\x00a',
    'Va\n',
    '\x8c\x01a',
    'C\x01a',
    'B\x01\x00\x00\x00a',
    ')',
    '(NN0t',
    'N\x85',
    'NN\x86',
    'NNN\x87',
    ']Na',
    '(Nl',
    '(NNd',
    '\x8f(N\x90',
    '(N\x91',
    'N2\x86',
    `${global('collections', 'Counter')}}\x85R`,
    `${global('torch', 'Size')}(K\x02t\x85R`,
  ];
  const pairs = beside.map((value, i) => `${text(`k${i}`)}${value}`).join('');
  const weights = await open(
    torchArchive(pickle('}(', pairs, text('state_dict'), dict({ 'module.a.weight': tensor() }), 'u'), {
      0: SIX,
    }),
  );
  t.teardown(() => weights.close());
  t.same([...weights.tensors.keys()], ['a.weight']);
});
