/** Requests that HTTP allows and few clients send: each is answered as HTTP has it, and the connection goes on. */
import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { serverOf } from './support/server.js';

const server = await serverOf(2);
t.teardown(() => server.close());
const { port, host } = new URL(server.url);

/** What comes back over one connection, whose last request closes it. */
async function talk(...requests: string[]): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(requests.join(''));
  let text = '';
  socket.on('data', (piece) => (text += String(piece)));
  await once(socket, 'close');
  return text;
}

/** A request as it stands on the line; `last`: the connection closes behind it. */
function request(line: string, { headers = [] as string[], body = '', last = false } = {}): string {
  const more = [
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...(last ? ['Connection: close'] : []),
  ];
  return `${[`${line} HTTP/1.1`, `Host: ${host}`, ...headers, ...more].join('\r\n')}\r\n\r\n${body}`;
}
const LAST = request('GET /healthz', { last: true });

t.test(
  'an offer of HTTP/2, as Java makes one with each request, is not taken, and the request is',
  async (t) => {
    const body = JSON.stringify({ sessionid: 'x' });
    const asked = request('POST /is_speaking', {
      headers: [
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk',
      ],
      body,
    });
    // One after the other: who waits for another protocol sends nothing meanwhile.
    const socket = connect(Number(port), '127.0.0.1');
    for (let n = 0; n < 20; n++) {
      socket.write(asked);
      let text = '';
      while (!text.endsWith('}')) text += String((await once(socket, 'data'))[0]);
      t.match(text, /^HTTP\/1\.1 200 .*\{"code":-1,"msg":"session not found"\}$/s, `request ${n + 1}`);
    }
    socket.end();
    const form =
      '--x\r\ncontent-disposition: form-data; name="sessionid"\r\n\r\nx\r\n' +
      `--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(300_000)}\r\n--x--\r\n`;
    const long = request('POST /humanaudio', {
      headers: ['Content-Type: multipart/form-data; boundary=x', 'Connection: upgrade', 'Upgrade: h2c'],
      body: form,
    });
    t.match(await talk(long, LAST), /session not found.*\r\nok/s);
  },
);

t.test('an offer of HTTP/2 behind a request that is not answered yet waits for it', async (t) => {
  const slow = request('POST /v1/audio/speech', {
    headers: ['Content-Type: application/json'],
    body: JSON.stringify({ input: 'One.', response_format: 'wav' }),
  });
  const offers = { headers: ['Connection: Upgrade', 'Upgrade: h2c'] };
  const text = await talk(
    slow,
    request('GET /readyz'),
    request('GET /readyz', offers),
    request('GET /v1/me', offers),
    LAST,
  );
  const answers = text.match(/HTTP\/1\.1 \d+|RIFF|ready\n|"kind"|ok\n$/g);
  t.same(answers, [
    ...['HTTP/1.1 200', 'RIFF', 'HTTP/1.1 200', 'ready\n', 'HTTP/1.1 200', 'ready\n'],
    ...['HTTP/1.1 200', '"kind"', 'HTTP/1.1 200', 'ok\n'],
  ]);
});

t.test('who asks for the head of a stream alone gets it, and the next answer behind it', async (t) => {
  const { id } = await server.sessions.create();
  for (const path of [`/sse?sessionid=${id}`, `/v1/sessions/${id}/events`]) {
    const text = await talk(request(`HEAD ${path}`), LAST);
    t.match(text, /^HTTP\/1\.1 200 .*text\/event-stream.*HTTP\/1\.1 200 .*\r\nok/s, path);
    t.match(text, /x-content-type-options: nosniff.*HTTP/s, 'as every answer has it');
  }
});

t.test('what is not there, or not by this method, is told in the form of its place', async (t) => {
  for (const [line, status, what] of [
    ['PUT /human', 405, /allow: OPTIONS, POST\r\n.*"code":-1,"msg":"There is no PUT \/human here; there is/s],
    ['GET /offer', 405, /allow: OPTIONS, POST\r\n/],
    ['PATCH /v1/sessions/x', 405, /allow: DELETE, GET, HEAD, OPTIONS\r\n.*problem\+json/s],
    ['TRACE /record/x', 405, /allow: GET, HEAD, OPTIONS\r\n/],
    ['OPTIONS /v1/sessions', 204, /allow: GET, HEAD, OPTIONS, POST\r\n/],
    ['OPTIONS /nothing', 404, /"code":-1/],
    ['OPTIONS *', 404, /"code":-1/],
    ['POST /human/', 404, /"code":-1/],
    ['GET /record/%ff', 400, /nosniff.*"code":-1,"msg":"Expected an address/s],
    ['GET /v1/sessions/%ff', 400, /nosniff.*"detail":"Expected an address/s],
    ['GET /v1/sessions/x/audio', 426, /upgrade: websocket.*"detail":"Expected a WebSocket/s],
    ['GET /whep/x/y/z', 404, /problem\+json/],
  ] as const) {
    const text = await talk(request(line, { last: true }));
    t.match(text, new RegExp(`^HTTP/1\\.1 ${status} `), line);
    t.match(text, what, line);
  }
});

t.test('no body, one that is compressed, and a question without a host', async (t) => {
  const none = request('POST /human', { headers: ['Content-Length: 0'], last: true });
  t.match(await talk(none), /^HTTP\/1\.1 200 .*"msg":"Expected a JSON object\."/s);
  const packed = request('POST /human', { headers: ['Content-Encoding: gzip'], body: 'x', last: true });
  t.match(await talk(packed), /^HTTP\/1\.1 415 .*accept-encoding: identity.*but received gzip/s);
  t.match(await talk('GET /healthz HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 .*\r\nok/s, 'as HAProxy asks');
  t.match(await talk('GET /avatars HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 403 /);
});

t.test('under /v1 the lock says what is wrong as everything there does', async (t) => {
  const locked = await serverOf(1, { token: 'sesame', adminToken: 'ali baba' });
  t.teardown(() => locked.close());
  for (const [path, authorization, status] of [
    ['/v1/graphs', '', 401],
    ['/v1/graphs', 'Bearer x', 401],
    ['/v1/pool', 'Bearer sesame', 403],
    ['/whep', '', 401],
  ] as const) {
    const reply = await fetch(new URL(path, locked.url), { headers: authorization ? { authorization } : {} });
    t.equal(reply.headers.get('content-type'), 'application/problem+json; charset=utf-8', path);
    t.match(await reply.json(), { status, detail: /^Expected the token/ }, path);
  }
  const old = await fetch(new URL('/human', locked.url), { method: 'POST', body: '{}' });
  t.match([old.status, await old.json()], [401, { code: -1, msg: /^Expected the token/ }]);
});
