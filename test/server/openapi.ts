/** The document of /v1 is true: each route is asked well and badly, and every answer is one that it describes. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import WebSocket from 'ws';
import { z } from 'zod';
import type { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { usualGraph } from '../../src/session/graphs.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat, says } from '../fakes/fake-openai-chat.js';
import { FakeTranscriptions, hears } from '../fakes/fake-openai-transcriptions.js';
import { nextEvent } from './support/events.js';
import { serverOf, viewer } from './support/server.js';

process.env['TALKGRAPH_RECORDS'] = await mkdtemp(join(tmpdir(), 'talkgraph-openapi-'));
const [llm, ears] = [await FakeChat.open(), await FakeTranscriptions.start(hears(''))];
const settings = usualGraph({ url: llm.url, model: 'fake-1' }, { engine: 'openai', url: ears.url });
const server = await serverOf(2, { token: 'sesame', outputs: ['rtmp://127.0.0.1:9/live'] }, settings);
t.teardown(async () => {
  await server.close();
  await Promise.all([llm.close(), ears.close(), closeVoices(), closeSharedPool()]);
  await rm(String(process.env['TALKGRAPH_RECORDS']), { recursive: true, force: true });
});
const headers = { authorization: 'Bearer sesame' };

interface Operation {
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly Problem: object } };
}
const document = (await (
  await fetch(new URL('/v1/openapi.json', server.url), { headers })
).json()) as Document;
const schemaOf = (schema: object) => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
const Problem = schemaOf(document.components.schemas.Problem);

/** Asks as the document says, and looks whether it says what comes back; returns that. */
async function ask(t: Test, method: string, path: string, where: string, body?: object): Promise<unknown> {
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) return t.fail(`the document knows no ${method} ${path}`);
  asked.add(`${method} ${path}`);
  const wanted = operation.requestBody?.content['application/json'].schema;
  if (wanted !== undefined)
    t.match(schemaOf(wanted).safeParse(body), { success: true }, `${method} ${path}: the body`);
  const reply = await fetch(new URL(where, server.url), {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const name = `${method} ${where}: ${reply.status}`;
  const said = operation.responses[String(reply.status)];
  const type = (reply.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
  if (said === undefined) return t.fail(`${name} is not described: ${await reply.text()}`);
  const media = Object.keys(said.content ?? {});
  const fits = media.some((one) => new RegExp(`^${one.replace('*', '.*')}$`).test(type));
  t.ok(fits || (media.length === 0 && type === ''), `${name} is ${media.join(', ') || 'nothing'}: ${type}`);
  const content = said.content?.['application/json'];
  if (type !== 'application/json' || content === undefined) return void (await reply.body?.cancel());
  const answer = await reply.json();
  const found = schemaOf(content.schema).safeParse(answer);
  t.ok(found.success, `${name} ${found.success ? '' : z.prettifyError(found.error)}`);
  return answer;
}
const asked = new Set<string>();

t.test('what goes well is what it describes', async (t) => {
  const made = (await ask(t, 'POST', '/v1/sessions', '/v1/sessions', { parameters: { avatar: 'ava' } })) as {
    id: string;
  };
  const session = server.sessions.get(made.id);
  if (session === undefined) return t.fail('there is no session');
  const own = (path: string) => [`/v1/sessions/{id}${path}`, `/v1/sessions/${made.id}${path}`] as const;
  const get = (path: string, where = path) => ask(t, 'GET', path, where);
  for (const path of [
    '/sessions',
    '/ice',
    '/avatars',
    '/models',
    '/voices',
    '/graphs',
    '/elements',
    '/pool',
    '/log',
    '/me',
  ])
    await get(`/v1${path}`);
  await get('/v1/voices/preview', '/v1/voices/preview?voice=flite/slt');
  await get('/v1/graphs/{name}', '/v1/graphs/webrtc');
  await get('/v1/elements/{name}', '/v1/elements/ttssrc');
  await get('/v1/avatars/{id}/report', '/v1/avatars/drawn/report');
  await ask(t, 'POST', '/v1/graphs/check', '/v1/graphs/check', {
    text: 'elements: { a: { factory: nosuch } }\n',
  });

  await ask(t, 'POST', ...own('/record'), { action: 'start', captions: 'file' });
  const heard = nextEvent(session, 'speech.end');
  await ask(t, 'POST', ...own('/say'), { text: 'Hello.', id: 'a', voice: 'flite/rms' });
  await heard;
  await ask(t, 'POST', ...own('/record'), { action: 'end' });
  for (const path of [
    '',
    '/events',
    '/graph',
    '/levels',
    '/outputs',
    '/record',
    '/captions',
    '/record/segments',
  ])
    await get(...own(path));
  const started = { action: 'start', segments: { seconds: 1 }, captions: 'file' };
  await ask(t, 'POST', ...own('/record'), started);
  const answered = nextEvent(session, 'speech.start');
  llm.answers(says('It is ten.'));
  const question = { session: made.id, messages: [{ role: 'user', content: 'What time is it?' }] };
  await ask(t, 'POST', '/v1/chat/completions', '/v1/chat/completions', question);
  await answered;
  llm.answers(says('It is eleven.'));
  await ask(t, 'POST', '/v1/chat/completions', '/v1/chat/completions', { ...question, stream: true });
  await ask(t, 'POST', ...own('/cut'));
  await ask(t, 'POST', ...own('/clip'), { name: 'none' });
  await ask(t, 'POST', ...own('/voice'), { voice: 'flite/slt' });
  await ask(t, 'POST', ...own('/ears'), { bargeIn: 'off' });
  await ask(t, 'POST', ...own('/parameters'), { parameters: { bitrate: 500_000 } });
  const output = (await ask(t, 'POST', ...own('/outputs'), { url: 'rtmp://127.0.0.1:9/live/key' })) as {
    id: string;
  };
  await ask(
    t,
    'DELETE',
    `/v1/sessions/{id}/outputs/{output}`,
    `/v1/sessions/${made.id}/outputs/${output.id}`,
  );

  while (((await get(...own('/record/segments'))) as { segments: object[] }).segments.length === 0)
    await once(session.pipeline as Pipeline, 'mark');
  await ask(t, 'POST', ...own('/record'), { action: 'end' });
  for (const end of ['', '/captions'])
    await get(
      `/v1/sessions/{id}/record/segments/{number}${end}`,
      `/v1/sessions/${made.id}/record/segments/1${end}`,
    );
  await ask(t, 'POST', '/v1/audio/speech', '/v1/audio/speech', { input: 'Hello.', response_format: 'wav' });
  const socket = new WebSocket(new URL(`/v1/sessions/${made.id}/audio`, server.url.replace('http', 'ws')), {
    headers,
  });
  await new Promise((opened) => socket.once('open', opened));
  asked.add('GET /v1/sessions/{id}/audio');
  socket.terminate();
  const { receiver, offer } = await viewer();
  await ask(t, 'POST', ...own('/offer'), offer);
  await ask(t, 'DELETE', ...own(''));
  await receiver.close();

  const all = Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
  );
  t.same([...asked].sort(), all.sort(), 'each route was asked');
});

t.test('what goes wrong is a problem, with the status that it names', async (t) => {
  for (const [path, verbs] of Object.entries(document.paths)) {
    for (const [verb, { requestBody }] of Object.entries(verbs)) {
      const where = path.replace(/\{\w+\}/g, 'nobody');
      const send = {
        method: verb.toUpperCase(),
        ...(verb === 'post' && { body: requestBody ? '{"a":' : '{}' }),
      };
      for (const [what, token] of [
        ['without a token', {}],
        ['of nobody', headers],
      ] as const) {
        // Lists are there for everybody who has a token.
        if (what === 'of nobody' && where === path && requestBody === undefined) continue;
        const reply = await fetch(new URL(where, server.url), { ...send, headers: token });
        const name = `${send.method} ${path} ${what}: ${reply.status}`;
        t.ok(reply.status >= 400 && reply.status < 500, name);
        t.match(reply.headers.get('content-type'), 'application/problem+json', name);
        const found = Problem.safeParse(await reply.json());
        t.match(found, { success: true, data: { status: reply.status } }, name);
      }
    }
  }
});
