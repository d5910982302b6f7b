import t from 'tap';
import { BoundedQueue } from '../../src/element/queue.js';
import { SpeechCache } from '../../src/voice/cache.js';
import { Chain } from '../../src/voice/chain.js';
import { Feeder, type Job } from '../../src/voice/feeder.js';
import { FakeEngine, fakeVoice, ramp, settle } from './fakes/engine.js';

function setUp(info = {}): {
  feeder: Feeder;
  jobs: BoundedQueue<Job>;
  engine: FakeEngine;
  control: AbortController;
} {
  const engine = new FakeEngine(async function* () {
    yield { samples: ramp(10), rate: 8000 };
  }, info);
  const jobs = new BoundedQueue<Job>(1);
  const control = new AbortController();
  return {
    feeder: new Feeder(new Chain([fakeVoice(engine)]), jobs, new SpeechCache(0), control.signal),
    jobs,
    engine,
    control,
  };
}

t.test(
  'gives jobs in the order of the text, the silent ones too, without asking the engine for those',
  async (t) => {
    const { feeder, jobs, engine } = setUp();
    const run = feeder.run({ text: 'One. Two!\n\n…\n\nThree?', rate: 8000 });
    const got: [string, number][] = [];
    for await (const { sentence, pieces } of jobs) {
      let samples = 0;
      for await (const piece of pieces) samples += piece.samples.length;
      got.push([sentence.text, samples]);
    }
    await run;
    t.same(got, [
      ['One. ', 10],
      ['Two!\n\n', 10],
      ['…\n\nThree?', 10],
    ]);
    t.equal(engine.requests.length, 3);
  },
);

t.test('all sentences of one utterance carry one number, another utterance another', async (t) => {
  const numbers: (number | undefined)[] = [];
  for (let n = 0; n < 2; n++) {
    const { feeder, jobs, engine } = setUp();
    const run = feeder.run({ text: 'One. Two.', rate: 8000 });
    for await (const { pieces } of jobs) for await (const _ of pieces);
    await run;
    numbers.push(...new Set(engine.requests.map(({ utterance }) => utterance)));
  }
  t.equal(new Set(numbers).size, 2);
  t.equal(numbers.length, 2);
});

t.test('cuts the first sentence as short as the engine likes it', async (t) => {
  const { feeder, jobs } = setUp({ firstSentence: 20, maxSentence: 60 });
  const run = feeder.run({
    text: 'First of all this, and then that, and then a lot of other things, too.',
    rate: 8000,
  });
  const texts: string[] = [];
  for await (const { sentence, pieces } of jobs) {
    texts.push(sentence.text);
    for await (const _ of pieces);
  }
  await run;
  t.equal(texts[0], 'First of all this, ');
});

t.test('an abort ends it although nobody reads', async (t) => {
  const { feeder, control } = setUp();
  const run = feeder.run({ text: 'One. Two. Three. Four.', rate: 8000 });
  await settle();
  control.abort();
  await run;
  t.pass('it ended');
});
