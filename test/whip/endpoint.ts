/** What is understood of a WHIP server's answers (RFC 9725), at servers that answer as they are told. */
import { createServer as plain, type RequestListener } from 'node:http';
import { createServer as encrypted } from 'node:https';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { CipherContext } from 'werift';
import { post, remove } from '../../src/whip/endpoint.js';
import { parseTarget } from '../../src/whip/target.js';

const TOKEN = 'sesame';
const SDP = 'v=0\r\n';
const { certPem: cert, keyPem: key } = await CipherContext.createSelfSignedCertificateWithKey({
  signature: 3,
  hash: 4,
});
const never = new AbortController().signal;

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that answers in this order, and what it was asked. */
async function server(t: Test, answers: readonly Answer[], secure = false) {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    const { method, url, headers } = request;
    asked.push(`${method} ${url} ${headers.authorization ?? ''}`);
    request.resume().on('end', () => {
      const { status, headers, body } = answers[asked.length - 1] ?? { status: 200 };
      response.writeHead(status, { connection: 'close', ...headers }).end(body);
    });
  };
  const made = secure ? encrypted({ cert, key }, listener) : plain(listener);
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise((resolve) => made.close(resolve)));
  const { port } = made.address() as AddressInfo;
  return { asked, url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}` };
}

const ask = (url: string) => post(parseTarget(url, TOKEN), 'an offer', never);

t.test('the address to say goodbye to may be relative, to where the server sent us', async (t) => {
  const { url, asked } = await server(t, [
    { status: 307, headers: { location: '/other/whip?a=1' } },
    { status: 308, headers: { location: 'last' } },
    { status: 201, headers: { location: 'id/7' }, body: SDP },
  ]);
  const session = await ask(`${url}/live`);
  t.equal(session.answer, SDP);
  t.equal(session.url?.href, `${url}/other/id/7`);
  await remove(parseTarget(`${url}/live`, TOKEN), session.url!);
  t.same(asked, [
    `POST /live Bearer ${TOKEN}`,
    `POST /other/whip?a=1 Bearer ${TOKEN}`,
    `POST /other/last Bearer ${TOKEN}`,
    `DELETE /other/id/7 Bearer ${TOKEN}`,
  ]);
});

t.test('without one, or with one that is none, nothing is said', async (t) => {
  for (const headers of [{}, { location: 'http://[' }, { location: 'file:///etc/passwd' }]) {
    const { url } = await server(t, [{ status: 201, headers, body: SDP }]);
    t.same(await ask(url), { answer: SDP, url: undefined }, JSON.stringify(headers));
  }
});

t.test('the token leaves no encryption that it came in', async (t) => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  t.teardown(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  });
  const open = await server(t, []);
  for (const status of [307, 308]) {
    const { url } = await server(t, [{ status, headers: { location: `${open.url}/whip` } }], true);
    await t.rejects(ask(url), { message: /sends us where we cannot go/ }, String(status));
  }
  const answered = { status: 201, headers: { location: `${open.url}/id` }, body: SDP };
  const { url } = await server(t, [answered], true);
  t.same(await ask(url), { answer: SDP, url: undefined }, 'nor to say goodbye');
  t.same(open.asked, []);
});

t.test('a server says when to come again, in seconds or by a date', async (t) => {
  const date = new Date(Date.now() + 30_000).toUTCString();
  for (const [text, least, most] of [
    ['7', 7, 7],
    [date, 1, 30],
  ] as const) {
    const { url } = await server(t, [{ status: 503, headers: { 'retry-after': text } }]);
    const error = await ask(url).catch((error: unknown) => error as { details: Record<string, number> });
    const after = 'details' in error ? Number(error.details['retryAfter']) : Number.NaN;
    t.ok(after >= least && after <= most, `${text}: ${after} s`);
  }
  for (const text of ['-3', 'soon', 'Mon, 01 Jan 2001 00:00:00 GMT']) {
    const { url } = await server(t, [{ status: 503, headers: { 'retry-after': text } }]);
    await t.rejects(ask(url), { message: /\(status 503\)/, details: { retryAfter: undefined } }, text);
  }
});

t.test('another answer than these is a refusal, and is said to be one', async (t) => {
  for (const [answer, message] of [
    [{ status: 301, headers: { location: '/other' } }, /another status than 307 or 308 \(status 301\)/],
    [{ status: 307 }, /sends us where we cannot go/],
    [{ status: 401 }, /does not take the token/],
    [{ status: 204 }, /status 204/],
  ] as const) {
    const { url, asked } = await server(t, [answer]);
    await t.rejects(ask(url), { message, retryable: true }, String(answer.status));
    t.equal(asked.length, 1);
  }
  const round = await server(t, Array(9).fill({ status: 307, headers: { location: '/again' } }));
  await t.rejects(ask(round.url), { message: /sends us on more than 5 times/ });
  t.equal(round.asked.length, 6);
});

t.test('an answer that is too long is let go, and its session ended', async (t) => {
  const body = 'x'.repeat(70_000);
  const { url, asked } = await server(t, [{ status: 201, headers: { location: '/id' }, body }]);
  await t.rejects(ask(url), { message: /its answer is too long/ });
  t.equal(asked[1], `DELETE /id Bearer ${TOKEN}`);
});

t.test('a user that cannot be read is said to be one before anything is asked', async (t) => {
  t.throws(() => parseTarget('http://anna:%zz@host/x', ''), { message: /user or password has a %/ });
});
