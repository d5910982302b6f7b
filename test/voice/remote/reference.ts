import t from 'tap';
import { isPath, Prepared } from '../../../src/voice/remote/reference.js';

t.test('a path is told from a name', async (t) => {
  for (const path of ['/a/b.wav', 'b.WAV', './b', 'c\\d.mp3', 'voice.flac']) t.ok(isPath(path), path);
  for (const name of ['vivian', '中文女', 'Claribel Dervla', 'v1.5', '']) t.notOk(isPath(name), name);
});

t.test('what was made is kept, what failed is not, and the oldest goes', async (t) => {
  const prepared = new Prepared<number>(2);
  let made = 0;
  const make = async () => ++made;
  t.equal(await prepared.get('a', make), 1);
  t.equal(await prepared.get('a', make), 1);
  await t.rejects(prepared.get('b', () => Promise.reject(new Error('no'))));
  t.equal(await prepared.get('b', make), 2);
  t.equal(await prepared.get('c', make), 3);
  t.equal(await prepared.get('a', make), 4, 'gone');
  prepared.forget('c');
  t.equal(await prepared.get('c', make), 5);
});
