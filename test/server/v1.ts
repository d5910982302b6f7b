/** The routes under `/v1`: sessions of any graph, what there is to make them of, and the document that says so. */
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { nextEvent } from './support/events.js';
import { serverOf, viewer } from './support/server.js';

const server = await serverOf(2);
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});
const { sessions, url } = server;

async function ask(method: string, path: string, body?: unknown) {
  const reply = await fetch(new URL(path, url), {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  const text = await reply.text();
  const type = reply.headers.get('content-type') ?? '';
  const got = /json/.test(type) ? (JSON.parse(text) as Record<string, unknown>) : text;
  return { status: reply.status, type, body: got, headers: reply.headers };
}

t.test('a session is made, seen, driven and ended', async (t) => {
  const made = await ask('POST', '/v1/sessions', {
    graph: 'webrtc',
    parameters: { avatar: 'max', bitrate: 500_000 },
  });
  t.match(made, { status: 201, body: { state: 'running', graph: 'webrtc', avatar: 'max', answers: false } });
  const { id } = made.body as { id: string };
  const path = `/v1/sessions/${id}`;
  t.equal(made.headers.get('location'), path);
  t.match(await ask('GET', path), { status: 200, body: { id, speaking: false } });
  t.match(await ask('GET', '/v1/sessions'), { status: 200, body: { limit: 2, sessions: [{ id }] } });

  const { receiver, offer } = await viewer();
  const answer = await ask('POST', `${path}/offer`, offer);
  t.match(answer, { status: 200, body: { type: 'answer', sdp: /^v=0/ } });
  await receiver.accept((answer.body as { sdp: string }).sdp);
  await receiver.received('video', 1);

  const stream = await fetch(new URL(`${path}/events`, url));
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  t.same(
    await ask('POST', `${path}/say`, { text: 'Good morning to all of you.', id: 'a' }).then((r) => [
      r.status,
      r.body,
    ]),
    [202, { id: 'a' }],
  );
  let told = '';
  while (!told.includes('event: word')) told += (await reader.read()).value ?? '';
  t.match(told, /event: speech\.start\ndata: \{.*"id":"a"/);
  t.equal((await ask('POST', `${path}/cut`)).status, 204);
  while (!told.includes('event: interrupted')) told += (await reader.read()).value ?? '';
  t.match(await ask('POST', `${path}/clip`, { name: 'none' }), { status: 202, body: { id: String } });
  t.match(await ask('GET', `${path}/graph`), { status: 200, type: /graphviz/, body: /^digraph/ });

  // Axios and made clients say this with every request.
  const json = { 'content-type': 'application/json' };
  for (const [method, where] of [
    ['POST', `${path}/cut`],
    ['DELETE', path],
  ] as const)
    t.equal((await fetch(new URL(where, url), { method, headers: json })).status, 204, where);
  t.equal((await ask('GET', path)).status, 404);
  for (let done = false; !done; ) ({ done } = await reader.read());
  await receiver.close();
});

t.test('what cannot be is refused with problem details', async (t) => {
  const session = await sessions.create();
  const path = `/v1/sessions/${session.id}`;
  const cases: [string, string, unknown, number, RegExp][] = [
    ['POST', '/v1/sessions', { graph: 'nowhere' }, 404, /no graph "nowhere"/],
    ['POST', '/v1/sessions', { graph: '../../etc/passwd' }, 404, /no graph/],
    ['POST', '/v1/sessions', { grap: 'x' }, 400, /grap/],
    ['POST', '/v1/sessions', { parameters: { avatar: '../x' } }, 422, /id of an avatar/],
    ['POST', '/v1/sessions', { parameters: { avatar: 'nobody' } }, 404, /no avatar "nobody"/],
    ['POST', '/v1/sessions', { parameters: { model: '/etc' } }, 422, /name of a model/],
    ['POST', '/v1/sessions', { parameters: { voice: 'file//etc/passwd' } }, 422, /name of a voice/],
    ['POST', '/v1/sessions', { parameters: { clips: '/etc' } }, 422, /"clips"/],
    ['POST', '/v1/sessions', { parameters: { background: '/etc/passwd' } }, 422, /"background"/],
    ['POST', '/v1/sessions', { graph: 'webrtc', parameters: { 'public-ip': 'x' } }, 422, /"public-ip"/],
    ['POST', '/v1/sessions', { graph: 'rtmp', parameters: { url: 'rtmp://10.0.0.1/a/b' } }, 422, /"url"/],
    ['POST', '/v1/sessions', { graph: 'rtmp' }, 422, /url=… is needed/],
    ['POST', '/v1/sessions', { graph: 'webrtc', parameters: { width: -4 } }, 422, /width/],
    ['POST', `${path}/say`, {}, 400, /text/],
    ['POST', `${path}/say`, { text: 'x'.repeat(100_001) }, 400, /text/],
    ['POST', `${path}/say`, { text: 'x', voice: 'file//etc/passwd' }, 422, /name of a voice/],
    ['POST', `${path}/say`, { text: 'x', answer: true }, 409, /No language model/],
    ['POST', `${path}/voice`, {}, 400, /voice/],
    ['POST', `${path}/voice`, { voice: 'file//etc/passwd' }, 422, /name of a voice/],
    ['POST', `${path}/voice`, { voice: 'edge/x?proxy=http://10.0.0.1' }, 422, /name of a voice/],
    ['POST', `${path}/voice`, { voice: 'flite/nobody' }, 404, /no voice nobody/],
    ['POST', `${path}/voice`, { voice: 'nobody/x' }, 404, /nobody/],
    ['POST', `${path}/voice`, { voice: 'elevenlabs/x' }, 409, /ELEVENLABS/],
    ['POST', '/v1/sessions/nobody/voice', { voice: 'flite/rms' }, 404, /no such session/],
    ['POST', `${path}/offer`, { sdp: 'v=0' }, 422, /Expected/],
    ['POST', '/v1/sessions/nobody/cut', {}, 404, /no such session/],
    ['GET', '/v1/nothing', undefined, 404, /There is no GET \/v1\/nothing/],
  ];
  for (const [method, where, body, status, detail] of cases) {
    t.match(
      await ask(method, where, body),
      { status, type: /application\/problem\+json/, body: { status, detail, title: String } },
      `${where} ${JSON.stringify(body)?.slice(0, 80)}`,
    );
  }
  t.equal(sessions.size, 1, 'nothing is left of what was refused');
  const other = await sessions.create();
  const full = await ask('POST', '/v1/sessions', {});
  t.match(full, { status: 503, body: { detail: /limit reached \(2\/2\)/ } });
  t.ok(Number(full.headers.get('retry-after')) > 0);
  const ended = nextEvent(session, 'state');
  await ask('DELETE', path);
  t.match(await ended, { reason: 'it was ended from outside' });
  await other.close('test');
});

t.test('avatars, models and graphs are listed', async (t) => {
  t.match(await ask('GET', '/v1/avatars'), {
    status: 200,
    body: { avatars: [{ id: 'ava', width: Number }] },
  });
  const models = (await ask('GET', '/v1/models')).body as { data: { id: string }[] };
  t.match(
    models.data.find(({ id }) => id === 'tinylip'),
    { object: 'model', family: 'wav2lip', features: 'mel' },
  );
  const { graphs } = (await ask('GET', '/v1/graphs')).body as {
    graphs: { name: string; parameters: { name: string }[] }[];
  };
  const webrtc = graphs.find(({ name }) => name === 'webrtc');
  t.match(webrtc, { blurb: /talking face/ });
  const names = webrtc?.parameters.map(({ name }) => name) ?? [];
  t.ok(names.includes('avatar') && !names.includes('clips') && !names.includes('public-ip'));
});

t.test('the document names every route with its bodies', async (t) => {
  const { body } = await ask('GET', '/v1/openapi.json');
  const { openapi, paths } = body as { openapi: string; paths: Record<string, Record<string, unknown>> };
  t.equal(openapi, '3.1.0');
  t.same(Object.keys(paths).sort(), [
    '/v1/audio/speech',
    '/v1/avatars',
    '/v1/avatars/{id}/report',
    '/v1/chat/completions',
    '/v1/elements',
    '/v1/elements/{name}',
    '/v1/graphs',
    '/v1/graphs/check',
    '/v1/graphs/{name}',
    '/v1/ice',
    '/v1/log',
    '/v1/me',
    '/v1/models',
    '/v1/pool',
    '/v1/sessions',
    '/v1/sessions/{id}',
    '/v1/sessions/{id}/audio',
    '/v1/sessions/{id}/captions',
    '/v1/sessions/{id}/clip',
    '/v1/sessions/{id}/cut',
    '/v1/sessions/{id}/ears',
    '/v1/sessions/{id}/events',
    '/v1/sessions/{id}/graph',
    '/v1/sessions/{id}/levels',
    '/v1/sessions/{id}/offer',
    '/v1/sessions/{id}/outputs',
    '/v1/sessions/{id}/outputs/{output}',
    '/v1/sessions/{id}/parameters',
    '/v1/sessions/{id}/record',
    '/v1/sessions/{id}/record/segments',
    '/v1/sessions/{id}/record/segments/{number}',
    '/v1/sessions/{id}/record/segments/{number}/captions',
    '/v1/sessions/{id}/say',
    '/v1/sessions/{id}/voice',
    '/v1/voices',
    '/v1/voices/preview',
  ]);
  t.match(paths['/v1/sessions/{id}/say']?.['post'], {
    requestBody: { content: { 'application/json': { schema: { required: ['text'] } } } },
    responses: { 202: {}, default: {} },
  });
  t.match(paths['/v1/voices/preview']?.['get'], {
    parameters: [{ name: 'voice', in: 'query', required: true, schema: { type: 'string' } }],
  });
  t.match(paths['/v1/sessions/{id}/audio']?.['get'], {
    parameters: [
      { in: 'path' },
      { name: 'codec' },
      { name: 'rate', in: 'query', required: false },
      { name: 'channels' },
    ],
    responses: { 101: {} },
  });
});
