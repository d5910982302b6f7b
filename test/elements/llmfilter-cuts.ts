import t from 'tap';
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat } from '../fakes/fake-openai-chat.js';
import { cutAnswers } from '../support/answercuts.js';

t.setTimeout(120_000);
t.teardown(() => closeVoices());

t.test(
  '50 answers cut at random moments: connection, history and voice let go of each',
  { timeout: 120_000 },
  async (t) => {
    const fake = await FakeChat.open();
    t.teardown(() => fake.close());
    let seed = 8800;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    const cuts = await cutAnswers(fake, 50, random);
    // The way there leads through four threads, which wait their turn on a busy machine: half of them say what it costs.
    const closed = cuts.map((cut) => cut.closed).sort((a, b) => a - b);
    const [median = 0, slowest = 0] = [closed[25], closed.at(-1)];
    t.comment(`connections closed after ${median.toFixed(1)} ms, at most ${slowest.toFixed(1)}`);
    t.ok(median < 150, `${median.toFixed(1)} ms`);
    t.same(
      cuts.map(({ told }) => told),
      cuts.map(({ heard }) => heard),
      'the model is told what was heard, to the word',
    );
    t.ok(cuts.filter(({ heard }) => heard !== '').length > 10, 'of many answers something was heard');
    t.same(
      cuts.filter(({ late }) => late > 0),
      [],
      'nothing of an old answer sounds behind its cut',
    );
  },
);
