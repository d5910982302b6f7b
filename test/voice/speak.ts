import t from 'tap';
import {
  closeVoices,
  type SpeakRequest,
  type Speech,
  type SpeechMark,
  speak,
} from '../../src/voice/index.js';
import fc from '../support/fastcheck.js';
import { aborted, FakeEngine, failure, fakeVoice, gate, ramp, settle } from './fakes/engine.js';

interface Heard {
  samples: number[];
  marks: SpeechMark[];
  chunks: number[];
  speech: Speech;
}

async function hear(request: SpeakRequest): Promise<Heard> {
  const heard: Heard = { samples: [], marks: [], chunks: [], speech: speak(request) };
  for await (const { samples, rate, at, marks } of heard.speech) {
    t.equal(rate, request.rate);
    t.equal(at, heard.samples.length, 'chunks say where they are');
    heard.samples.push(...samples);
    heard.marks.push(...marks);
    heard.chunks.push(samples.length);
  }
  return heard;
}

/** Says each sentence as 100 ms of its length in 8,800 Hz samples per letter. */
const letters = (): FakeEngine =>
  new FakeEngine(async function* ({ text }) {
    for (const _ of text) yield { samples: ramp(880), rate: 8800 };
  });

t.test('says sentence after sentence, exact to the sample, at the rate asked for', async (t) => {
  const engine = letters();
  const { samples, speech } = await hear({ text: 'One two. Three!', rate: 48000, voice: fakeVoice(engine) });
  t.equal(samples.length, Math.round((14 * 880 * 48000) / 8800));
  t.same(
    engine.requests.map(({ text, pause, index }) => ({ text, pause, index })),
    [
      { text: 'One two.', pause: 'sentence', index: 0 },
      { text: 'Three!', pause: 'end', index: 1 },
    ],
  );
  t.same(
    speech.sentences.map(({ text, start, end }) => ({ text, start, end })),
    [
      { text: 'One two. ', start: 0, end: 38400 },
      { text: 'Three!', start: 38400, end: 67200 },
    ],
  );
});

t.test('makes round(total in x ratio) samples of anything, in pieces of 20 to 200 ms', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 12 }),
      fc.constantFrom(8800, 16000, 22050, 44100),
      fc.constantFrom(16000, 24000, 48000),
      async (sizes, from, rate) => {
        const engine = new FakeEngine(async function* () {
          for (const size of sizes) yield { samples: ramp(size), rate: from };
        });
        const { samples, chunks } = await hear({ text: 'a. b', rate, voice: fakeVoice(engine) });
        const total = 2 * sizes.reduce((sum, size) => sum + size, 0);
        const body = chunks.slice(0, -1);
        return (
          samples.length === Math.round((total * rate) / from) &&
          body.every((size) => size >= 0.02 * rate && size <= 0.2 * rate) &&
          (chunks.at(-1) ?? 1) > 0
        );
      },
    ),
    { numRuns: 60 },
  );
});

t.test('says nothing for text without a sound, and does not trouble the engine', async (t) => {
  for (const text of ['', '  \n ', '😀👍🏽', '... !', '\u0000']) {
    const engine = letters();
    const { chunks } = await hear({ text, rate: 24000, voice: fakeVoice(engine) });
    t.same(chunks, []);
    t.equal(engine.requests.length, 0, JSON.stringify(text));
  }
});

t.test('asks for the next sentence while one plays, and for no more than that', async (t) => {
  const engine = letters();
  const speech = speak({ text: 'Ah. Be. Ce. De. Eh. Ef.', rate: 8800, voice: fakeVoice(engine) });
  await settle();
  t.equal(engine.requests.length, 0, 'nothing begins before somebody listens');
  await speech.next();
  await settle();
  t.equal(engine.requests.length, 2);
  await speech.return();
  t.equal(engine.open, 0);
});

t.test('asks for the next sentence only when the one before has begun to sound', async (t) => {
  const begin = gate();
  const engine = new FakeEngine(async function* () {
    await begin.opened;
    yield { samples: ramp(4000), rate: 8000 };
  });
  const speech = speak({ text: 'Ah. Be. Ce.', rate: 8000, voice: fakeVoice(engine) });
  const first = speech.next();
  await settle();
  t.equal(engine.requests.length, 1);
  begin.open();
  await first;
  await settle();
  t.equal(engine.requests.length, 2);
  await speech.return();
});

t.test('an engine that wants no prefetch is asked when the sentence before is made', async (t) => {
  const finish = gate();
  const engine = new FakeEngine(
    async function* () {
      yield { samples: ramp(4000), rate: 8000 };
      await finish.opened;
    },
    { prefetch: 0 },
  );
  const heard = hear({ text: 'Ah. Be.', rate: 8000, voice: fakeVoice(engine) });
  await settle();
  t.equal(engine.requests.length, 1);
  finish.open();
  await heard;
  t.equal(engine.requests.length, 2);
});

t.test('holds an engine back that is faster than the listener', async (t) => {
  let made = 0;
  const engine = new FakeEngine(async function* () {
    for (; made < 1000; made++) yield { samples: ramp(48000), rate: 48000 };
  });
  const speech = speak({ text: 'A.', rate: 48000, voice: fakeVoice(engine) });
  await speech.next();
  await settle(20);
  t.ok(made <= 12, `${made} s of sound made for one listened to`);
  await speech.return();
  t.equal(engine.open, 0);
});

t.test('an abort ends a waiting listener in the same turn and tells the engine', async (t) => {
  const control = new AbortController();
  const signals: AbortSignal[] = [];
  const engine = new FakeEngine(async function* ({ signal }) {
    signals.push(signal);
    yield { samples: ramp(4000), rate: 8000 };
    await aborted(signal);
  });
  const speech = speak({ text: 'Ah. Be.', rate: 8000, voice: fakeVoice(engine), signal: control.signal });
  await speech.next();
  await speech.next();
  await speech.next();
  const waiting = speech.next();
  await settle();
  control.abort();
  t.ok(
    signals.every(({ aborted }) => aborted),
    'the engine knows before anything else happens',
  );
  t.same(await waiting, { value: undefined, done: true });
  t.same(await speech.next(), { value: undefined, done: true });
  await settle();
  t.equal(engine.open, 0);
});

t.test(
  'return ends it also while a next is waiting, for an engine that never answers and never stops',
  async (t) => {
    const engine = new FakeEngine(async function* () {
      await new Promise(() => undefined);
    });
    const speech = speak({ text: 'A.', rate: 8000, voice: fakeVoice(engine) });
    const waiting = speech.next();
    await settle();
    await speech.return();
    t.same(await waiting, { value: undefined, done: true });
  },
);

t.test('an abort while the voice is looked up ends the utterance', async (t) => {
  t.teardown(() => closeVoices());
  const control = new AbortController();
  const text = 'One sentence of many. '.repeat(20);
  const heard = hear({ text, rate: 48000, voice: 'flite/slt', signal: control.signal });
  control.abort();
  t.same((await heard).samples, []);
});

t.test('an aborted signal says nothing at all', async (t) => {
  const engine = letters();
  const { chunks } = await hear({
    text: 'A.',
    rate: 8000,
    voice: fakeVoice(engine),
    signal: AbortSignal.abort(),
  });
  t.same(chunks, []);
  t.equal(engine.requests.length, 0);
});

t.test('delivers what was made before a failure, then throws it', async (t) => {
  const engine = new FakeEngine(async function* ({ index }) {
    yield { samples: ramp(1600), rate: 16000 };
    if (index === 1) throw failure(false);
  });
  const speech = speak({ text: 'Ah. Be. Ce.', rate: 24000, voice: fakeVoice(engine) });
  let count = 0;
  await t.rejects(
    (async () => {
      for await (const { samples } of speech) count += samples.length;
    })(),
    { code: 'resource/unreachable' },
  );
  t.equal(count, 4800);
  t.equal(engine.open, 0);
});

t.test('a failure of the sentence ahead does not disturb the one that plays', async (t) => {
  const engine = new FakeEngine(async function* ({ index }) {
    if (index === 1) throw failure(false);
    for (let n = 0; n < 5; n++) {
      await settle(2);
      yield { samples: ramp(1600), rate: 16000 };
    }
  });
  const speech = speak({ text: 'Ah. Be.', rate: 16000, voice: fakeVoice(engine) });
  let count = 0;
  await t.rejects(
    (async () => {
      for await (const { samples } of speech) count += samples.length;
    })(),
  );
  t.equal(count, 8000);
});

t.test('says text while it is being written, the first sentence at its mark', async (t) => {
  const more = gate();
  async function* written(): AsyncGenerator<string> {
    yield 'Hello th';
    yield 'ere! ';
    await more.opened;
    yield 'More to come.';
  }
  const engine = letters();
  const speech = speak({ text: written(), rate: 8800, voice: fakeVoice(engine) });
  await speech.next();
  t.equal(engine.requests[0]?.text, 'Hello there!');
  more.open();
  for await (const _ of speech);
  t.same(
    engine.requests.map(({ text }) => text),
    ['Hello there!', 'More to come.'],
  );
});

t.test('a cut does not wait for somebody who is still writing', async (t) => {
  let closed = false;
  const parts = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<string>>(() => undefined),
      return: async () => {
        closed = true;
        return { value: undefined, done: true as const };
      },
    }),
  };
  const speech = speak({ text: parts, rate: 8000, voice: fakeVoice(letters()) });
  const waiting = speech.next();
  await settle();
  await speech.return();
  t.same(await waiting, { value: undefined, done: true });
  t.ok(closed, 'the writer is told');
});

t.test('a failure of the writer is the failure of the speech', async (t) => {
  async function* written(): AsyncGenerator<string> {
    yield 'Hello. ';
    throw failure(false);
  }
  await t.rejects(hear({ text: written(), rate: 8000, voice: fakeVoice(letters()) }), {
    code: 'resource/unreachable',
  });
});

t.test("runs the general hooks, the caller's and the engine's, in this order", async (t) => {
  class Loud extends FakeEngine {
    override normalise(text: string): string {
      return text.toUpperCase();
    }
  }
  const engine = new Loud(async function* () {});
  await hear({
    text: 'Hi  😀 bob.',
    rate: 8000,
    voice: fakeVoice(engine),
    hooks: [(text) => text.replace('bob', 'Ann'), (text) => text.replace('Hi ', 'Hello ')],
  });
  t.equal(engine.requests[0]?.text, 'HELLO ANN.');
});

t.test('an engine that takes its text whole gets it as it was written', async (t) => {
  const engine = new FakeEngine(async function* () {}, {
    text: 'whole',
    options: { x: { type: 'number', blurb: 'x' } },
  });
  await hear({ text: '440:0.5  0:1. 😀', rate: 8000, voice: fakeVoice(engine), options: { x: 1 } });
  t.match(engine.requests, [{ text: '440:0.5  0:1. 😀', options: { x: 1 }, rate: 8000 }]);
});

t.test('tells moments in samples of the session from the beginning of the utterance', async (t) => {
  const engine = new FakeEngine(async function* ({ text }) {
    const words = [...text.matchAll(/\w+/g)].map(([word], n) => ({
      word: word!,
      start: n * 0.1,
      end: (n + 1) * 0.1,
    }));
    const phonemes = [{ phone: 'aa', start: 0.05, end: 0.1 }];
    yield { samples: ramp(8800), rate: 8800, words, phonemes };
  });
  const { marks } = await hear({ text: 'Ünder way. Go now.', rate: 24000, voice: fakeVoice(engine) });
  t.same(
    marks.filter(({ type }) => type === 'sentence'),
    [
      { type: 'sentence', at: 0, index: 0, text: 'Ünder way. ', offset: 0 },
      { type: 'sentence', at: 24000, index: 1, text: 'Go now.', offset: 11 },
    ],
  );
  t.same(marks.filter(({ type }) => type === 'word').at(-1), {
    type: 'word',
    at: 26400,
    end: 28800,
    text: 'now',
    offset: 14,
    sentence: 1,
  });
  t.same(marks.filter(({ type }) => type === 'phoneme').at(-1), {
    type: 'phoneme',
    at: 25200,
    end: 26400,
    phone: 'aa',
    sentence: 1,
  });
});

t.test('every mark comes no later than the chunk that holds its moment', async (t) => {
  const engine = new FakeEngine(async function* () {
    for (let n = 0; n < 5; n++) yield { samples: ramp(777), rate: 16000 };
  });
  let given = 0;
  for await (const { samples, marks } of speak({
    text: 'Ah. Be. Ce. De.',
    rate: 24000,
    voice: fakeVoice(engine),
  })) {
    for (const { at } of marks) t.ok(at >= given, `${at} is not before ${given}`);
    given += samples.length;
  }
});

t.test('goes on when the engine changes its rate in mid-utterance', async (t) => {
  const engine = new FakeEngine(async function* ({ index }) {
    const rate = index === 0 ? 16000 : 22050;
    yield { samples: ramp(rate), rate };
  });
  const { samples, speech } = await hear({ text: 'Ah. Be.', rate: 24000, voice: fakeVoice(engine) });
  t.equal(samples.length, 48000);
  t.equal(speech.sentences[1]?.start, 24000);
});

t.test('says 100,000 characters without ever holding more than a few sentences of sound', async (t) => {
  let [made, heard, most] = [0, 0, 0];
  const engine = new FakeEngine(async function* ({ text }) {
    made += 160 * text.length;
    yield { samples: new Int16Array(160 * text.length), rate: 16000 };
  });
  const text = 'This is one of many sentences, and it is not the last. '.repeat(1820).slice(0, 100_000);
  const speech = speak({ text, rate: 16000, voice: fakeVoice(engine) });
  for await (const { samples } of speech) {
    heard += samples.length;
    most = Math.max(most, made - heard);
  }
  t.equal(heard, made);
  t.ok(most < 16000 * 10, `${most / 16000} s of sound waiting at most`);
  t.equal(speech.sentences.map((sentence) => sentence.text).join(''), text);
});

t.test('refuses a rate that is none', async (t) => {
  for (const rate of [0, -1, 1.5, Number.NaN]) t.throws(() => speak({ text: 'x', rate }), TypeError);
});
