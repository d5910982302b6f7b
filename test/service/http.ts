import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { HttpClient } from '../../src/service/http.js';
import type { Party } from '../../src/service/refusal.js';
import { Hangups } from '../support/hangups.js';

const never = new AbortController().signal;
const KEY = 'sk-never-to-be-seen';

async function serve(
  t: Test,
  listener: RequestListener,
): Promise<{ url: URL; server: Server; party: Party }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/speech`);
  return { url, server, party: { engine: 'test', what: 'the voice test', host: url.host, hide: [KEY] } };
}

function client(t: Test): HttpClient {
  const made = new HttpClient();
  t.teardown(() => made.close());
  return made;
}

async function bodyOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}

t.test('uses one connection for one request after the other', async (t) => {
  const ports = new Set<number | undefined>();
  const { url, party } = await serve(t, (request, response) => {
    ports.add(request.socket.remotePort);
    response.end('sound');
  });
  const http = client(t);
  for (let n = 0; n < 3; n++) {
    const { body } = await http.open({ url, body: 'x' }, party, never);
    t.equal(await bodyOf(body), 'sound');
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(ports.size, 1);
});

t.test('opens a connection ahead, over which nothing goes before something is asked', async (t) => {
  let asked = 0;
  const ports: (number | undefined)[] = [];
  const { url, server, party } = await serve(t, (request, response) => {
    asked++;
    ports.push(request.socket.remotePort);
    response.end('sound');
  });
  const opened: (number | undefined)[] = [];
  server.on('connection', (socket) => opened.push(socket.remotePort));
  const http = client(t);
  const connected = once(server, 'connection');
  http.expect(url);
  http.expect(url);
  await connected;
  t.equal(asked, 0);
  for (let n = 0; n < 2; n++) {
    t.equal(await bodyOf((await http.open({ url, body: 'x' }, party, never)).body), 'sound');
    await new Promise((resolve) => setImmediate(resolve));
    http.expect(url);
  }
  t.same(ports, [opened[0], opened[0]], 'it is the one that is used, and kept');
  t.equal(opened.length, 1);
});

t.test('a connection that was opened ahead and closed meanwhile costs nothing', async (t) => {
  let first = true;
  const { url, server, party } = await serve(t, (request, response) => {
    if (first) request.socket.resetAndDestroy();
    else response.end('sound');
    first = false;
  });
  const http = client(t);
  const connected = once(server, 'connection');
  http.expect(url);
  await connected;
  const { body } = await http.open({ url, body: 'x' }, party, never);
  t.equal(await bodyOf(body), 'sound', 'asked once more, over another one');
});

t.test('to expect a host that is not there does nothing', async (t) => {
  const { url, server, party } = await serve(t, () => undefined);
  server.close();
  const http = client(t);
  http.expect(url);
  await t.rejects(http.open({ url, body: 'x' }, party, never), { code: 'resource/unreachable' });
});

t.test('asks again by itself on a connection that was closed while it was idle', async (t) => {
  let asked = 0;
  const { url, party } = await serve(t, (request, response) => {
    asked++;
    if (asked === 2) request.socket.resetAndDestroy();
    else response.end('sound');
  });
  const http = client(t);
  for (let n = 0; n < 2; n++) {
    t.equal(await bodyOf((await http.open({ url }, party, never)).body), 'sound');
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(asked, 3);
});

t.test('a GET may have a body, and what is sent has its length', async (t) => {
  const { url, party } = await serve(t, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.setHeader('content-type', 'Audio/PCM; rate=24000; x="y z"');
    response.end(`${request.method} ${request.headers['content-length']} ${Buffer.concat(parts)}`);
  });
  const { body, type, parameters } = await client(t).open({ url, method: 'GET', body: 'ä' }, party, never);
  t.equal(await bodyOf(body), 'GET 2 ä');
  t.equal(type, 'audio/pcm');
  t.same(parameters, { rate: '24000', x: 'y z' });
});

t.test('follows the same host, and nobody to another', async (t) => {
  const { url, party } = await serve(t, (request, response) => {
    const [, kind] = (request.url ?? '').split('?');
    if (kind === 'here') response.writeHead(307, { location: '/v1/other' }).end();
    else if (kind === 'there') response.writeHead(307, { location: 'http://127.0.0.2:1/' }).end();
    else if (kind === 'round') response.writeHead(308, { location: request.url }).end();
    else response.end(request.url);
  });
  const http = client(t);
  t.equal(await bodyOf((await http.open({ url: new URL('?here', url) }, party, never)).body), '/v1/other');
  for (const kind of ['there', 'round']) {
    await t.rejects(http.open({ url: new URL(`?${kind}`, url) }, party, never), {
      code: 'resource/settings',
      message: /elsewhere \(30[78]\)/,
      retryable: false,
    });
  }
});

t.test(
  'closes the connection in the turn of an abort, before the answer and in the middle of it',
  async (t) => {
    const hangups = new Hangups();
    t.teardown(() => hangups.end());
    for (const answers of [false, true]) {
      const { url, party, server } = await serve(t, (_, response) => {
        if (answers) response.write('so');
      });
      const control = new AbortController();
      const connected = once(server, 'connection');
      const opened = client(t).open({ url }, party, control.signal);
      opened.catch(() => undefined);
      const [socket] = await connected;
      if (answers) await opened;
      else await once(server, 'request');
      t.equal(hangups.open(url.href), 1);
      control.abort();
      t.equal(hangups.open(url.href), 0);
      await once(socket, 'close');
      if (answers) t.equal(await bodyOf((await opened).body), '', 'and ends quietly');
    }
  },
);

t.test('an answer that is shorter than it said is told', async (t) => {
  const { url, party } = await serve(t, (_, response) => {
    response.setHeader('content-length', '100');
    response.write('sound');
    setImmediate(() => response.destroy());
  });
  const { body } = await client(t).open({ url }, party, never);
  await t.rejects(bodyOf(body), { code: 'resource/unreachable', retryable: true, message: /broke off/ });
});

t.test('whole answers as JSON, or what came instead', async (t) => {
  const { url, party } = await serve(t, (request, response) => {
    response.end(request.url?.includes('page') ? `<b>no</b> ${KEY}` : '{"a": [1]}');
  });
  const http = client(t);
  t.same(await http.json({ url }, party, never), { a: [1] });
  await t.rejects(http.json({ url: new URL('?page', url) }, party, never), {
    code: 'stream/wrong-type',
    message: /It says: "no …"$/,
  });
});

t.test('who cannot be found or reached', async (t) => {
  const party: Party = { engine: 'test', what: 'the voice test', host: 'x', hide: [] };
  await t.rejects(client(t).open({ url: new URL('http://127.0.0.1:1/') }, party, never), {
    code: 'resource/unreachable',
    retryable: true,
    message: /nobody listens there/,
  });
});
