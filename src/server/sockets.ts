/** What routes that are WebSockets need, once for all of them. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { refuse } from './refusals.js';

/** Bytes of one message; LiveTalking's page sends 1920. */
const MESSAGE = 256 << 10;

/** Close codes of RFC 6455 7.4 and the registry behind it. */
export const CLOSE = { unsupported: 1003, refused: 1008, tooBig: 1009, busy: 1013, idle: 1001 } as const;

export async function openSockets(app: FastifyInstance): Promise<void> {
  if (app.hasDecorator('websocketServer')) return;
  const wanted = new EventEmitter() as Server;
  const answers = new WeakMap<object, ServerResponse>();
  app.server.on('request', ({ socket }, answer) => answers.set(socket, answer));
  app.server.on('upgrade', (request, socket, head) => {
    const goOn = (): void => {
      if (request.headers.upgrade?.toLowerCase() !== 'websocket')
        readAgain(app.server, request, socket as Socket, head);
      // Nobody listens any more once the server ends.
      else if (!wanted.emit('upgrade', request, socket, head)) socket.destroy();
    };
    // Node tells of it while what was asked before it is still being answered, and would mix the two or forget this one. Until then
    // nothing more is read: an answer is all that waits.
    const before = answers.get(socket);
    if (before === undefined || before.closed) goOn();
    else before.once('close', () => socket.destroyed || goOn());
  });
  await app.register(websocket, { options: { maxPayload: MESSAGE, server: wanted } });
  const paths = new Set<string>();
  app.addHook('onRoute', ({ websocket, url }) => {
    if (websocket === true) paths.add(url);
  });
  // Without it a path that is no socket's is opened first and closed then.
  app.addHook('onRequest', async (request, reply) => {
    const wanted = request.headers.upgrade?.toLowerCase() === 'websocket';
    const there = paths.has(request.routeOptions.url ?? '');
    if (wanted === there) return undefined;
    if (wanted) return refuse(request, reply, 404, 'There is no WebSocket here.');
    // RFC 9110 15.5.22.
    reply.header('upgrade', 'websocket').header('connection', 'Upgrade, close');
    return refuse(request, reply, 426, 'Expected a WebSocket.');
  });
  // A socket that asked to be one and may not is nobody's any more: it would hold the server's end up for ever.
  app.addHook('onResponse', async ({ raw }, { statusCode }) => {
    if (raw.headers.upgrade !== undefined && statusCode >= 400) raw.socket.end(() => raw.socket.destroy());
  });
}

/** What asks for another protocol, and the words of `Connection` that go with it. */
const ASKS = /^(upgrade|http2-settings)$/i;

/**
 * Goes on in HTTP/1.1 with a request that offers to go on in another protocol, as Java's own client does with every one (`h2c`): an
 * offer need not be taken (RFC 9110 7.8). Node reads no further as soon as it sees one, so what it has read is put back without it.
 */
function readAgain(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const [name = '', value = ''] = rawHeaders.slice(n, n + 2);
    if (ASKS.test(name)) continue;
    const words = value.split(',').filter((word) => !ASKS.test(word.trim()));
    if (!/^connection$/i.test(name)) lines.push(`${name}: ${value}`);
    else if (words.length > 0) lines.push(`${name}: ${words.join(',')}`);
  }
  // That of an answer before it, which lets go of whoever asks no more.
  socket.setTimeout(0);
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket);
}
