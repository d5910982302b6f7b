import t from 'tap';
import { GptSovits } from '../../fakes/fake-gpt-sovits.js';
import { lastJson, lead, sayAs } from '../fakes/remote.js';

t.test('asks as LiveTalking does, with the language that the letters tell', async (t) => {
  const fake = await lead(t, new GptSovits());
  await sayAs('gpt-sovits', '你好, friend.');
  t.same(lastJson(fake), {
    text: '你好, friend.',
    text_lang: 'zh',
    ref_audio_path: '/there/voice.wav',
    prompt_text: '参考音频',
    prompt_lang: 'zh',
    media_type: 'ogg',
    streaming_mode: true,
  });
  for (const [text, language] of [
    ['Good morning.', 'en'],
    ['おはよう。', 'ja'],
    ['안녕하세요.', 'ko'],
    ['Доброе утро.', 'auto'],
  ] as const) {
    await sayAs('gpt-sovits', text);
    t.equal(lastJson(fake)['text_lang'], language);
  }
});

t.test('another recording for one message, by option or behind the slash', async (t) => {
  const fake = await lead(t, new GptSovits());
  await sayAs('gpt-sovits', 'Hi.', { ref_file: '/there/b.wav', ref_text: 'hello', language: 'auto' });
  t.match(lastJson(fake), {
    ref_audio_path: '/there/b.wav',
    prompt_text: 'hello',
    prompt_lang: 'en',
    text_lang: 'auto',
  });
  await sayAs('gpt-sovits//there/c.wav', 'Hi.');
  t.match(lastJson(fake), { ref_audio_path: '/there/c.wav' });
  await sayAs('gpt-sovits', 'Hi.');
  t.match(lastJson(fake), { ref_audio_path: '/there/voice.wav' });
});

t.test('says what it says', async (t) => {
  await lead(t, new GptSovits());
  const { error } = await sayAs('gpt-sovits', 'Hello there.', { language: 'xx' });
  t.match(error, {
    code: 'resource/settings',
    retryable: false,
    message: /It says: "text_lang: xx is not supported"/,
  });
});
