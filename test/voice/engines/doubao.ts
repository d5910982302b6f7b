import t from 'tap';
import { voiceEngine } from '../../../src/voice/index.js';
import { Doubao } from '../../fakes/fake-doubao.js';
import { lead, sayAs } from '../fakes/remote.js';

t.test('asks by version 1 as LiveTalking does', async (t) => {
  const fake = await lead(t, new Doubao());
  const { count, error } = await sayAs('doubao/BV001_streaming', '你好。', { speed: 1.5, emotion: 'happy' });
  t.equal(error, undefined);
  t.equal(count, fake.sound('你好。').length);
  t.match(fake.requests[0], {
    app: { appid: '1234567890', token: 'access_token', cluster: 'volcano_tts' },
    audio: {
      voice_type: 'BV001_streaming',
      encoding: 'pcm',
      speed_ratio: 1.5,
      volume_ratio: 1,
      emotion: 'happy',
    },
    request: { text: '你好。', text_type: 'plain', operation: 'submit' },
  });
  t.equal(fake.asked[0]?.headers['authorization'], `Bearer; ${fake.secrets[0]}`);
  t.notMatch(fake.requests[0], { app: { token: fake.secrets[0]! } });
});

t.test('asks by version 3 where a resource is named', async (t) => {
  const fake = await lead(t, new Doubao());
  const options = { resource: 'seed-tts-2.0', speed: 0.5, volume: 2 };
  const { count, error } = await sayAs('doubao', 'Hello there.', options);
  t.equal(error, undefined);
  t.equal(count, fake.sound('Hello there.').length);
  t.match(fake.requests[0], {
    req_params: {
      text: 'Hello there.',
      speaker: 'zh_female_shuangkuaisisi_moon_bigtts',
      audio_params: { sample_rate: 24000, speech_rate: -50, loudness_rate: 100 },
    },
  });
  t.match(fake.asked[0]?.headers, { 'x-api-resource-id': 'seed-tts-2.0' });
  const error3 = (await sayAs('doubao/nobody', 'Hello there.', options)).error;
  t.match(error3, { code: 'resource/not-authorized', retryable: false, details: { code: 45000000 } });
  t.same(fake.events, [2], 'it ends the connection as the service wants it');
});

for (const resource of ['', 'seed-tts-1.0']) {
  t.test(`reads frames that are packed${resource && ', by version 3'}`, async (t) => {
    const fake = await lead(t, new Doubao());
    fake.packs = true;
    t.equal((await sayAs('doubao', 'Hello.', { resource })).count, fake.sound('Hello.').length);
    fake.refusesWith = { code: 3011, message: 'illegal input text!' };
    const { error } = await sayAs('doubao', 'A long secret text.', { resource });
    t.match(error, { code: 'resource/settings', message: /\(3011\)\. It says: "illegal input text!/ });
    t.notMatch(error?.message, /secret text/);
  });
}

for (const [code, message, meaning, tries] of [
  [3003, 'too many', 'resource/rate', 2],
  [3031, 'engine error', 'resource/unreachable', 2],
  [3050, 'no such voice', 'resource/not-found', 1],
  [3001, 'quota exceeded for types: concurrency', 'resource/rate', 2],
  [3001, 'quota exceeded for types: tts_lifetime', 'resource/quota', 1],
  [3001, 'authenticate request: load grant: requested grant not found', 'resource/not-authorized', 1],
  [55000000, 'some error', 'resource/unreachable', 2],
] as const) {
  t.test(`${code} "${message}" is ${meaning}`, async (t) => {
    const fake = await lead(t, new Doubao());
    fake.refusesWith = { code, message };
    const { error } = await sayAs('doubao', 'Hello.');
    t.match(error, { code: meaning, retryable: tries === 2, details: { code } });
    t.equal(fake.calls, tries);
  });
}

t.test('the voices that are known', async (t) => {
  const voices = await (await voiceEngine('doubao')).voices();
  t.match(voices[0], { language: 'zh-CN', gender: 'female', rate: 24000 });
});
