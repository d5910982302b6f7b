import t from 'tap';
import { CosyVoice } from '../../fakes/fake-cosyvoice.js';
import { lead, sayAs } from '../fakes/remote.js';

t.test('asks by GET with the recording and its text, as LiveTalking does', async (t) => {
  const fake = await lead(t, new CosyVoice());
  const { count } = await sayAs('cosyvoice', 'Hello.');
  t.equal(count, fake.sound('Hello.').length);
  const asked = fake.asked.at(-1)!;
  t.match(asked, { method: 'GET', url: { pathname: '/inference_zero_shot' } });
  const body = asked.body.toString('latin1');
  t.match(body, /name="prompt_wav"; filename="reference\.wav"[\s\S]*RIFF/);
  t.match(body, /name="prompt_text"[\s\S]*a recording/);
});

t.test('a recording without its text, and a speaker of the model', async (t) => {
  const fake = await lead(t, new CosyVoice());
  delete process.env['REF_TEXT'];
  await sayAs('cosyvoice', 'Hello.', { method: 'post' });
  t.match(fake.asked.at(-1), { method: 'POST', url: { pathname: '/inference_cross_lingual' } });
  await sayAs('cosyvoice/中文女', 'Hello.');
  t.match(fake.asked.at(-1), { url: { pathname: '/inference_sft' } });
  t.match(fake.asked.at(-1)?.body.toString('utf8'), /中文女/);
  delete process.env['REF_FILE'];
  t.match((await sayAs('cosyvoice', 'Hello.')).error, { code: 'resource/settings', message: /REF_FILE/ });
});
