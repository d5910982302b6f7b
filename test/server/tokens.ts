/** Several tokens, and others while the server runs. */
import t from 'tap';
import { Keys, readKeys } from '../../src/server/keys.js';
import { serverOf } from './support/server.js';

t.test('a file has a token a line, with a name or without', async (t) => {
  t.same(readKeys('# those of May\nshop  4e1b\n\n 99ff \r\n'), [
    { name: 'shop', secret: '4e1b' },
    { name: 'token', secret: '99ff' },
  ]);
  t.throws(() => readKeys('a b c'), { code: 'resource/settings' });
  t.throws(() => readKeys('a b c'), { message: /^((?!a b c).)*$/ } as never, 'it may be secret');
});

t.test('a second token is taken beside the first one, then in its place', async (t) => {
  const keys = new Keys([{ name: 'old', secret: 'one' }]);
  const { url, close } = await serverOf(1, { keys });
  t.teardown(close);
  const status = async (token: string) =>
    (await fetch(new URL('/avatars', url), { headers: { authorization: `Bearer ${token}` } })).status;
  t.same([await status('one'), await status('two')], [200, 401]);
  keys.replace([
    { name: 'old', secret: 'one' },
    { name: 'new', secret: 'two' },
  ]);
  t.same([await status('one'), await status('two')], [200, 200]);
  keys.replace([{ name: 'new', secret: 'two' }]);
  t.same([await status('one'), await status('two')], [401, 200]);
  t.throws(() => keys.replace([]), { code: 'resource/settings' });
  t.equal(await status('two'), 200, 'none at all is a mistake, and opens nothing');
});
