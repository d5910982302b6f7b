import t from 'tap';
import { listVoices, voiceEngine } from '../../../src/voice/index.js';
import { OpenAiSpeech } from '../../fakes/fake-openai-speech.js';
import { lastJson, lead, sayAs } from '../fakes/remote.js';

t.test('asks for the voice, the model and the manner that are set', async (t) => {
  const fake = await lead(t, new OpenAiSpeech());
  await sayAs('openai/nova', 'Hello.');
  t.same(lastJson(fake), {
    model: 'gpt-4o-mini-tts',
    input: 'Hello.',
    voice: 'nova',
    response_format: 'pcm',
  });
  await sayAs('openai', 'Hello.', {
    model: 'kokoro',
    instructions: 'Whisper.',
    speed: 1.5,
    ref_file: 'af_bella',
  });
  t.match(lastJson(fake), { model: 'kokoro', voice: 'af_bella', instructions: 'Whisper.', speed: 1.5 });
  t.match((await sayAs('openai', 'Hello.', { speed: 9 })).error, {
    code: 'resource/settings',
    message: /0\.25 to 4/,
  });
});

t.test('lists the voices of a server that has a list, and says who cannot be asked', async (t) => {
  const fake = await lead(t, new OpenAiSpeech());
  t.same(
    (await (await voiceEngine('openai')).voices()).map(({ name }) => name),
    ['af_bella', 'am_adam'],
  );
  await fake.close();
  const { engines } = await listVoices('openai');
  t.match(engines, [{ voices: [], unavailable: /nobody listens there/ }]);
});

t.test('needs a key for OpenAI itself, and for a server of your own none', async (t) => {
  const engine = await voiceEngine('openai');
  delete process.env['OPENAI_API_KEY'];
  delete process.env['OPENAI_TTS_SERVER'];
  t.match(engine.lacks(), /OPENAI_API_KEY/);
  t.match((await sayAs('openai', 'Hello.')).error, { code: 'resource/settings', message: /OPENAI_API_KEY/ });
  t.match((await listVoices('openai')).engines, [
    { unavailable: /OPENAI_API_KEY/, voices: [{ name: 'alloy' }] },
  ]);
  process.env['OPENAI_TTS_SERVER'] = 'http://127.0.0.1:1/v1';
  t.equal(engine.lacks(), undefined);
  delete process.env['OPENAI_TTS_SERVER'];
});
