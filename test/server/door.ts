import { PassThrough } from 'node:stream';
import t from 'tap';
import { serverOf } from './support/server.js';

t.test('the page is served, at both of its addresses, and nothing beside it', async (t) => {
  const { url, close } = await serverOf(1);
  t.teardown(close);
  for (const path of ['/', '/webrtcapi.html', '/index.html', '/talk.js', '/talk.css', '/session.js']) {
    const reply = await fetch(new URL(path, url));
    t.equal(reply.status, 200, path);
    t.match(reply.headers.get('content-security-policy'), /default-src 'self'/);
    await reply.arrayBuffer();
  }
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/nothing.html', '/.git/config']) {
    const reply = await fetch(new URL(path, url));
    t.not(reply.status, 200, path);
    await reply.arrayBuffer();
  }
});

t.test('another site in the same browser cannot reach a server without a token', async (t) => {
  const { url, post, close } = await serverOf(1);
  t.teardown(close);
  const body = { sessionid: 'x' };
  for (const origin of ['https://evil.example', 'null', 'file://', 'nonsense']) {
    t.equal((await post('/is_speaking', body, { origin })).status, 403, origin);
  }
  t.equal((await post('/is_speaking', body)).status, 200);
  t.equal((await post('/is_speaking', body, { origin: new URL(url).origin })).status, 200);
});

t.test('with a token every request must carry it: header, address or cookie', async (t) => {
  const { url, post, close } = await serverOf(1, { token: 'open sesame' });
  t.teardown(close);
  t.equal((await fetch(url)).status, 401);
  t.equal((await post('/is_speaking', { sessionid: 'x' })).status, 401);
  t.equal((await post('/is_speaking', { sessionid: 'x' }, { authorization: 'Bearer wrong' })).status, 401);
  t.equal(
    (await post('/is_speaking', { sessionid: 'x' }, { authorization: 'Bearer open sesame' })).status,
    200,
  );
  const page = await fetch(new URL('/?token=open%20sesame', url));
  t.equal(page.status, 200);
  const cookie = page.headers.get('set-cookie') ?? '';
  t.match(cookie, /HttpOnly; SameSite=Strict/);
  t.equal(
    (await post('/is_speaking', { sessionid: 'x' }, { cookie: cookie.split(';')[0] ?? '' })).status,
    200,
  );
});

t.test('the log says what was asked, and no token', async (t) => {
  const logTo = new PassThrough({ encoding: 'utf8' });
  const { url, close } = await serverOf(1, { token: 'open sesame', log: true, logTo });
  await fetch(new URL('/avatars?x=1&token=open%20sesame', url));
  await fetch(new URL('/avatars', url), { headers: { authorization: 'Bearer open sesame' } });
  await close();
  const said = String(logTo.read());
  t.match(said, /"url":"\/avatars\?x=1&token=…"/);
  t.notMatch(said, /sesame/);
});

t.test('a cookie or header that cannot be read carries no token', async (t) => {
  const { url, close } = await serverOf(1, { token: 'sesame' });
  t.teardown(close);
  for (const headers of [{ cookie: 'talkgraph_token=%E0%A4%A' }, { authorization: 'Bearer' }]) {
    t.equal((await fetch(url, { headers })).status, 401);
  }
});

t.test('an address that cannot be listened on is told with the reason', async (t) => {
  const { url, close } = await serverOf(1);
  t.teardown(close);
  const port = Number(new URL(url).port);
  await t.rejects(serverOf(1, { port }), {
    code: 'resource/busy',
    message: `Port ${port} of 127.0.0.1 is taken. Stop who listens there, or choose another port.`,
  });
  // Reserved for documentation: no machine has it.
  await t.rejects(serverOf(1, { host: '192.0.2.1', token: 'x' }), {
    code: 'resource/settings',
    message: /address of this machine .* received 192\.0\.2\.1/,
  });
});

t.test('an address that others can reach needs a token', async (t) => {
  await t.rejects(serverOf(1, { host: '0.0.0.0' }), { code: 'resource/settings' });
});
