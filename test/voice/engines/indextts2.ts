import t from 'tap';
import { IndexTts2 } from '../../fakes/fake-indextts2.js';
import { lead, sayAs } from '../fakes/remote.js';

t.test('uploads the recording once, and gives the values that LiveTalking gives', async (t) => {
  const fake = await lead(t, new IndexTts2());
  const { count, error } = await sayAs('indextts2', 'Hello there! And goodbye.');
  t.equal(error, undefined);
  const samples = fake.said.reduce((sum, one) => sum + fake.sound(one).length, 0);
  t.equal(count, Math.round((samples * 24000) / 22050));
  t.equal(fake.uploads, 1);
  const begun = fake.asked.filter(({ url }) => url.pathname.endsWith('/call/gen_single'));
  const { data } = JSON.parse(begun[0]!.body.toString('utf8'));
  const recording = {
    path: '/tmp/gradio/up 1/reference.wav',
    orig_name: 'reference.wav',
    meta: { _type: 'gradio.FileData' },
  };
  t.same(data, [
    ...['Same as the voice reference', recording, 'Hello there!', recording, 0.8],
    ...[0.5, 0, 0, 0, 0, 0, 0, 0, '', false, 120, true, 0.8, 30, 0.8, 0, 3, 10, 1500],
  ]);
});

t.test('uploads again when it failed, and says what the page says', async (t) => {
  const fake = await lead(t, new IndexTts2());
  fake.broken = true;
  t.match((await sayAs('indextts2', 'Hello.')).error, {
    code: 'resource/failed',
    message: /It says: "CUDA out of memory"/,
  });
  fake.broken = false;
  t.equal((await sayAs('indextts2', 'Hello.')).error, undefined);
  t.equal(fake.uploads, 2);
  t.match((await sayAs('indextts2/someone', 'Hello.')).error, {
    code: 'resource/settings',
    message: /REF_FILE/,
  });
});
