import t from 'tap';
import { Fish } from '../../fakes/fake-fish.js';
import { lastJson, lead, sayAs } from '../fakes/remote.js';

t.test('asks as LiveTalking does, and hears no header as a sound', async (t) => {
  const fake = await lead(t, new Fish());
  const { count } = await sayAs('fish/someone', 'Hello.');
  t.same(lastJson(fake), {
    text: 'Hello.',
    reference_id: 'someone',
    format: 'wav',
    streaming: true,
    use_memory_cache: 'on',
  });
  t.equal(count, Math.round((fake.sound('Hello.').length * 24000) / 44100));
  await sayAs('fish', 'Hello.', { model: 's1' });
  t.notOk('reference_id' in lastJson(fake));
  t.equal(fake.asked.at(-1)?.headers['model'], 's1');
});
