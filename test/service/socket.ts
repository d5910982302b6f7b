import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import t, { type Test } from 'tap';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Party } from '../../src/service/refusal.js';
import { ServiceSocket } from '../../src/service/socket.js';
import { Hangups } from '../support/hangups.js';

interface Server {
  url: URL;
  party: Party;
  sockets: Socket[];
}

async function serve(t: Test, talk: (socket: WebSocket) => void, refuse?: string): Promise<Server> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = new WebSocketServer({ noServer: true });
  const sockets: Socket[] = [];
  http.on('connection', (socket) => sockets.push(socket));
  http.on('upgrade', (request, socket, head) => {
    if (refuse === 'never') return void socket.resume().on('end', () => socket.end());
    if (refuse !== undefined)
      socket.end(`HTTP/1.1 ${refuse}\r\nretry-after: 2\r\ncontent-length: 4\r\n\r\nsk-1`);
    else server.handleUpgrade(request, socket, head, talk);
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const url = new URL(`ws://127.0.0.1:${port}/x`);
  return { url, sockets, party: { engine: 'test', what: 'the voice test', host: url.host, hide: ['sk-1'] } };
}

const never = new AbortController().signal;

t.test('texts and bytes in order, until the goodbye', async (t) => {
  const { url, party } = await serve(t, (socket) => {
    socket.on('message', (data, binary) => {
      socket.send('one');
      socket.send(binary ? Buffer.from(data as Buffer) : String(data));
      socket.close(1000);
    });
  });
  for (const sent of ['hello', Buffer.from([1, 2])]) {
    const socket = await ServiceSocket.open(url, { party, signal: never });
    t.ok(socket.open);
    socket.send(sent);
    const heard: (string | Uint8Array)[] = [];
    for await (const message of socket) heard.push(message);
    t.same(heard, ['one', sent]);
    t.notOk(socket.open);
    socket.send('late');
  }
});

t.test('what the service sends with the answer to the handshake is not lost', async (t) => {
  const { url, party } = await serve(t, (socket) => {
    socket.send('at once');
    socket.close();
  });
  const socket = await ServiceSocket.open(url, { party, signal: never });
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(await socket.next(), 'at once');
  t.equal(await socket.next(), undefined);
});

t.test('close codes mean what they say', async (t) => {
  for (const [code, match] of [
    [1008, { code: 'resource/not-authorized', retryable: false, message: /It says: "key … is wrong"/ }],
    [1007, { code: 'resource/settings', retryable: false }],
    [1011, { code: 'resource/unreachable', retryable: true, details: { closeCode: 1011 } }],
    [4000, { code: 'resource/unreachable', retryable: true }],
  ] as const) {
    const { url, party } = await serve(t, (socket) => socket.close(code, 'key sk-1 is wrong'));
    const socket = await ServiceSocket.open(url, { party, signal: never });
    await t.rejects(socket.next(), match);
  }
  const { url, party } = await serve(t, (socket) => socket.terminate());
  const socket = await ServiceSocket.open(url, { party, signal: never });
  await t.rejects(socket.next(), { code: 'resource/unreachable', retryable: true, message: /broke off/ });
});

t.test('a refused handshake means what its status means', async (t) => {
  for (const [line, match] of [
    ['401 Unauthorized', { code: 'resource/not-authorized', retryable: false, message: /^(?!.*sk-1)/ }],
    ['429 Too Many', { code: 'resource/rate', retryable: true, details: { retryAfterMs: 2000 } }],
    ['302 Found', { code: 'resource/settings' }],
    ['200 OK', { code: 'stream/wrong-type', retryable: false, message: /^(?!.*sk-1)/ }],
  ] as const) {
    const { url, party } = await serve(t, () => undefined, line);
    const seen: unknown[] = [];
    const onRefused = ({ headers }: { headers: unknown }) => seen.push(headers);
    await t.rejects(ServiceSocket.open(url, { party, signal: never, onRefused }), match);
    t.match(seen, [{ 'retry-after': '2' }], 'whoever opens it sees its headers');
  }
});

t.test('gives up when it does not open in time, or nobody is there', async (t) => {
  const { url, party } = await serve(t, () => undefined, 'never');
  await t.rejects(ServiceSocket.open(url, { party, signal: never, openMs: 50 }), {
    code: 'resource/unreachable',
    retryable: true,
  });
  await t.rejects(ServiceSocket.open(new URL('ws://127.0.0.1:1'), { party, signal: never }), {
    code: 'resource/unreachable',
  });
});

t.test('an abort cuts the connection in its own turn, while it opens and later', async (t) => {
  const hangups = new Hangups();
  t.teardown(() => hangups.end());
  for (const refuse of ['never', undefined]) {
    const { url, party, sockets } = await serve(t, () => undefined, refuse);
    const control = new AbortController();
    const opening = ServiceSocket.open(url, { party, signal: control.signal });
    opening.catch(() => undefined);
    while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const socket = refuse === undefined ? await opening : undefined;
    t.equal(hangups.open(url.href), 1);
    control.abort();
    t.equal(hangups.open(url.href), 0);
    await once(sockets[0]!, 'close');
    if (socket === undefined) await t.rejects(opening);
    else t.equal(await socket.next(), undefined, 'and ends quietly');
  }
});

t.test('is not read further than somebody listens', async (t) => {
  let sent = 0;
  const { url, party } = await serve(t, (socket) => {
    const more = (): void => {
      if (sent++ < 64) socket.send(Buffer.alloc(1 << 18), more);
      else socket.close();
    };
    more();
  });
  const socket = await ServiceSocket.open(url, { party, signal: never });
  // Until nothing moves any more.
  for (let still = 0, before = -1; still < 200; still = before === sent ? still + 1 : 0) {
    before = sent;
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(sent < 60, `${sent} of 64 sent`);
  let bytes = 0;
  for await (const message of socket) bytes += message.length;
  t.equal(bytes, 64 << 18);
});
