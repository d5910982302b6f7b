/** Pages of others in the same browser: what a browser adds by itself opens nothing for them, requests and sockets alike. */
import { once } from 'node:events';
import t from 'tap';
import WebSocket from 'ws';
import { serverOf } from './support/server.js';

/** Status of a socket's handshake; 101 for one that was opened. */
async function socket(
  url: string,
  headers: Record<string, string>,
  path = '/v1/sessions/x/audio',
): Promise<number> {
  const opened = new WebSocket(new URL(path, url.replace(/^http/, 'ws')), { headers });
  opened.on('error', () => undefined);
  const status = await Promise.race([
    once(opened, 'open').then(() => 101),
    once(opened, 'unexpected-response').then(([, reply]) => (reply as { statusCode: number }).statusCode),
  ]);
  opened.terminate();
  return status;
}

const STRANGERS = ['https://evil.example', 'http://127.0.0.1:9', 'http://localhost', 'null', 'nonsense'];

t.test('without a token, sockets are for our own page and for programs', async (t) => {
  const { url, close } = await serverOf(1);
  t.teardown(close);
  for (const origin of STRANGERS) t.equal(await socket(url, { origin }), 403, origin);
  t.equal(await socket(url, { origin: new URL(url).origin }), 101);
  t.equal(await socket(url, {}), 101, 'a program says no origin');
  t.equal(await socket(url, { host: 'evil.example' }), 403, 'a name of somebody else’s that leads here');
});

t.test('the cookie of our page opens nothing for another, whatever port or name that has', async (t) => {
  const { url, post, close } = await serverOf(1, { token: 'sesame', origins: ['https://a.example'] });
  t.teardown(close);
  const cookie = 'talkgraph_token=sesame';
  const body = { sessionid: 'x' };
  for (const origin of STRANGERS) {
    t.equal(await socket(url, { cookie, origin }), 403, `a socket for ${origin}`);
    t.equal((await post('/interrupt_talk', body, { cookie, origin })).status, 403, origin);
  }
  const { origin } = new URL(url);
  t.equal(await socket(url, { cookie, origin }), 101, 'our own page');
  t.equal((await post('/interrupt_talk', body, { cookie, origin })).status, 200);
  t.equal(
    (await post('/interrupt_talk', body, { cookie, origin: 'https://a.example' })).status,
    200,
    'one that is named',
  );
  const written = { authorization: 'Bearer sesame', origin: 'https://evil.example' };
  t.equal((await post('/interrupt_talk', body, written)).status, 200, 'no browser adds this by itself');
});

t.test('“*” lets pages read; it lends nobody a cookie', async (t) => {
  const { url, post, close } = await serverOf(1, { token: 'sesame', origins: ['*'] });
  t.teardown(close);
  const headers = { cookie: 'talkgraph_token=sesame', origin: 'https://evil.example' };
  t.equal((await post('/interrupt_talk', { sessionid: 'x' }, headers)).status, 403);
  const asked = await fetch(new URL('/avatars', url), { headers: { origin: 'https://evil.example' } });
  t.equal(asked.status, 401);
  t.equal(asked.headers.get('access-control-allow-credentials'), null);
});
