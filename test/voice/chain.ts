import t from 'tap';
import {
  type Fallback,
  forgetFailures,
  type ResolvedVoice,
  resolveVoices,
  speak,
} from '../../src/voice/index.js';
import { FakeEngine, failure, ramp, type Script } from './fakes/engine.js';

t.beforeEach(forgetFailures);

/** Says each sentence as one piece, or fails in it: `fails` before the first sample, `breaks` behind it. */
const scripted = (first: number): Script =>
  async function* ({ text }) {
    if (text.includes('fails')) throw failure(false);
    yield { samples: ramp(100, first), rate: 8000 };
    if (text.includes('breaks')) throw failure(true);
    yield { samples: ramp(100, first + 100), rate: 8000 };
  };

function voices(...scripts: Script[]): { engines: FakeEngine[]; voice: ResolvedVoice[] } {
  const engines = scripts.map((script, n) => new FakeEngine(script, { name: `fake${n}` }));
  return { engines, voice: engines.map((engine, n) => ({ engine, voice: 'one', name: `fake${n}/one` })) };
}

async function hear(text: string | AsyncIterable<string>, voice: readonly ResolvedVoice[]) {
  const samples: number[] = [];
  const told: Fallback[] = [];
  let error: unknown;
  const speech = speak({ text, voice, rate: 8000, fellBack: (fallback) => told.push(fallback) });
  try {
    for await (const chunk of speech) samples.push(...chunk.samples);
  } catch (thrown) {
    error = thrown;
  }
  return { samples, told, error, speech };
}

const texts = (engine: FakeEngine | undefined): string[] => engine?.requests.map(({ text }) => text) ?? [];

t.test('the next voice says the sentence that the first could not, and the rest', async (t) => {
  const { engines, voice } = voices(scripted(0), scripted(10_000));
  // The second voice can say it: the word is the first's alone.
  const second = new FakeEngine(
    async function* () {
      yield { samples: ramp(200, 10_000), rate: 8000 };
    },
    { name: 'fake1' },
  );
  voice[1] = { engine: second, voice: 'one', name: 'fake1/one' };
  const { samples, told, error } = await hear('One is said. Two fails. Three is said.', voice);
  t.equal(error, undefined);
  t.same(samples, [...ramp(200), ...ramp(200, 10_000), ...ramp(200, 10_000)]);
  t.same(texts(engines[0]), ['One is said.', 'Two fails.']);
  t.same(texts(second), ['Two fails.', 'Three is said.']);
  t.match(told, [{ from: 'fake0/one', to: 'fake1/one', error: { code: 'resource/unreachable' } }]);
});

t.test('half a sentence is not said twice: the next voice goes on behind it', async (t) => {
  const { engines, voice } = voices(scripted(0), scripted(10_000));
  const { samples, told, error } = await hear('One breaks. Two is said. Three is said.', voice);
  t.equal(error, undefined);
  t.same(samples.slice(0, 100), [...ramp(100)]);
  t.equal(samples.length, 500);
  t.same(samples.slice(300), [...ramp(200, 10_000)]);
  // What was asked ahead of the failure may have been the first voice's still.
  t.same(engines.flatMap(texts), ['One breaks.', 'Two is said.', 'Three is said.']);
  t.equal(told.length, 1);
});

t.test('when nobody is left the last error is told, once everything before it was heard', async (t) => {
  const { voice } = voices(scripted(0), scripted(10_000));
  const { samples, told, error } = await hear('One is said. Two fails.', voice);
  t.same(samples, [...ramp(200)]);
  t.match(error, { code: 'resource/unreachable' });
  t.equal(told.length, 1);
});

t.test('a voice alone fails as ever', async (t) => {
  const { voice } = voices(scripted(0));
  const { told, error } = await hear('It fails.', voice);
  t.match(error, { code: 'resource/unreachable' });
  t.same(told, []);
});

t.test('a voice that failed is left alone by the next utterances that have another', async (t) => {
  const { engines, voice } = voices(scripted(0), () =>
    scripted(10_000)({ text: '', signal: AbortSignal.abort() }, 0),
  );
  await hear('It fails.', voice);
  await hear('Good.', voice);
  t.same(texts(engines[0]), ['It fails.']);
  t.same(texts(engines[1]), ['It fails.', 'Good.']);
  await hear('Alone.', [voice[0]!]);
  t.equal(engines[0]?.requests.length, 2, 'asked where there is nobody else');
  forgetFailures();
  await hear('Good.', voice);
  t.equal(engines[0]?.requests.length, 3);
});

t.test(
  'each voice reads the text in its own way, and what it leaves out is told of the one that spoke',
  async (t) => {
    class Upper extends FakeEngine {
      override normalise(text: string): string {
        return text.toUpperCase();
      }
      override leavesOut(sign: string): boolean {
        return sign === 'é';
      }
    }
    const { voice } = voices(scripted(0));
    const engine = new Upper(
      async function* () {
        yield { samples: ramp(3), rate: 8000 };
      },
      { name: 'upper' },
    );
    const { speech } = await hear('Café fails.', [voice[0]!, { engine, voice: 'one', name: 'upper/one' }]);
    t.same(texts(engine), ['CAFÉ FAILS.']);
    t.match(speech.warning?.message, /^The voice upper\/one left out 1 of 9 letters/);
  },
);

t.test('names with commas: several voices where an engine begins behind each', async (t) => {
  const names = async (text?: string) => (await resolveVoices(text)).map(({ name }) => name);
  t.same(await names('omni/vivian, flite/rms,tone'), ['omni/vivian', 'flite/rms', 'tone/sine']);
  t.same(await names('fishtts/a,b,flite'), ['fish/a,b', 'flite/slt']);
  t.same(await names('file//a,flite.wav'), ['file//a,flite.wav']);
  t.same(await names(), ['flite/slt']);
  await t.rejects(names('flite/slt,flite/nobody'), { code: 'resource/not-found' });
});
