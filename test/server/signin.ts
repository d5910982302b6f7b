/** A person is asked for the token in words, and it never stands in an address. */
import t from 'tap';
import { serverOf } from './support/server.js';

const server = await serverOf(1, { token: 'sesame', adminToken: 'ali baba' });
t.teardown(() => server.close());
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const sign = (token: unknown, headers = {}) =>
  fetch(new URL('/v1/token', server.url), { method: 'POST', body: JSON.stringify({ token }), headers });

t.test('who opens a page is asked, whoever asks for data is told', async (t) => {
  for (const path of ['/', '/sessions.html', '/rtmpapi.html']) {
    const reply = await fetch(new URL(path, server.url), { headers: browser });
    t.equal(reply.status, 401, path);
    t.match(reply.headers.get('content-type'), 'text/html');
    t.equal(reply.headers.get('cache-control'), 'no-store');
    const page = await reply.text();
    t.match(page, /This server opens with a token/);
    for (const [, asset] of page.matchAll(/(?:href|src)="(\/[^"]+)"/g))
      t.equal((await fetch(new URL(String(asset), server.url))).status, 200, `${asset} needs none`);
  }
  const data = await fetch(new URL('/v1/sessions', server.url));
  t.equal(data.status, 401);
  t.match(data.headers.get('content-type'), 'application/problem+json');
  for (const path of ['/index.html', '/talk.js', '/sessions.js', '/openapi.json'])
    t.equal((await fetch(new URL(path, server.url))).status, 401, `${path} is behind it`);
});

t.test('a right one becomes a cookie that no script reads and no other site sends', async (t) => {
  const reply = await sign('ali baba');
  t.equal(reply.status, 204);
  const cookie = reply.headers.get('set-cookie') ?? '';
  t.match(cookie, /^talkgraph_token=ali%20baba; HttpOnly; SameSite=Strict; Path=\/$/);
  const headers = { cookie: cookie.split(';')[0] ?? '' };
  t.equal((await fetch(new URL('/v1/sessions', server.url), { headers })).status, 200);
  const out = await fetch(new URL('/v1/token', server.url), { method: 'DELETE', headers });
  t.equal(out.status, 204);
  t.match(out.headers.get('set-cookie'), /^talkgraph_token=; .*Max-Age=0/);
});

t.test('a wrong one is none, and there is a limit to guessing', async (t) => {
  const limited = await serverOf(1, { token: 'sesame', rates: { offers: 100, work: 100, other: 1000 } });
  t.teardown(() => limited.close());
  const guess = (token: string) =>
    fetch(new URL('/v1/token', limited.url), { method: 'POST', body: JSON.stringify({ token }) });
  const wrong = await guess('open');
  t.equal(wrong.status, 401);
  t.match(await wrong.json(), { detail: 'This is not a token of this server.' });
  t.equal(wrong.headers.get('set-cookie'), null);
  for (let n = 1; n < 30; n++) await guess(`open ${n}`);
  const last = await guess('open 30');
  t.equal(last.status, 429);
  t.ok(Number(last.headers.get('retry-after')) > 0);
  t.equal((await guess('sesame')).status, 204, 'who has it is let in all the same');
});

t.test('nothing else is taken, and no other site may sign anybody in', async (t) => {
  for (const token of ['', 7, null, 'x'.repeat(1001)])
    t.equal((await sign(token)).status, 400, String(token).slice(0, 9));
  t.equal((await sign('sesame', { origin: 'https://evil.example' })).status, 403);
  const made = await server.post('/v1/sessions', {}, { authorization: 'Bearer sesame' });
  const { token } = made.body as { token: string };
  t.equal((await sign(token)).status, 401, "a session's token opens no pages");
});
