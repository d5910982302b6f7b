import t from 'tap';
import { voiceEngine } from '../../../src/voice/index.js';
import { Qwen } from '../../fakes/fake-qwen.js';
import { lead, sayAs } from '../fakes/remote.js';

t.test('asks for the voice and the language of the letters, and says goodbye', async (t) => {
  const fake = await lead(t, new Qwen());
  const { count, error } = await sayAs('qwentts', '你好。');
  t.equal(error, undefined);
  t.equal(count, fake.sound('你好。').length);
  let cut = 0;
  void fake.hungUp().then(() => cut++);
  t.ok((await sayAs('qwen/Ethan', 'Hello, 你好.', { speed: 1.5, volume: 30 })).count > 0);
  t.ok((await sayAs('qwen', 'Привет.')).count > 0);
  t.match(fake.sessions, [
    { voice: 'Cherry', mode: 'commit', language_type: 'Chinese', sample_rate: 24000 },
    { voice: 'Ethan', language_type: 'Auto', speech_rate: 1.5, volume: 30 },
    { language_type: 'Russian' },
  ]);
  t.equal(fake.asked[0]?.url.searchParams.get('model'), 'qwen3-tts-flash-realtime');
  t.equal(fake.asked[0]?.headers['authorization'], `Bearer ${fake.secrets[0]}`);
  t.equal(cut, 0);
});

t.test('a voice that is not there is told in the words of the service, once', async (t) => {
  const fake = await lead(t, new Qwen());
  t.match((await sayAs('qwen/Nobody', 'Hello.')).error, {
    code: 'resource/settings',
    retryable: false,
    message: /\(invalid_value\)\. It says: "Invalid value: 'Nobody'/,
  });
  t.equal(fake.calls, 1);
});

for (const [code, meaning, tries] of [
  ['Throttling.RateQuota', 'resource/rate', 2],
  ['Throttling.AllocationQuota', 'resource/quota', 1],
  ['Arrearage', 'resource/quota', 1],
  ['InternalError.Algo', 'resource/unreachable', 2],
] as const) {
  t.test(`${code} is ${meaning}`, async (t) => {
    const fake = await lead(t, new Qwen());
    fake.refusesWith = code;
    const { error } = await sayAs('qwen', 'A long secret text.');
    t.match(error, { code: meaning, retryable: tries === 2, details: { code } });
    t.notMatch(error?.message, /secret text/);
    t.equal(fake.calls, tries);
  });
}

t.test('a wrong key and a wrong model are told at the door', async (t) => {
  await lead(t, new Qwen());
  t.match((await sayAs('qwen', 'Hello.', { model: 'gpt' })).error, { code: 'resource/not-found' });
  process.env['DASHSCOPE_API_KEY'] = 'sk-another-key';
  const { error } = await sayAs('qwen', 'Hello.');
  t.match(error, { code: 'resource/not-authorized', retryable: false });
  t.notMatch(error?.message, /sk-another-key/);
});

t.test('an answer that fails in the middle is no whole answer', async (t) => {
  const fake = await lead(t, new Qwen());
  fake.status = 'failed';
  const { error, count } = await sayAs('qwen', 'Hello.');
  t.match(error, { code: 'stream/wrong-type', message: /an answer that is failed/ });
  t.ok(count > 0, 'what came is heard');
});

t.test('the voices that are known', async (t) => {
  const voices = await (await voiceEngine('qwen')).voices();
  t.match(voices[0], { name: 'Cherry', gender: 'female', rate: 24000 });
});
