import t from 'tap';
import { Cast, storeUse } from '../../src/avatar/index.js';
import { putAvatar } from '../support/drawnavatar.js';

const drawn = { width: 32, height: 24, frames: 1, side: 16 };

t.test('opens each once, whoever asks at the same time, and closes all', async (t) => {
  const root = await putAvatar(t.testdir(), 'one', drawn);
  const cast = new Cast();
  const [a, b] = await Promise.all([cast.open(`${root}/one`), cast.open(`${root}/one`)]);
  t.equal(a, b);
  t.equal(cast.get(`${root}/one`), a);
  t.equal(storeUse().avatars, 1);
  cast.close();
  t.equal(storeUse().avatars, 0);
  t.ok(a.closed);
});

t.test('fits all into one size', async (t) => {
  const root = await putAvatar(t.testdir(), 'one', drawn);
  const cast = new Cast({ width: 64, height: 64 });
  t.teardown(() => cast.close());
  t.match(await cast.open(`${root}/one`), { width: 64, height: 64 });
});

t.test('closes the longest unused when there are too many', async (t) => {
  const root = t.testdir();
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) await putAvatar(root, name, drawn);
  const cast = new Cast();
  t.teardown(() => cast.close());
  const [a, b] = [await cast.open(`${root}/a`), await cast.open(`${root}/b`)];
  for (const name of ['c', 'd']) await cast.open(`${root}/${name}`);
  cast.get(`${root}/a`);
  await cast.open(`${root}/e`);
  t.notOk(a.closed);
  t.ok(b.closed);
  t.equal(cast.get(`${root}/b`), undefined);
});

t.test('a cast that was closed while something opened keeps nothing', async (t) => {
  const root = await putAvatar(t.testdir(), 'one', drawn);
  const cast = new Cast();
  const opening = cast.open(`${root}/one`);
  cast.close();
  await t.rejects(opening, /closed meanwhile/);
  t.equal(storeUse().avatars, 0);
});

t.test('says what is missing', async (t) => {
  await t.rejects(new Cast().open('/nowhere/at/all'), { code: 'resource/not-found' });
});
