import t from 'tap';
import { signature } from '../../../src/voice/engines/tencent.js';
import { Tencent } from '../../fakes/fake-tencent.js';
import { lastJson, lead, sayAs } from '../fakes/remote.js';

t.test('signs as the documentation of the service says', async (t) => {
  const parameters = { Text: '你好 & hello', Action: 'TextToStreamAudio', AppId: 1 };
  // openssl: printf 'POST…Text=你好 & hello' | openssl dgst -sha1 -hmac key -binary | base64
  t.equal(signature(parameters, 'key'), 'OJ0p/wXyphFKKctDRNs+YlUiAlk=');
});

t.test('asks for the number of the voice', async (t) => {
  const fake = await lead(t, new Tencent());
  const { count, error } = await sayAs('tencent', '你好，世界。');
  t.equal(error, undefined);
  t.equal(count, Math.round((fake.sound('你好，世界。').length * 24000) / 16000));
  t.match(lastJson(fake), {
    VoiceType: 101001,
    Codec: 'pcm',
    SampleRate: 16000,
    Text: '你好，世界。',
    Speed: 0,
  });
  t.match((await sayAs('tencent/x', 'Hello.')).error, {
    code: 'resource/settings',
    message: /number of a voice/,
  });
});

t.test('an error where the sound would be is told by its code', async (t) => {
  const fake = await lead(t, new Tencent());
  t.match((await sayAs('tencent/7', 'Hello.')).error, {
    code: 'resource/settings',
    retryable: false,
    message: /InvalidParameterValue\.VoiceType.*It says: "No such voice\."/,
  });
  process.env['TENCENT_SECRET_KEY'] = 'another-key';
  t.match((await sayAs('tencent', 'Hello.')).error, { code: 'resource/not-authorized', retryable: false });
  t.equal(fake.calls, 2);
});
