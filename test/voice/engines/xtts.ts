import t from 'tap';
import { voiceEngine } from '../../../src/voice/index.js';
import { Xtts } from '../../fakes/fake-xtts.js';
import { lastJson, lead, sayAs } from '../fakes/remote.js';

t.test('makes a speaker of a recording once, and says each text in its own language', async (t) => {
  const fake = await lead(t, new Xtts());
  await sayAs('xtts', 'Hello there! And goodbye.');
  t.match(lastJson(fake), { language: 'en', stream_chunk_size: '20', speaker_embedding: [1, 2, 3] });
  await sayAs('xtts', '你好。');
  t.match(lastJson(fake), { language: 'zh-cn' });
  await sayAs('xtts', 'Guten Tag.', { language: 'de' });
  t.match(lastJson(fake), { language: 'de' });
  t.equal(fake.cloned, 1);
});

t.test('knows the speakers of the studio', async (t) => {
  const fake = await lead(t, new Xtts());
  t.same(
    (await (await voiceEngine('xtts')).voices()).map(({ name }) => name),
    ['Claribel Dervla'],
  );
  t.equal((await sayAs('xtts/Claribel Dervla', 'Hello.')).error, undefined);
  t.match((await sayAs('xtts/Nobody', 'Hello.')).error, {
    code: 'resource/not-found',
    message: /no speaker Nobody/,
  });
  t.equal(fake.cloned, 0);
});
