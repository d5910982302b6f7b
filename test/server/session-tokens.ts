/** A session's own token: it opens that session, by every route there is, and nothing else. */
import { once } from 'node:events';
import t from 'tap';
import WebSocket from 'ws';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { nextEvent } from './support/events.js';
import { serverOf, viewer } from './support/server.js';
import { client } from './support/signalling.js';

const server = await serverOf(3, { token: 'sesame', adminToken: 'ali baba' });
const { sessions, url } = server;
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});

async function ask(method: string, path: string, token: string, body?: unknown, type = 'application/json') {
  const reply = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
}

async function make() {
  const { headers, text } = await ask('POST', '/v1/sessions', 'sesame', {});
  const made = JSON.parse(text) as { id: string; token: string };
  return { ...made, header: headers.get('talkgraph-session-token') };
}
const [mine, other] = [await make(), await make()];
const { token } = mine;

t.test('with it one drives the session', async (t) => {
  const { id } = mine;
  t.equal(mine.header, token);
  t.equal((await ask('GET', `/v1/sessions/${id}`, token)).status, 200);
  t.equal((await ask('POST', `/v1/sessions/${id}/say`, token, { text: 'Hello.' })).status, 202);
  t.equal((await ask('POST', `/v1/sessions/${id}/cut`, token)).status, 204);
  t.match((await ask('POST', '/is_speaking', token, { sessionid: id })).text, '"code":0');
  const socket = new WebSocket(
    new URL(`/v1/sessions/${id}/audio?token=${token}`, url.replace(/^http/, 'ws')),
  );
  await once(socket, 'open');
  socket.send('{"type":"start"}');
  t.match(String(((await once(socket, 'message')) as [Buffer])[0]), 'started');
  socket.close();
  const events = await fetch(new URL(`/sse?sessionid=${id}&token=${token}`, url));
  t.match(events.headers.get('content-type'), 'text/event-stream');
  t.equal(events.headers.get('set-cookie'), null, 'it is no cookie: that opens pages');
  await events.body?.cancel();
});

t.test('no route does anything to another session', async (t) => {
  const { id } = other;
  const told: string[] = [];
  sessions.get(id)?.events.on('command', (name) => told.push(name));
  sessions.get(id)?.events.on('event', ({ type }) => told.push(type));
  const { offer, receiver } = await viewer();
  t.teardown(() => receiver.close());
  for (const [method, path, body, type] of [
    ['GET', `/v1/sessions/${id}`],
    ['DELETE', `/v1/sessions/${id}`],
    ['POST', `/v1/sessions/${id}/offer`, offer],
    ['POST', `/v1/sessions/${id}/say`, { text: 'Hi.' }],
    ['POST', `/v1/sessions/${id}/cut`],
    ['POST', `/v1/sessions/${id}/clip`, { name: 'x' }],
    ['POST', `/v1/sessions/${id}/voice`, { voice: 'flite/rms' }],
    ['POST', `/v1/sessions/${id}/ears`, {}],
    ['POST', `/v1/sessions/${id}/parameters`, { parameters: { voice: 'flite/rms' } }],
    ['GET', `/v1/sessions/${id}/outputs`],
    ['POST', `/v1/sessions/${id}/outputs`, { url: 'rtmp://127.0.0.1/live/key' }],
    ['DELETE', `/v1/sessions/${id}/outputs/x`],
    ['POST', `/v1/sessions/${id}/record`, { action: 'start' }],
    ['GET', `/v1/sessions/${id}/record`],
    ['GET', `/v1/sessions/${id}/events`],
    ['GET', `/v1/sessions/${id}/graph`],
    ['GET', `/record/${id}`],
    ['GET', `/v1/sessions/${mine.id}/../${id}/events`],
    ['GET', `/v1/sessions/${mine.id}%2f..%2f${id}`],
    ['POST', '/v1/chat/completions', { session: id, messages: [{ role: 'user', content: 'Hi.' }] }],
    ['POST', `/whep/${id}`, offer.sdp, 'application/sdp'],
    ['POST', `/whip/${id}`, offer.sdp, 'application/sdp'],
    ['DELETE', `/whep/${id}/x`],
  ] as const) {
    const { status, text } = await ask(method, path, token, body, type);
    t.equal(status, 404, `${method} ${path}`);
    t.notMatch(text, mine.id);
  }
  for (const [path, more] of [
    ['/human', { type: 'echo', text: 'Hi.' }],
    ['/interrupt_talk', {}],
    ['/is_speaking', {}],
    ['/set_audiotype', { audiotype: 0 }],
    ['/record', { type: 'start_record' }],
  ] as const)
    t.same(
      JSON.parse((await ask('POST', path, token, { sessionid: id, ...more })).text),
      { code: -1, msg: 'session not found' },
      path,
    );
  t.match((await ask('GET', `/sse?sessionid=${id}`, token)).text, 'session not found');
  const form = new FormData();
  form.set('sessionid', id);
  form.set('file', new Blob(['x']));
  const upload = await fetch(new URL('/humanaudio', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  t.match(await upload.text(), 'session not found');
  const socket = new WebSocket(
    new URL(`/v1/sessions/${id}/audio?token=${token}`, url.replace(/^http/, 'ws')),
  );
  t.equal(((await once(socket, 'close')) as [number])[0], 1008);
  t.same(told, [], 'nothing was asked of it, and nothing happened to it');
});

t.test('what is of no session is closed to it', async (t) => {
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/v1/sessions'],
    ['POST', '/v1/sessions'],
    ['POST', '/offer'],
    ['POST', '/whep'],
    ['POST', '/v1/audio/speech'],
    ['GET', '/v1/openapi.json'],
    ['GET', '/v1/voices/preview?voice=flite/slt'],
    ['GET', '/api/admin/config'],
    ['POST', '/api/avatar/task'],
    ['GET', '/metrics'],
    ['GET', '/avatars'],
  ] as const)
    t.equal((await ask(method, path, token)).status, 403, `${method} ${path}`);
});

t.test('it cannot be guessed, or made of another', async (t) => {
  const [, , secret = ''] = token.split('.');
  for (const wrong of [
    `tgs.${other.id}.${secret}`,
    `tgs.${mine.id}.${secret.slice(0, -1)}`,
    `tgs.${mine.id}.${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`,
    `tgs.${mine.id}.`,
    'tgs.__proto__.x',
    mine.id,
  ])
    t.equal((await ask('GET', `/v1/sessions/${mine.id}`, wrong)).status, 401, wrong);
});

t.test('offers of LiveTalking’s and WHEP’s clients bring one as well', async (t) => {
  for (const path of ['/offer', '/whep']) {
    const { offer, receiver } = await viewer();
    const reply =
      path === '/offer'
        ? await ask('POST', path, 'sesame', offer)
        : await client(url).post(path, offer.sdp, { authorization: 'Bearer sesame' });
    const given = reply.headers.get('talkgraph-session-token') ?? '';
    const id = given.split('.')[1] ?? '';
    t.ok(id !== '' && reply.text.includes(path === '/offer' ? id : 'v=0'), path);
    t.equal((await ask('GET', `/v1/sessions/${id}`, given)).status, 200, path);
    await sessions.get(id)?.close('test');
    await receiver.close();
  }
});

t.test('it ends with its session, also where the next one has its id', async (t) => {
  const session = sessions.get(mine.id);
  const ended = session && nextEvent(session, 'state');
  t.equal((await ask('DELETE', `/v1/sessions/${mine.id}`, token)).status, 204);
  await ended;
  t.equal((await ask('GET', `/v1/sessions/${mine.id}`, token)).status, 401);
  const again = await sessions.create({}, { id: mine.id });
  t.equal((await ask('GET', `/v1/sessions/${mine.id}`, token)).status, 401);
  await again.close('test');
});

t.test('where no tokens are needed there are none', async (t) => {
  const open = await serverOf(1);
  t.teardown(() => open.close());
  const { body } = await open.post('/v1/sessions', {});
  t.notOk('token' in body);
});
