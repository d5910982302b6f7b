import { mock } from 'node:test';
import t from 'tap';
import { attempt } from '../../../src/voice/attempt.js';
import { SpeechCache } from '../../../src/voice/cache.js';
import FliteEngine from '../../../src/voice/engines/flite.js';
import { FliteHost } from '../../../src/voice/flite/host.js';
import {
  clearSpeechCache,
  closeVoices,
  type SpeechChunk,
  speak,
  voiceEngine,
} from '../../../src/voice/index.js';

t.teardown(closeVoices);

async function say(text: string, options: Parameters<typeof speak>[0] | object = {}): Promise<SpeechChunk[]> {
  clearSpeechCache();
  const chunks: SpeechChunk[] = [];
  for await (const chunk of speak({ text, rate: 16000, voice: 'flite', ...options })) chunks.push(chunk);
  return chunks;
}

const length = (chunks: SpeechChunk[]): number =>
  chunks.reduce((sum, { samples }) => sum + samples.length, 0);

/** Decibels relative to full scale. */
function level(samples: readonly number[]): number {
  return (
    10 *
    Math.log10(samples.reduce((sum, value) => sum + value * value, 0) / samples.length / 32768 ** 2 + 1e-12)
  );
}

t.test('is loud enough, does not clip, has no offset, and begins and ends in silence', async (t) => {
  for (const voice of ['flite/slt', 'flite/rms', 'flite/awb', 'flite/kal16', 'flite/kal']) {
    const chunks = await say('Hello, how are you today? This is a test of the voice.', { voice });
    const samples = chunks.flatMap((chunk) => [...chunk.samples]);
    const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
    t.ok(level(samples) > -32 && level(samples) < -14, `${voice}: ${level(samples).toFixed(1)} dB`);
    t.ok(peak < 32000, `${voice}: peak ${peak}`);
    t.ok(Math.abs(mean) < 200, `${voice}: offset ${mean.toFixed(0)}`);
    t.ok(level(samples.slice(-800)) < -50, `${voice}: ends with ${level(samples.slice(-800)).toFixed(0)} dB`);
    t.ok(
      level(samples.slice(0, 40)) < -40,
      `${voice}: begins with ${level(samples.slice(0, 40)).toFixed(0)} dB`,
    );
    const onset = samples.findIndex((value) => Math.abs(value) > 184);
    t.ok(onset < 0.07 * 16000, `${voice}: audible after ${((1000 * onset) / 16000).toFixed(0)} ms`);
  }
});

t.test('phonemes cover the utterance without gaps, and where they say pause it is quiet', async (t) => {
  const chunks = await say('Stop. Please stop now.');
  const samples = chunks.flatMap((chunk) => [...chunk.samples]);
  const phonemes = chunks.flatMap(({ marks }) => marks).filter((mark) => mark.type === 'phoneme');
  t.equal(phonemes[0]?.at, 0);
  for (const [n, { at }] of phonemes.entries()) if (n > 0) t.equal(at, phonemes[n - 1]!.end);
  t.equal(phonemes.at(-1)?.end, samples.length);
  const vowels = phonemes.filter(({ phone }) => ['aa', 'iy', 'aw'].includes(phone));
  t.ok(vowels.length >= 3);
  for (const { at, end } of vowels) t.ok(level(samples.slice(at, end)) > -30);
  for (const { at, end } of phonemes.filter(({ phone }) => phone === 'pau')) {
    const inside = samples.slice(Math.min(at + 1000, end), end);
    if (inside.length > 100) t.ok(level(inside) < -45, `${level(inside).toFixed(0)} dB`);
  }
});

t.test('gives its first sound before the sentence is made', async (t) => {
  const engine = await voiceEngine('flite');
  const text =
    'The quick brown fox jumps over the lazy dog and then it runs through the forest while the hunter sleeps.';
  let pieces = 0;
  let first = 0;
  for await (const { samples } of engine.synthesize({ text, signal: new AbortController().signal })) {
    if (pieces++ === 0) first = samples.length;
  }
  t.ok(pieces > 50 && first < 1600, `${pieces} pieces, the first of ${first} samples`);
});

t.test('speaks at the speed asked for, and refuses a speed that is none', async (t) => {
  const normal = length(await say('Hello there my friend.'));
  t.ok(length(await say('Hello there my friend.', { options: { speed: 2 } })) < 0.65 * normal);
  t.ok(length(await say('Hello there my friend.', { options: { speed: 0.5 } })) > 1.6 * normal);
  for (const speed of [0, -1, 9, 'fast', Number.NaN]) {
    await t.rejects(say('Hello.', { options: { speed } }), {
      code: 'resource/settings',
      message: /0\.25 to 4/,
    });
  }
});

t.test('spells a page of digits without losing its times', async (t) => {
  const chunks = await say('1234567890'.repeat(20));
  const words = chunks.flatMap(({ marks }) => marks).filter((mark) => mark.type === 'word');
  for (const [n, { at, end }] of words.entries()) t.ok(end > at && at >= (words[n - 1]?.end ?? 0));
  t.ok(words.at(-1)!.end <= length(chunks));
});

t.test('whoever waits for others to have spoken is not late, however long it takes them', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const host = new FliteHost(new URL('../fakes/worker.js', import.meta.url), { workingMs: 86_400_000 });
  const engine = new FliteEngine(host);
  t.teardown(async () => {
    mock.timers.reset();
    await engine.close();
  });
  const first = new AbortController();
  const talking = host.say({ owner: 1, voice: 'slt', text: 'talk', stretch: 1, signal: first.signal });
  await talking.next();
  const waiting = attempt(
    engine,
    { text: 'fine', utterance: 2, signal: new AbortController().signal },
    new SpeechCache(0),
  );
  const heard = waiting.next();
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(60_000);
  }
  first.abort();
  t.ok((await heard).value?.samples.length);
  t.equal(host.starts, 1);
});

t.test('refuses a voice it does not have', async (t) => {
  const engine = await voiceEngine('flite');
  const pieces = engine.synthesize({ text: 'x', voice: 'nobody', signal: new AbortController().signal });
  await t.rejects(pieces[Symbol.asyncIterator]().next(), { code: 'resource/not-found' });
});
