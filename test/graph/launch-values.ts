import t from 'tap';
import TtsSrc from '../../elements/ttssrc.js';
import { register } from '../../src/element/index.js';
import { integerAsRead } from '../../src/graph/launch-values.js';
import { Pipeline } from '../../src/graph/pipeline.js';

register(TtsSrc);

/** Launches a line and closes it again; the sentence of what was thrown. */
async function refusal(line: string): Promise<string | undefined> {
  let pipeline: Pipeline;
  try {
    pipeline = Pipeline.launch(line);
  } catch (error) {
    t.match(error, { code: 'resource/settings' }, line);
    return (error as Error).message;
  }
  await pipeline.close();
  return undefined;
}

t.test(
  'a value out of its range is refused and told the range, of our elements and of stock ones',
  async (t) => {
    const rows: [string, string][] = [
      ['ttssrc rate=5', '"rate" of ttssrc must be from 8000 to 48000, not 5'],
      ['ttssrc rate=99999999999', '"rate" of ttssrc must be from 8000 to 48000, not 99999999999'],
      ['ttssrc max-queue=0x0', '"max-queue" of ttssrc must be from 1 to 10000, not 0x0'],
      ['ttssrc max_queue=-2', '"max-queue" of ttssrc must be from 1 to 10000, not -2'],
      ['ttssrc marks=99', '"marks" of ttssrc must be one of sentence, word, phoneme, not 99'],
      ['videotestsrc num-buffers=-5', '"num-buffers" of videotestsrc must be from -1 to 2147483647, not -5'],
      ['audiotestsrc volume=1.5', '"volume" of audiotestsrc must be from 0 to 1, not 1.5'],
    ];
    for (const [element, message] of rows) t.equal(await refusal(`${element} ! fakesink`), message);
    t.match(await refusal('( fakesrc ! queue leaky=7 ! fakesink )'), /^"leaky" of queue must be one of no, /);
  },
);

t.test('a property that can only be read cannot be given', async (t) => {
  t.match(await refusal('fakesrc ! queue current-level-buffers=1 ! fakesink'), /can only be read, not 1$/);
});

t.test('what GStreamer takes is taken', async (t) => {
  for (const element of [
    'queue max-size-buffers=-1',
    'queue max-size-buffers=max',
    'queue max-size-buffers=0x10 leaky=2',
    'identity sleep-time=0',
    'queue max-size-time=18446744073709551615',
    'identity drop-probability=0.1',
  ]) {
    t.equal(await refusal(`fakesrc ! ${element} ! fakesink`), undefined, element);
  }
  for (const value of ['8000', '48000', '017500']) {
    t.equal(await refusal(`ttssrc rate=${value} ! fakesink`), undefined, value);
  }
});

t.test('a property of a child that is still to come is left to GStreamer', async (t) => {
  t.equal(await refusal('videotestsrc ! compositor sink_0::alpha=0.5 ! fakesink'), undefined);
});

t.test('an integer is read as C reads it, in as many bits as its property has', async (t) => {
  const rows: [Parameters<typeof integerAsRead>, number | bigint | undefined][] = [
    [['int', '-7'], -7],
    [['int', '+0x1F'], 31],
    [['int', '4294967295'], -1],
    [['uint', '010'], 8],
    [['uint', '-1'], 2 ** 32 - 1],
    [['uint', '4294967296'], 2n ** 32n],
    [['int64', '-9223372036854775808'], -(2n ** 63n)],
    [['uint64', '-1'], 2n ** 64n - 1n],
    [['uint', '09'], undefined],
    [['uint', 'max'], undefined],
    [['uint', ''], undefined],
  ];
  for (const [args, value] of rows) t.equal(integerAsRead(...args), value, args.join(' '));
});
