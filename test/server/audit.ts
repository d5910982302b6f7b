/** The audit log: who did what, and nothing that is secret or said. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import Fastify from 'fastify';
import t from 'tap';
import WebSocket from 'ws';
import { closeSharedPool } from '../../src/inference/index.js';
import { Audit } from '../../src/server/audit.js';
import { knowCallers } from '../../src/server/caller.js';
import { Keys } from '../../src/server/keys.js';
import { obey } from '../../src/session/commands.js';
import { closeVoices } from '../../src/voice/index.js';
import { serverOf } from './support/server.js';

t.teardown(async () => {
  await closeVoices();
  await closeSharedPool();
});

const SPEAKS =
  'elements:\n  say: { factory: ttssrc, voice: tone }\nlinks:\n  - say. ! fakesink\nends: { in: say }\n';

type Line = Record<string, string | number>;
const linesOf = async (file: string): Promise<Line[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

t.test('each deed has a line, with who and where, and no word of what was said', async (t) => {
  const file = join(t.testdir({}), 'audit.jsonl');
  const keys = new Keys([{ name: 'shop', secret: 'sesame' }], [{ name: 'boss', secret: 'ali baba' }]);
  const { url, close } = await serverOf(1, { keys, audit: file });
  const ask = (method: string, path: string, token: string, body?: unknown) =>
    fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const made = (await (await ask('POST', '/v1/sessions', 'sesame', {})).json()) as {
    id: string;
    token: string;
  };
  await ask('POST', `/v1/sessions/${made.id}/say`, made.token, { text: 'A private word.' });
  await ask('POST', '/human', 'sesame', { sessionid: made.id, type: 'echo', text: 'A private word.' });
  await ask('POST', '/human', 'sesame', { sessionid: 'private"word', type: 'echo', text: 'x' });
  await ask('POST', '/is_speaking', 'sesame', { sessionid: made.id });
  await ask('GET', '/v1/graphs', 'sesame');
  await ask('GET', '/v1/graphs?token=private-word', 'wrong private word');
  await ask('GET', '/v1/sessions', 'sesame');
  await ask('GET', '/v1/sessions', 'ali baba');
  // A page that looks every second is noted once a minute, for each thing it looks at.
  await ask('GET', '/v1/sessions', 'ali baba');
  await ask('GET', `/v1/sessions/${made.id}/levels`, 'ali baba');
  await ask('GET', `/v1/sessions/${made.id}/levels`, 'ali baba');
  await ask('GET', '/v1/log', 'ali baba');
  const socket = new WebSocket(
    new URL(`/v1/sessions/${made.id}/audio?token=${made.token}`, url.replace(/^http/, 'ws')),
  );
  await new Promise((resolve) => socket.once('open', resolve));
  await ask('DELETE', `/v1/sessions/${made.id}`, made.token);
  await close();
  const { id } = made;
  t.match(await linesOf(file), [
    {
      who: 'shop',
      key: /^[0-9a-f]{8}$/,
      from: '127.0.0.1',
      method: 'POST',
      route: '/v1/sessions',
      session: id,
    },
    { who: 'session', route: '/v1/sessions/:id/say', session: id, status: 202, outcome: 'done' },
    { who: 'shop', route: '/human', session: id, status: 200, outcome: 'done' },
    { who: 'shop', route: '/human', status: 200, outcome: 'refused' },
    { who: 'anybody', key: '', route: '/v1/graphs', status: 401, outcome: 'refused' },
    { who: 'shop', route: '/v1/sessions', status: 403, outcome: 'refused' },
    { who: 'boss', route: '/v1/sessions', status: 200, outcome: 'done' },
    { who: 'boss', route: '/v1/sessions/:id/levels', session: id, status: 200 },
    { who: 'boss', route: '/v1/log', status: 200 },
    { who: 'session', route: '/v1/sessions/:id/audio', session: id, status: 101, outcome: 'done' },
    { who: 'session', method: 'DELETE', session: id, status: 204 },
  ] as never);
  t.equal((await linesOf(file)).length, 11);
  const text = await readFile(file, 'utf8');
  t.notMatch(text, /private|sesame|ali baba/);
  t.notOk(text.includes(made.token));
});

t.test('what a viewer asks for by its data channel has a line as well, and no word of it', async (t) => {
  const file = join(t.testdir({ 'speaks.yaml': SPEAKS }), 'audit.jsonl');
  const graph = join(t.testdirName, 'speaks.yaml');
  const { sessions, close } = await serverOf(1, { audit: file }, { graph, parameters: {} });
  const session = await sessions.create();
  await obey(session, '{"type":"say","text":"A private word."}');
  await obey(session, '{"type":"cut"}');
  await t.rejects(obey(session, '{"type":"shout","text":"A private word."}'), { code: 'stream/format' });
  await close();
  const about = { who: 'viewer', from: '', session: session.id };
  t.match(await linesOf(file), [
    { ...about, route: 'data-channel/say', outcome: 'done' },
    { ...about, route: 'data-channel/cut', outcome: 'done' },
    { ...about, route: 'data-channel/none', outcome: 'refused' },
  ]);
  t.notMatch(await readFile(file, 'utf8'), 'private');
});

t.test('more than a disk should have to take is counted', async (t) => {
  const file = join(t.testdir({}), 'audit.jsonl');
  const audit = await Audit.open(file, 1);
  const app = Fastify();
  knowCallers(app);
  audit.watch(app);
  app.post('/deed', () => ({}));
  const deeds = 50;
  for (let n = 0; n < deeds; n++) await app.inject({ method: 'POST', url: '/deed' });
  await app.close();
  await audit.close();
  const lines = await linesOf(file);
  const skipped = lines.reduce((sum, line) => sum + Number(line['skipped'] ?? 0), 0);
  const told = lines.filter(({ route }) => route === '/deed').length;
  t.equal(told + skipped, deeds);
  t.ok(told > 0 && skipped > 0, `${told} lines, ${skipped} without`);
});

t.test('who rotates it has it opened anew', async (t) => {
  const file = join(t.testdir({}), 'audit.jsonl');
  const { url, close, renew } = await serverOf(1, { audit: file });
  const post = () => fetch(new URL('/interrupt_talk', url), { method: 'POST', body: '{}' });
  await post();
  while ((await linesOf(file)).length === 0) await new Promise(setImmediate);
  await rename(file, `${file}.1`);
  await renew();
  await post();
  await close();
  t.equal((await linesOf(`${file}.1`)).length, 1);
  t.equal((await linesOf(file)).length, 1);
});

t.test('one that cannot be written is told', async (t) => {
  await t.rejects(serverOf(1, { audit: '/nowhere/audit.jsonl' }), { code: 'resource/write' });
});
