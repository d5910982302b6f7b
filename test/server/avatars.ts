/** Who can speak here: the routes the page's choice is made of. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { serverOf } from './support/server.js';

t.test('tells who there is, with their picture at rest', async (t) => {
  const server = await serverOf(1, { avatar: 'drawn' });
  t.teardown(() => server.close());
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, server.url), { headers });
  const reply = (await (await get('/avatars')).json()) as {
    data: { avatars: { id: string }[]; preset: string };
  };
  t.equal(reply.data.preset, 'drawn');
  t.match(
    reply.data.avatars.find(({ id }) => id === 'ava'),
    { id: 'ava', name: 'Ava', width: 512, height: 768, background: '#d9dee4' },
  );
  const picture = await get('/avatars/ava/picture');
  t.equal(picture.headers.get('content-type'), 'image/webp');
  t.match(Buffer.from(await picture.arrayBuffer()).toString('latin1', 0, 12), /^RIFF....WEBP$/s);
  const tag = picture.headers.get('etag') ?? '';
  t.equal((await get('/avatars/ava/picture', { 'if-none-match': tag })).status, 304);
});

t.test('nothing but avatars is given away, and a broken one hides no other', async (t) => {
  const root = t.testdir();
  await cp('data/avatars/drawn', join(root, 'good'), { recursive: true });
  await mkdir(join(root, 'broken'));
  await writeFile(join(root, 'broken', 'avatar.yaml'), 'name: [');
  process.env['TALKGRAPH_AVATARS'] = root;
  t.teardown(() => delete process.env['TALKGRAPH_AVATARS']);
  const server = await serverOf(1);
  t.teardown(() => server.close());
  const { data } = (await (await fetch(new URL('/avatars', server.url))).json()) as {
    data: { avatars: { id: string }[]; preset: null };
  };
  t.same(
    data.avatars.map(({ id }) => id),
    ['good'],
  );
  t.equal(data.preset, null);
  for (const [id, said] of [
    ['nobody', /no avatar "nobody"/],
    ['broken', /avatar\.yaml, line 1/],
    ['..%2f..%2fpackage.json', /Expected the id of an avatar/],
    ['%2fetc', /Expected the id of an avatar/],
  ] as const) {
    const reply = await fetch(new URL(`/avatars/${id}/picture`, server.url));
    t.equal(reply.status, 404, id);
    t.match(((await reply.json()) as { msg: string }).msg, said, id);
  }
});
