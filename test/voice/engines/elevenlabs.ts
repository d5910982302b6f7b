import t from 'tap';
import { voiceEngine } from '../../../src/voice/index.js';
import { ElevenLabs } from '../../fakes/fake-elevenlabs.js';
import { lastJson, lead, sayAs } from '../fakes/remote.js';

t.test('tells when each word is said', async (t) => {
  const fake = await lead(t, new ElevenLabs());
  const text = 'Hello, dear friend! How are you?';
  const { marks, count } = await sayAs('elevenlabs', text);
  const words = marks.filter((mark) => mark.type === 'word');
  t.same(
    words.map((word) => word.text),
    ['Hello', 'dear', 'friend', 'How', 'are', 'you'],
  );
  const [first, second] = ['Hello, dear friend!', 'How are you?'].map((one) => fake.sound(one).length);
  const places = [0, 7 / 19, 12 / 19].map((part) => Math.round(part * first!));
  places.push(...[0, 4 / 12, 8 / 12].map((part) => first! + Math.round(part * second!)));
  for (const [n, word] of words.entries()) {
    t.ok(Math.abs(word.at - places[n]!) <= 2, `${word.text} at ${word.at}, expected ${places[n]}`);
    t.equal(text.slice(word.offset, word.offset! + word.text.length), word.text);
  }
  t.equal(count, first! + second!);
});

t.test('asks for what is set', async (t) => {
  const fake = await lead(t, new ElevenLabs());
  await sayAs('elevenlabs', 'Hello.', { stability: 0.5, similarity: 1, language: 'de' });
  t.same(lastJson(fake), {
    text: 'Hello.',
    model_id: 'eleven_flash_v2_5',
    language_code: 'de',
    voice_settings: { stability: 0.5, similarity_boost: 1 },
  });
  t.match(await (await voiceEngine('elevenlabs')).voices(), [
    { description: 'Rachel', gender: 'female', language: 'en' },
  ]);
});

t.test('an account that is used up is not a wrong key', async (t) => {
  await lead(t, new ElevenLabs());
  t.match((await sayAs('elevenlabs/used-up', 'Hello.')).error, { code: 'resource/quota', retryable: false });
  t.match((await sayAs('elevenlabs/nobody', 'Hello.')).error, { code: 'resource/not-found' });
});
