/** What routes that are WebSockets need, once for all of them. */
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { failed } from './contract/livetalking.js';

/** Bytes of one message; LiveTalking's page sends 1920. */
const MESSAGE = 256 << 10;

/** Close codes of RFC 6455 7.4 and the registry behind it. */
export const CLOSE = { unsupported: 1003, refused: 1008, tooBig: 1009, busy: 1013, idle: 1001 } as const;

export async function openSockets(app: FastifyInstance): Promise<void> {
  if (app.hasDecorator('websocketServer')) return;
  await app.register(websocket, { options: { maxPayload: MESSAGE } });
  const paths = new Set<string>();
  app.addHook('onRoute', ({ websocket, url }) => {
    if (websocket === true) paths.add(url);
  });
  // Without it a path that is no socket's is opened first and closed then.
  app.addHook('onRequest', async ({ headers, routeOptions: { url = '' } }, reply) => {
    if (headers.upgrade?.toLowerCase() !== 'websocket' || paths.has(url)) return undefined;
    return reply.code(404).send(failed('There is no WebSocket here.'));
  });
  // A socket that asked to be one and may not is nobody's any more: it would hold the server's end up for ever.
  app.addHook('onResponse', async ({ raw }, { statusCode }) => {
    if (raw.headers.upgrade !== undefined && statusCode >= 400) raw.socket.end(() => raw.socket.destroy());
  });
}
