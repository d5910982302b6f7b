import t from 'tap';
import type { SpeechPiece } from '../../../src/voice/engine.js';
import { withoutTail } from '../../../src/voice/microsoft/tail.js';

/** Pieces of so many samples at 1,000 Hz; loud ones where the number is positive. */
async function* made(...lengths: number[]): AsyncGenerator<SpeechPiece> {
  for (const length of lengths)
    yield { samples: new Int16Array(Math.abs(length)).fill(length > 0 ? 900 : 9), rate: 1000 };
}

async function lengths(pieces: AsyncIterable<SpeechPiece>): Promise<number[]> {
  const found: number[] = [];
  for await (const { samples } of withoutTail(pieces, 'end')) found.push(samples.length);
  return found;
}

t.test('keeps a pause behind what can be heard', async (t) => {
  t.same(await lengths(made(77, -500, -300)), [77, 120]);
  t.same(await lengths(made(77, -30)), [77, 30], 'makes nothing longer');
  t.same(await lengths(made(-500)), [120]);
  t.same(await lengths(made()), []);
});

t.test('gives a pause in the middle back whole, as soon as it is one', async (t) => {
  t.same(await lengths(made(77, -500, 11, -500)), [77, 120, 380, 11, 120]);
});

t.test('what words say counts, unless something is heard behind them', async (t) => {
  async function* spoken(): AsyncGenerator<SpeechPiece> {
    const words = [{ word: 'hello', start: 0, end: 0.06 }];
    for await (const piece of made(50)) yield { ...piece, words };
    yield* made(-500);
  }
  t.same(await lengths(spoken()), [50, 130]);
  async function* longer(): AsyncGenerator<SpeechPiece> {
    yield* spoken();
    yield* made(100, -500);
  }
  t.same(await lengths(longer()), [50, 130, 370, 100, 10]);
});

t.test('marks are not held back, and end with the sound', async (t) => {
  async function* marked(): AsyncGenerator<SpeechPiece> {
    yield* made(-500);
    yield { samples: new Int16Array(0), rate: 1000, phonemes: [{ phone: 'pau', start: 0, end: 0.5 }] };
  }
  const pieces = [];
  for await (const piece of withoutTail(marked(), 'end')) pieces.push(piece);
  t.same(
    pieces.map(({ samples, phonemes }) => [samples.length, phonemes?.length ?? 0]),
    [
      [120, 0],
      [0, 1],
    ],
  );
  t.equal(pieces[1]?.phonemes?.[0]?.end, 0.12);
});
