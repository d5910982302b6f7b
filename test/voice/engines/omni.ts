import t from 'tap';
import { Omni } from '../../fakes/fake-omni.js';
import { lastJson, lead, sayAs } from '../fakes/remote.js';

t.test('asks as LiveTalking does, and speaks like a recording when it is given one', async (t) => {
  const fake = await lead(t, new Omni());
  await sayAs('omni', 'Hello.');
  t.same(lastJson(fake), {
    input: 'Hello.',
    voice: 'vivian',
    response_format: 'pcm',
    speed: 1,
    language: 'Auto',
    task_type: 'CustomVoice',
    stream: true,
  });
  t.equal(fake.asked.at(-1)?.headers['authorization'], `Bearer ${fake.secrets[0]}`);
  const { count } = await sayAs('omni', 'Hello.', { 'ref-file': fake.reference, 'ref-text': 'a recording' });
  t.equal(count, Math.round((fake.sound('Hello.').length * 24000) / fake.rate));
  t.match(lastJson(fake), {
    task_type: 'Base',
    ref_text: 'a recording',
    ref_audio: /^data:audio\/wav;base64,UklGR/,
  });
});

t.test('sends no file that is no sound', async (t) => {
  const fake = await lead(t, new Omni());
  for (const [path, match] of [
    ['/etc/passwd', { code: 'stream/wrong-type', message: /a sound file .* passwd is none/ }],
    ['/nowhere/voice.wav', { code: 'resource/not-found', message: /no file voice\.wav/ }],
    ['/etc/', { code: 'resource/read' }],
  ] as const) {
    t.match((await sayAs('omni', 'Hello.', { ref_file: path })).error, match);
  }
  t.equal(fake.calls, 0);
});
