/** Who offers and never comes holds no places: others get them. Who is there, or has one session only, keeps it. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { serve } from '../../src/server/server.js';
import { UNBOUNDED } from '../../src/session/lifetimes.js';
import { Sessions } from '../../src/session/sessions.js';
import { closeVoices } from '../../src/voice/index.js';
import { viewer } from './support/server.js';

const settings = { graph: 'webrtc.yaml', parameters: { avatar: 'drawn' } };

/** A server of so many places, and who asks it from an address of this machine. */
async function serverOf(limit: number, graceMs = 0) {
  const sessions = new Sessions(limit, settings, 'uuid', { places: 0, ms: 0 }, { ...UNBOUNDED, graceMs });
  const server = await serve(sessions, { host: '127.0.0.1', port: 0, rates: false, avatar: 'drawn' });
  const ask = async (localAddress: string, path: string, body: unknown, type = 'application/json') => {
    const asked = request(new URL(path, server.url), {
      method: 'POST',
      localAddress,
      headers: { 'content-type': type },
    });
    asked.end(typeof body === 'string' ? body : JSON.stringify(body));
    const [reply] = (await once(asked, 'response')) as [IncomingMessage];
    const said = await text(reply);
    return {
      status: reply.statusCode,
      location: reply.headers.location ?? '',
      body: (said.startsWith('{') ? JSON.parse(said) : {}) as Record<string, string>,
    };
  };
  return { sessions, ask, close: server.close };
}

const [hoards, comes, other] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
const FULL = { status: 200, body: { code: -1, msg: /Maximum session limit reached/ } };

t.teardown(async () => {
  await closeVoices();
  await closeSharedPool();
});

t.test('places that one client holds without coming go to others, its last one excepted', async (t) => {
  const { sessions, ask, close } = await serverOf(3);
  const { receiver, offer } = await viewer();
  t.teardown(async () => {
    await receiver.close();
    await close();
  });
  const held: string[] = [];
  for (let n = 0; n < 3; n++) held.push((await ask(hoards, '/offer', offer)).body['sessionid'] ?? '');
  const ended: string[] = [];
  for (const { id, events } of sessions.list())
    events.on('event', (event) => {
      if (event.type === 'state' && event.state === 'ended') ended.push(`${id}: ${event.reason}`);
    });
  t.match(await ask(hoards, '/offer', offer), FULL, 'and it gets none by it itself');
  const there = await ask(comes, '/offer', offer);
  t.match(there, { status: 200, body: { type: 'answer' } });
  t.same(ended, [`${held[0]}: nobody connected, and others wait for a place`]);
  const { id } = { id: there.body['sessionid'] ?? '' };
  const joined = new Promise<void>((resolve) => {
    sessions.get(id)?.events.on('posted', ({ name }) => name === 'viewer-joined' && resolve());
  });
  await receiver.accept(there.body['sdp'] ?? '');
  await joined;
  t.match(await ask(other, '/whep', offer.sdp, 'application/sdp'), { status: 201 });
  t.match(ended, [/./, `${held[1]}: nobody connected, and others wait for a place`]);
  // Now there are one that is watched, one of who hoarded, and one of the other: each may be somebody on a slow line.
  t.match(await ask('127.0.0.5', '/offer', offer), FULL);
  t.match(await ask('127.0.0.5', '/v1/sessions', {}), { status: 503 });
  t.same([...sessions.list()].map((session) => session.id).slice(0, 2), [held[2], id]);
  t.equal(sessions.get(id)?.state, 'running');
});

t.test('nobody is hurried who has offered just now', async (t) => {
  const { sessions, ask, close } = await serverOf(2, 60_000);
  const { receiver, offer } = await viewer();
  t.teardown(async () => {
    await receiver.close();
    await close();
  });
  for (let n = 0; n < 2; n++) t.match(await ask(hoards, '/offer', offer), { body: { type: 'answer' } });
  t.match(await ask(comes, '/offer', offer), FULL);
  t.equal(sessions.size, 2);
});
