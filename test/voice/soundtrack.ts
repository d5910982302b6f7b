import t from 'tap';
import { Soundtrack } from '../../src/voice/soundtrack.js';
import { ramp } from './fakes/engine.js';

const sentence = { index: 0, offset: 0, text: 'Hello there.', pause: 'sentence' } as const;

t.test('puts short pieces together and divides long ones', async (t) => {
  const track = new Soundtrack(8000);
  track.begin(sentence);
  const sizes = (count: number): number[] =>
    [...track.take({ samples: ramp(count), rate: 8000 })].map(({ samples }) => samples.length);
  t.same(sizes(100), [], '12.5 ms');
  t.same(sizes(100), [200], '25 ms');
  t.same(sizes(4000), [1600, 1600, 800]);
  t.same(sizes(1), []);
  t.same(
    [...track.end()].map(({ samples }) => samples.length),
    [1],
  );
});

t.test('joins sentences in the samples: the resampler runs through', async (t) => {
  const one = new Soundtrack(24000);
  const two = new Soundtrack(24000);
  const whole = ramp(5000);
  const collect = (track: Soundtrack, parts: Int16Array[]): number[] => {
    const out: number[] = [];
    for (const [index, samples] of parts.entries()) {
      track.begin({ ...sentence, index });
      for (const chunk of track.take({ samples, rate: 16000 })) out.push(...chunk.samples);
    }
    for (const chunk of track.end()) out.push(...chunk.samples);
    return out;
  };
  t.same(collect(two, [whole.subarray(0, 1777), whole.subarray(1777)]), collect(one, [whole]));
});

t.test('tells its position in samples taken, whether they are delivered yet or not', async (t) => {
  const track = new Soundtrack(24000);
  t.equal(track.position, 0);
  track.begin(sentence);
  for (const _ of track.take({ samples: ramp(16), rate: 16000 }));
  t.equal(track.position, 24);
  for (const _ of track.take({ samples: ramp(44), rate: 44000 }));
  t.equal(track.position, 48, 'also across a change of rate');
});

t.test('announces a sentence with its first piece, not before', async (t) => {
  const track = new Soundtrack(8000);
  track.begin({ ...sentence, text: '...' });
  track.begin({ ...sentence, index: 1 });
  const [chunk] = track.take({ samples: ramp(800), rate: 8000 });
  t.match(chunk?.marks, [{ type: 'sentence', index: 1 }]);
  t.equal(chunk?.marks.length, 1);
});

t.test('words and phonemes come in the order they are heard', async (t) => {
  const track = new Soundtrack(1000);
  track.begin({ ...sentence, text: 'a b' });
  const [chunk] = track.take({
    ...{ samples: ramp(100), rate: 1000 },
    words: [
      { word: 'a', start: 0, end: 0.03 },
      { word: 'b', start: 0.05, end: 0.1 },
    ],
    phonemes: [
      { phone: 'ey', start: 0, end: 0.03 },
      { phone: 'b', start: 0.05, end: 0.07 },
      { phone: 'iy', start: 0.07, end: 0.1 },
    ],
  });
  const marks = chunk?.marks.map((m) => `${m.type} ${m.at}`);
  t.same(marks, ['sentence 0', 'word 0', 'phoneme 0', 'word 50', 'phoneme 50', 'phoneme 70']);
});
