/** The client of the package, against a real server: each route that the server describes is one that it asks. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import WebSocket from 'ws';
import { ApiError, Client, type SessionEvent } from '../../src/client/index.js';
import { PACKAGE } from '../../src/graph/find.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { usualGraph } from '../../src/session/graphs.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat, says } from '../fakes/fake-openai-chat.js';
import { serverOf, viewer } from './support/server.js';

const records = t.testdir({});
process.env['TALKGRAPH_RECORDS'] = records;
const fake = await FakeChat.open(says('It is ', 'ten.'));
const server = await serverOf(2, { token: 'sesame' }, usualGraph({ url: fake.url, model: 'fake-1' }));
t.teardown(async () => {
  await server.close();
  await fake.close();
  await closeVoices();
  await closeSharedPool();
});

/** Routes that were asked, as the document calls them. */
const asked = new Set<string>();
const watched: typeof fetch = (address, init) => {
  const path = new URL(String(address)).pathname
    .replace(/^(\/v1\/(?:sessions|avatars)\/)[^/]+/, '$1{id}')
    .replace(/^(\/v1\/(?:graphs|elements)\/)(?!check)[^/]+/, '$1{name}')
    .replace(/(\/outputs\/)[^/]+/, '$1{output}')
    .replace(/(\/segments\/)[^/]+/, '$1{number}');
  asked.add(`${init?.method} ${path}`);
  return fetch(address, init);
};
const client = new Client({ url: server.url, token: 'sesame', fetch: watched });
const made: { session?: Awaited<ReturnType<Client['create']>> } = {};
const open = () => {
  if (made.session === undefined) throw new Error('no session was made');
  return made.session;
};

t.test('what there is to make sessions of', async (t) => {
  t.ok((await client.avatars()).some(({ id }) => id === 'ava'));
  t.ok((await client.models()).some(({ id }) => id === 'tinylip'));
  t.ok((await client.graphs()).some(({ name }) => name === 'webrtc'));
  t.ok((await client.voices()).engines.some(({ name }) => name === 'flite'));
  t.same(await client.iceServers(), [], 'none was named');
  t.ok((await client.preview('flite/slt')).size > 1000);
  t.ok((await (await client.speech({ input: 'Hi.', response_format: 'wav' })).blob()).size > 1000);
});

t.test('who else answers at the address is told by a sentence', async (t) => {
  const page = (status: number, statusText: string) =>
    new Client({
      url: server.url,
      fetch: async () =>
        new Response('<html><title>Sign in</title></html>', {
          status,
          statusText,
          headers: { 'content-type': 'text/html' },
        }),
    });
  await t.rejects(page(200, 'OK').avatars(), {
    name: 'ApiError',
    status: 200,
    message: 'Expected JSON but received text/html: is this its address?',
  } as never);
  await t.rejects(page(502, 'Bad Gateway').avatars(), { status: 502, message: 'Bad Gateway' } as never);
});

t.test('what whoever runs the server sees', async (t) => {
  t.match(await client.me(), { kind: 'key', watches: true, edits: false });
  const { watching } = client;
  t.match(await watching.pool(), { waiting: Number, models: Array });
  t.ok(Array.isArray(await watching.log()));
  t.ok(Array.isArray(await watching.report('drawn')));
  t.match(await watching.text('webrtc'), /^# Text in/);
  t.strictSame((await watching.check('links: [fakesrc ! fakesink]\n')).problems, []);
  t.ok((await watching.elements()).some(({ name }) => name === 'ttssrc'));
  t.match(await watching.element('ttssrc'), { name: 'ttssrc', properties: Array });
});

t.test('a session is made, driven with its own token, and watched', async (t) => {
  const session = await client.create({ parameters: { avatar: 'drawn' } });
  made.session = session;
  t.match(session.token, /^tgs\./);
  t.match(await session.info(), { id: session.id, state: 'running', answers: true });
  t.match(await client.sessions(), { limit: 2, sessions: [{ id: session.id }] });
  const { offer, receiver } = await viewer();
  t.match(await session.offer(offer.sdp), { type: 'answer', sdp: /^v=0/ });
  t.match(await session.voice('flite/rms'), { voice: 'flite/rms' });
  t.same(await session.change({ bitrate: 900_000 }), { parameters: { bitrate: 900_000 } });
  await t.rejects(session.outputs(), { status: 403 } as never, 'not with its own token');
  const whole = client.session(session.id);
  t.same(await whole.outputs(), []);
  await t.rejects(whole.addOutput('rtmp://127.0.0.1/live/key'), {
    status: 403,
    message: /--outputs/,
  } as never);
  await t.rejects(whole.removeOutput('none'), { status: 404 } as never);
  t.match(await session.graph(), /^digraph/);
  t.match(await session.levels(), { state: 'running', elements: [{ name: String, levels: Array }] });
  t.match(await session.clip('none'), { id: String });

  const events = session.events();
  const until = async (type: SessionEvent['type']): Promise<SessionEvent | undefined> => {
    for (;;) {
      const { value, done } = await events.next();
      if (done || value.type === type) return value ?? undefined;
    }
  };
  const started = until('speech.start');
  await session.say({ text: 'Good morning to all of you.', id: 'a' });
  t.match(await started, { id: 'a', text: 'Good morning to all of you.' });
  await session.cut();
  t.match(await until('interrupted'), { id: 'a' });
  await events.return();
  await receiver.close();
});

t.test('an answer is read while it is written', async (t) => {
  const parts: string[] = [];
  for await (const part of open().chat('What time is it?')) parts.push(part);
  t.same(parts, ['It is ', 'ten.']);
  await open().cut();
});

t.test('sound is sent', async (t) => {
  const told: string[] = [];
  const socket = await open().audio({
    rate: 8000,
    WebSocket: WebSocket as never,
    told: ({ type }) => {
      told.push(type);
      if (type === 'started') socket.close();
    },
  });
  socket.start('A tone.');
  socket.send(Int16Array.from({ length: 800 }, (_, n) => 9000 * Math.sin(n / 4)));
  socket.end();
  t.same(await socket.closed, { code: 1005, reason: '' });
  t.same(told, ['started']);
  t.equal(socket.waiting, 0);
});

t.test('it is recorded, and ended', async (t) => {
  const session = open();
  await t.rejects(session.recording(), { status: 404 } as never);
  await t.rejects(session.captions(), { status: 404 } as never);
  t.same(await session.segments(), []);
  await t.rejects(session.segment(1), { status: 404 } as never);
  await t.rejects(session.segmentCaptions(1), { status: 404 } as never);
  await t.rejects(session.record('start', false, {}), { status: 400 } as never);
  t.match(await session.record('start'), { recording: true });
  t.match(await session.record('end'), { recording: false, location: `/v1/sessions/${session.id}/record` });
  await session
    .recording()
    .catch((error: unknown) => t.match(error, { status: 404 }, 'there was no picture'));
  const ended = (async () => {
    const states: string[] = [];
    for await (const event of session.events()) if (event.type === 'state') states.push(event.state);
    return states;
  })();
  // The stream stands once the server has answered another request behind it.
  await session.info();
  await session.end();
  t.equal((await ended).at(-1), 'ended');
});

t.test('what is refused is an error with a status', async (t) => {
  const error: unknown = await client
    .session('nobody')
    .say('Hi.')
    .catch((thrown: unknown) => thrown);
  t.ok(error instanceof ApiError);
  t.match(error, { status: 404, message: 'There is no such session.', retryAfter: undefined });
  const first = await client.create();
  await t.rejects(first.ears({ bargeIn: 'off' }), { status: 409 } as never);
  const second = await client.create();
  t.match(await client.create().catch((thrown: unknown) => thrown), { status: 503, retryAfter: 5 });
  await t.rejects(client.session(first.id, second.token).info(), { status: 404 } as never);
  await Promise.all([first.end(), second.end()]);
  await t.rejects(new Client({ url: server.url, token: 'wrong' }).avatars(), { status: 401 } as never);
});

t.test('no route that is described was left out', async (t) => {
  const reply = await fetch(new URL('/v1/openapi.json', server.url), {
    headers: { authorization: 'Bearer sesame' },
  });
  const { paths } = (await reply.json()) as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // A socket is no request.
  asked.add('GET /v1/sessions/{id}/audio');
  t.same([...asked].sort(), described.sort());
});

t.test('a browser can load it as it is', async (t) => {
  const folder = join(PACKAGE, 'dist/src/client');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    const imports = [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/^(?:import|export) .*from '(.*)';$/gm),
    ];
    for (const [, from = ''] of imports) t.match(from, /^\.\/\w+\.js$/, `${file} imports ${from}`);
  }
  const served = await fetch(new URL('/client/index.js', server.url), {
    headers: { authorization: 'Bearer sesame' },
  });
  t.match(served.headers.get('content-type'), 'javascript');
  t.match(await served.text(), /export class Client/);
  t.throws(() => new Client(), { message: /Expected the address of the server/ });
});
