/** What whoever runs a server sees of it: running graphs, the pool, the log, and how much of that others are told. */
import t from 'tap';
import { logger } from '../../src/element/index.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { nextEvent } from './support/events.js';
import { serverOf, viewer } from './support/server.js';

const server = await serverOf(3, { token: 'sesame', adminToken: 'ali baba', avatar: 'drawn' });
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});

async function get(path: string, token = 'ali baba') {
  const reply = await fetch(new URL(path, server.url), { headers: { authorization: `Bearer ${token}` } });
  const text = await reply.text();
  return { status: reply.status, text, body: JSON.parse(text || '{}') };
}

t.test('a running graph, with what passes its links while somebody watches', async (t) => {
  const { offer, receiver } = await viewer();
  const { body, status } = await server.post(
    '/offer',
    { ...offer, avatar: 'drawn' },
    { authorization: 'Bearer sesame' },
  );
  t.equal(status, 200);
  const id = String(body['sessionid']);
  await receiver.accept(String(body['sdp']));
  await Promise.all([receiver.received('video', 1), receiver.received('audio', 1)]);
  const session = server.sessions.get(id)!;
  // From the look before on; a look is told again for a second.
  let { body: live } = await get(`/v1/sessions/${id}/levels`);
  while (live.fps === null || live.skew === null) live = (await get(`/v1/sessions/${id}/levels`)).body;
  const names = (live.elements as { name: string }[]).map(({ name }) => name);
  for (const name of ['say', 'features', 'lips', 'face', 'gate', 'web']) t.ok(names.includes(name), name);
  const features = live.elements.find(({ name }: { name: string }) => name === 'features');
  t.match(features, { factory: 'featextract', ours: true, state: 'playing', lost: Number });
  t.match(
    live.elements.find(({ factory }: { factory: string }) => factory === 'queue'),
    { ours: false },
  );
  t.strictSame(
    features.levels.map(({ name }: { name: string }) => name),
    ['in', 'out'],
  );
  const picture = live.links.find(({ toPad }: { toPad: string }) => toPad === 'video');
  t.match(picture, { to: 'web', caps: /^video\/x-raw/, rate: Number, p50: Number, p95: Number });
  t.equal(picture.rate, live.fps);
  t.ok(picture.p95 >= picture.p50);
  t.match(live, { state: 'running', latency: Number, seconds: Number });
  t.ok(Math.abs(live.skew) < 5000, `${live.skew} ms`);
  t.match(live.viewers, [{ state: 'connected', codec: String, low: Boolean, bitrate: Number }]);
  t.notMatch(JSON.stringify(live.viewers), /"id"/, 'who knows the id of a viewer can end them');

  const graph = new URL(`/v1/sessions/${id}/graph`, server.url);
  const dot = await fetch(graph, { headers: { authorization: 'Bearer ali baba' } });
  t.match(await dot.text(), /GstX264Enc\\nH264-encoder/);
  receiver.vanish();
  await nextEvent(session, 'state');
});

t.test('metrics tell what the pages tell, without names', async (t) => {
  const session = await server.sessions.create({ avatar: 'drawn' });
  const read = async () => {
    const reply = await fetch(new URL('/metrics', server.url), {
      headers: { authorization: 'Bearer ali baba' },
    });
    return await reply.text();
  };
  await read();
  const said = nextEvent(session, 'speech.end');
  session.say({ text: 'One, two.' });
  await said;
  let text = await read();
  while (!/talkgraph_video_frames_per_second\{stat="mean"\} \d/.test(text)) text = await read();
  for (const name of [
    'talkgraph_sessions{state="running"} 1',
    'talkgraph_voice_first_sound_seconds_count{engine="flite"} 1',
    'talkgraph_video_encoders{encoder="x264enc"} 1',
    'talkgraph_queue_fill_ratio{element="lips"} ',
    'talkgraph_frames_lost_total{element="features"} ',
    'talkgraph_inference_batches_total{size="1"} ',
    'talkgraph_inference_rows_total ',
    'talkgraph_inference_waiting ',
    'talkgraph_first_sound_seconds_count 1',
    'talkgraph_cut_seconds_count 0',
  ])
    t.ok(text.includes(name), name);
  t.notMatch(text, new RegExp(session.id));
  const lost = (told: string) => Number(/frames_lost_total\{element="lips"\} (\d+)/.exec(told)?.[1]);
  await session.close('enough');
  t.ok(lost(await read()) >= lost(text), 'what was counted stays when its session ends');
});

t.test('the pool and the log', async (t) => {
  const pool = (await get('/v1/pool')).body;
  t.match(pool, {
    waiting: 0,
    done: Number,
    batches: Number,
    sizes: { 1: Number },
    models: [{ name: 'tinylip', provider: 'cpu' }],
  });
  t.ok(pool.threads.length > 0);
  const { lines: before } = (await get('/v1/log')).body;
  const last = before.at(-1)?.number ?? 0;
  logger({ session: 'x' }).warn('something that is worth a line', {
    element: 'lips',
    private: 'said in confidence',
  });
  const { lines } = (await get(`/v1/log?after=${last}`)).body;
  t.match(lines, [
    {
      number: last + 1,
      level: 'warn',
      message: 'something that is worth a line',
      fields: { session: 'x', element: 'lips' },
    },
  ]);
  t.notMatch(JSON.stringify(lines), /confidence/);
  t.equal((await get('/v1/log?after=x')).status, 400);
});

t.test('who may see it', async (t) => {
  const other = 'b2c8a1f4-0000-4000-8000-000000000000';
  const made = await server.post(
    '/v1/sessions',
    { parameters: { avatar: 'drawn' } },
    { authorization: 'Bearer sesame' },
  );
  const { id, token } = made.body as { id: string; token: string };
  for (const path of [
    '/v1/pool',
    '/v1/log',
    '/v1/sessions',
    '/metrics',
    '/v1/graphs/webrtc',
    '/v1/avatars/drawn/report',
  ])
    t.equal((await get(path, 'sesame')).status, 403, path);
  t.strictSame((await get('/v1/me', 'sesame')).body, {
    kind: 'key',
    name: 'token',
    watches: false,
    edits: false,
  });
  t.strictSame((await get('/v1/me')).body, { kind: 'admin', name: 'admin', watches: true, edits: false });
  t.equal((await get(`/v1/sessions/${id}/levels`, token)).status, 200, 'its own');
  t.equal((await get(`/v1/sessions/${other}/levels`, token)).status, 404, 'and no other');
  t.equal((await get('/v1/pool', token)).status, 403);
  t.strictSame((await get('/v1/avatars/drawn/report')).body.id, 'drawn');
  t.equal((await get('/v1/avatars/nobody%2f../report')).status, 404);
});
