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
    // How long it took is for the soak to say: on a busy machine that is how long everybody waits for a turn.
    t.ok(
      cuts.every(({ letGo }) => letGo < Number.POSITIVE_INFINITY),
      'of each connection it was we who let go',
    );
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
