/** Forty clients at once where eight places are: eight sessions, thirty-two clean refusals, and no place is lost. */
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { serverOf, viewer } from './support/server.js';

const [CLIENTS, PLACES] = [40, 8];
// Who is the cheapest to show: what counts here is who gets a place.
const drawn = { graph: 'webrtc.yaml', parameters: { avatar: 'drawn' } };
const server = await serverOf(PLACES, { avatar: 'drawn' }, drawn);
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});
const { sessions, url } = server;

/** One offer, whose answer nobody looks at: what counts is who gets a place. */
const { offer, receiver } = await viewer();
t.teardown(() => receiver.close());

async function crowd(path: string, body: unknown, type = 'application/json') {
  return await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const reply = await fetch(new URL(path, url), {
        method: 'POST',
        headers: { 'content-type': type },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const retry = Number(reply.headers.get('retry-after'));
      const text = await reply.text();
      const told = /json/.test(reply.headers.get('content-type') ?? '') ? JSON.parse(text) : {};
      return { status: reply.status, retry, body: told as Record<string, unknown> };
    }),
  );
}

async function ended(): Promise<void> {
  await Promise.all([...sessions.list()].map((session) => session.close('test')));
  t.equal(sessions.size, 0, 'no place is lost');
}

t.test('at /offer: HTTP 200 and code -1, as LiveTalking’s clients expect', async (t) => {
  const answers = await crowd('/offer', offer);
  const [taken, refused] = [
    answers.filter(({ body }) => 'sdp' in body),
    answers.filter(({ body }) => body['code'] === -1),
  ];
  t.same([taken.length, refused.length], [PLACES, CLIENTS - PLACES]);
  t.equal(new Set(taken.map(({ body }) => body['sessionid'])).size, PLACES);
  t.equal(sessions.size, PLACES);
  for (const { status, retry, body } of refused) {
    t.match({ status, body }, { status: 200, body: { msg: 'Maximum session limit reached (8/8)' } });
    t.ok(retry > 0, 'says when to come again');
  }
  t.equal((await fetch(new URL('/readyz', url))).status, 503);
  await ended();
});

t.test('at /v1/sessions: 503 with Retry-After', async (t) => {
  const answers = await crowd('/v1/sessions', {});
  t.equal(answers.filter(({ status }) => status === 201).length, PLACES);
  const refused = answers.filter(({ status }) => status === 503);
  t.equal(refused.length, CLIENTS - PLACES);
  t.ok(refused.every(({ retry }) => retry > 0));
  await ended();
});

t.test('at /whep: 503 with Retry-After', async (t) => {
  const answers = await crowd('/whep', offer.sdp, 'application/sdp');
  t.equal(answers.filter(({ status }) => status === 201).length, PLACES);
  const refused = answers.filter(({ status }) => status === 503);
  t.equal(refused.length, CLIENTS - PLACES);
  t.ok(refused.every(({ retry, body }) => retry > 0 && body['status'] === 503));
  await ended();
});

t.test('the numbers say so', async (t) => {
  t.equal(await (await fetch(new URL('/healthz', url))).text(), 'ok\n');
  t.equal(await (await fetch(new URL('/readyz', url))).text(), 'ready\n');
  const reply = await fetch(new URL('/metrics', url));
  t.match(reply.headers.get('content-type'), /text\/plain/);
  const text = await reply.text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  t.equal(value('talkgraph_sessions_started_total'), 3 * PLACES);
  t.equal(value('talkgraph_sessions_ended_total'), 3 * PLACES);
  t.equal(value('talkgraph_sessions_failed_total'), 0);
  t.equal(value('talkgraph_sessions_refused_total'), 3 * (CLIENTS - PLACES));
  t.equal(value('talkgraph_session_start_seconds_count'), 3 * PLACES);
  t.equal(value('talkgraph_sessions_limit'), PLACES);
  t.equal(value('talkgraph_sessions\\{state="running"\\}'), 0);
});

t.test('first sound and silence are measured', async (t) => {
  const session = await sessions.create();
  const heard = new Promise((resolve) => {
    session.events.on('event', (event) => {
      if (event.type === 'word') session.cut();
      if (event.type === 'interrupted') resolve(undefined);
    });
  });
  session.say({ text: 'This will not be said to its end, however long it is.' });
  await heard;
  await session.close('test');
  const text = await (await fetch(new URL('/metrics', url))).text();
  t.match(text, /^talkgraph_first_sound_seconds_count 1$/m);
  t.match(text, /^talkgraph_cut_seconds_count 1$/m);
  t.match(text, /^talkgraph_events_total\{type="interrupted",code=""\} 1$/m);
});
