import t from 'tap';
import type { FlitePiece } from '../../../src/voice/flite/synthesizer.js';
import { withPauses } from '../../../src/voice/flite/trim.js';
import type { Pause, SpeechPiece } from '../../../src/voice/index.js';

/** A second at 8,800 Hz: 0.2 s of pause, a word of 0.5 s, 0.3 s of pause; sample n is n. */
async function* second(step: number): AsyncGenerator<FlitePiece> {
  for (let at = 0; at < 8800; at += step) {
    const samples = Int16Array.from({ length: Math.min(step, 8800 - at) }, (_, n) => at + n);
    const times = {
      phonemes: [
        { phone: 'pau', start: 0, end: 0.2 },
        { phone: 'ah', start: 0.2, end: 0.7 },
        { phone: 'pau', start: 0.7, end: 1 },
      ],
      words: [{ word: 'Ah', start: 0.2, end: 0.7 }],
    };
    yield at === 0 ? { samples, rate: 8800, ...times } : { samples, rate: 8800 };
  }
}

async function trimmed(step: number, pause: Pause): Promise<{ samples: number[]; first: SpeechPiece }> {
  const pieces: SpeechPiece[] = [];
  for await (const piece of withPauses(second(step), pause)) pieces.push(piece);
  return { samples: pieces.flatMap(({ samples }) => [...samples]), first: pieces[0]! };
}

const FROM = Math.round(0.17 * 8800);

t.test(
  'keeps 30 ms before the first sound and the asked pause behind the last, however the pieces fall',
  async (t) => {
    for (const step of [100, 801, 8800]) {
      for (const [pause, seconds] of [
        ['end', 0.65],
        ['clause', 0.69],
        ['none', 0.57],
      ] as const) {
        const { samples } = await trimmed(step, pause);
        t.equal(samples.length, Math.round(seconds * 8800), `${pause} in steps of ${step}`);
        t.ok(
          samples.every((value, n) => value === FROM + n),
          'nothing is missing between',
        );
      }
    }
  },
);

t.test('makes a pause up with zeros where flite gave less', async (t) => {
  const { samples } = await trimmed(801, 'sentence');
  t.equal(samples.length, Math.round(0.85 * 8800));
  t.equal(samples[8800 - FROM - 1], 8799);
  t.ok(samples.slice(8800 - FROM).every((value) => value === 0));
});

t.test('moves the times with the samples', async (t) => {
  const { first } = await trimmed(801, 'end');
  const rounded = first.phonemes?.map(({ phone, start, end }) => [phone, start.toFixed(3), end.toFixed(3)]);
  t.same(rounded, [
    ['pau', '0.000', '0.030'],
    ['ah', '0.030', '0.530'],
    ['pau', '0.530', '0.650'],
  ]);
  t.match(first.words, [{ word: 'Ah' }]);
});

t.test('gives nothing when there is nothing but pause', async (t) => {
  async function* silence(): AsyncGenerator<FlitePiece> {
    yield {
      samples: new Int16Array(100),
      rate: 8800,
      phonemes: [{ phone: 'pau', start: 0, end: 1 }],
      words: [],
    };
  }
  for await (const _ of withPauses(silence(), 'end')) t.fail('a piece of nothing');
  t.end();
});
