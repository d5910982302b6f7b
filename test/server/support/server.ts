/** A server with sessions of the real graph on a free port, and a werift viewer that offers to it. */
import { openAvatar } from '../../../src/avatar/index.js';
import { type ServerOptions, serve } from '../../../src/server/server.js';
import type { SessionSettings } from '../../../src/session/session.js';
import { Sessions } from '../../../src/session/sessions.js';
import { Receiver } from '../../webrtc/support/receiver.js';

/** The avatar that sessions show unless told otherwise, as `talkgraph serve` keeps it: each would decode it anew for a second. */
const kept: Promise<unknown>[] = [];

export async function serverOf(
  limit: number,
  options: Partial<ServerOptions> = {},
  settings: SessionSettings = { graph: 'webrtc.yaml', parameters: {} },
) {
  const sessions = new Sessions(limit, settings);
  if (settings.graph === 'webrtc.yaml' && settings.parameters?.['avatar'] === undefined) {
    sessions.events.on('made', () => {
      // Where a test has other avatars there may be none of this name.
      if (kept.length === 0) kept.push(openAvatar('ava').catch(() => undefined));
    });
  }
  // Tests ask more often than anybody should.
  const server = await serve(sessions, { host: '127.0.0.1', port: 0, rates: false, ...options });
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const reply = await fetch(new URL(path, server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
  return { ...server, sessions, post };
}

/** A viewer as LiveTalking's page is one: receives picture and sound, offers once with all candidates. */
export async function viewer() {
  const receiver = new Receiver();
  return { receiver, offer: { sdp: await receiver.offer(), type: 'offer' } };
}
