import t from 'tap';
import { cacheKey, SpeechCache } from '../../src/voice/cache.js';
import { FakeEngine, ramp } from './fakes/engine.js';

const pieces = (bytes: number) => [{ samples: ramp(bytes / 2), rate: 16000 }];

t.test('drops the longest unused when it is full', async (t) => {
  const cache = new SpeechCache(800);
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) cache.set(key, pieces(100));
  t.equal(cache.bytes, 800);
  t.ok(cache.get('a'));
  cache.set('i', pieces(100));
  t.equal(cache.get('b'), undefined, 'b was used longest ago');
  t.ok(cache.get('a'));
  t.equal(cache.bytes, 800);
});

t.test('keeps nothing that is larger than an eighth of it', async (t) => {
  const cache = new SpeechCache(800);
  t.notOk(cache.fits(102));
  cache.set('large', pieces(102));
  t.equal(cache.get('large'), undefined);
  t.equal(cache.bytes, 0);
});

t.test('replaces an equal key without counting twice, and forgets everything when told to', async (t) => {
  const cache = new SpeechCache(800);
  cache.set('a', pieces(100));
  cache.set('a', pieces(50));
  t.equal(cache.bytes, 50);
  cache.clear();
  t.equal(cache.bytes, 0);
  t.equal(cache.get('a'), undefined);
});

t.test('a key holds everything the samples depend on and nothing else', async (t) => {
  const engine = new FakeEngine(async function* () {});
  const signal = new AbortController().signal;
  const base = { text: 'hello', voice: 'one', rate: 24000, signal, options: { speed: 1, pitch: 2 } };
  const key = cacheKey(engine, base);
  t.equal(cacheKey(engine, { ...base, utterance: 7, index: 3, options: { pitch: 2, speed: 1 } }), key);
  for (const other of [
    { text: 'Hello' },
    { voice: 'two' },
    { rate: 16000 },
    { pause: 'end' as const },
    { options: { speed: 2 } },
  ]) {
    t.not(cacheKey(engine, { ...base, ...other }), key);
  }
});
