/** Recordings of running sessions, as LiveTalking's clients ask for them. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../src/graph/find.js';
import type { Pipeline } from '../../src/graph/pipeline.js';
import { closeSharedPool } from '../../src/inference/index.js';
import type { Session } from '../../src/session/session.js';
import { closeVoices } from '../../src/voice/index.js';
import { readRecording } from '../webrtc/support/file.js';
import { pair, skewOf } from '../webrtc/support/skew.js';
import { nextEvent } from './support/events.js';
import { serverOf } from './support/server.js';

const folder = await mkdtemp(join(tmpdir(), 'talkgraph-recordings-'));
process.env['TALKGRAPH_RECORDS'] = folder;
/** Beeps, and a mouth that flashes with them; nobody watches but the recording. */
const graph = join(folder, 'beeps.yaml');
await writeFile(
  graph,
  `include: [${join(PACKAGE, 'graphs/parts/flash.yaml')}]
elements:
  mouth: { factory: videocrop, left: 208, right: 208, top: 376, bottom: 320 }
  light: { factory: videobalance, contrast: 2, brightness: -0.85 }
  web:   { factory: webrtcsink }
links:
  - voice. ! tee name=sound ! web.audio
  - face. ! mouth. ! light. ! tee name=picture ! web.video
ends: { in: say, out: web }
`,
);

const server = await serverOf(2, {}, { graph, parameters: { text: '' } });
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
  await rm(folder, { recursive: true, force: true });
});
const { post, sessions, url } = server;
const record = async ({ id: sessionid }: Session, type: string) =>
  (await post('/record', { sessionid, type })).body;
const OK = { code: 0, msg: 'ok' };

/** Resolves with the next mark of a session's graph. */
const nextMark = ({ pipeline }: Session) => once(pipeline as Pipeline, 'mark');

t.test('a running session is recorded', async (t) => {
  const session = await sessions.create();
  t.same(await record(session, 'start_record'), OK);
  t.same(await record(session, 'start_record'), OK, 'starting twice changes nothing');
  t.match((await (await fetch(new URL('/api/admin/sessions', url))).json()) as object, {
    data: { sessions: [{ sessionid: session.id, recording: true, speaking: false }] },
  });
  t.equal((await fetch(new URL(`/record/${session.id}`, url))).status, 404, 'not before it is finished');
  const ended = nextEvent(session, 'speech.end');
  session.say({ text: '0:0.2 1000:0.08 0:0.72 1000:0.08 0:0.72 1000:0.08 0:0.72' });
  await ended;
  t.same(await record(session, 'end_record'), OK);
  t.same(await record(session, 'end_record'), OK, 'ending twice changes nothing');

  const reply = await fetch(new URL(`/record/${session.id}`, url));
  t.equal(reply.headers.get('content-type'), 'video/mp4');
  const file = join(folder, 'got.mp4');
  await writeFile(file, Buffer.from(await reply.arrayBuffer()));
  const recording = await readRecording(file);
  t.match(recording, { complaints: '', video: { codec: 'h264' }, audio: { codec: 'aac' } });
  const skew = skewOf(pair(recording.flashes, recording.beeps));
  t.ok(
    skew.n >= 1 && Math.abs(skew.median) < 1,
    `in sync, also from the first moment on: ${skew.median} ms of ${skew.n}`,
  );
  const part = await fetch(new URL(`/record/${session.id}`, url), { headers: { range: 'bytes=4-7' } });
  t.equal(part.status, 206);
  t.equal(await part.text(), 'ftyp');
  await session.close('test');
});

t.test('by /v1, too: begun, finished and fetched at the session’s own address', async (t) => {
  const session = await sessions.create();
  const path = `/v1/sessions/${session.id}/record`;
  const started = { status: 200, body: { recording: true, location: path } };
  t.match(await post(path, { action: 'start', captions: true }), started);
  t.match(await post(path, { action: 'start' }), started, 'starting twice changes nothing');
  t.match(await fetch(new URL(path, url)), { status: 404 }, 'not before it is finished');
  const ended = nextEvent(session, 'speech.end');
  session.say({ text: '1000:0.2' });
  await ended;
  t.match(await post(path, { action: 'end' }), { status: 200, body: { recording: false } });
  const reply = await fetch(new URL(path, url), { headers: { range: 'bytes=4-7' } });
  t.same([reply.status, reply.headers.get('content-type'), await reply.text()], [206, 'video/mp4', 'ftyp']);
  t.ok((await readFile(join(folder, `${session.id}.mp4`))).includes('tx3g'), 'with its captions');
  t.match(await post(path, { action: 'pause' }), { status: 400 });
  t.match(await post('/v1/sessions/nobody/record', { action: 'start' }), { status: 404 });
  await session.close('test');
});

t.test('in segments, of which each is there while the recording goes on', async (t) => {
  const session = await sessions.create();
  const path = `/v1/sessions/${session.id}/record`;
  const list = async () =>
    ((await (await fetch(new URL(`${path}/segments`, url))).json()) as { segments: { location: string }[] })
      .segments;
  t.match(await post(path, { action: 'start', segments: { keep: 3 } }), { status: 400 }, 'cut by what?');
  t.match(await post(path, { action: 'start', captions: 'file', segments: { seconds: 1 } }), { status: 200 });
  t.same(await list(), []);
  const ended = nextEvent(session, 'speech.end');
  session.say({ text: '0:0.2 1000:0.08 0:0.72 1000:0.08 0:0.72 1000:0.08 0:0.72' });
  while ((await list()).length < 1) await nextMark(session);
  t.match(await list(), [{ number: 1, location: `${path}/segments/1` }]);
  const first = await fetch(new URL(`${path}/segments/1`, url));
  t.equal(first.headers.get('content-type'), 'video/mp4');
  const file = join(folder, 'first.mp4');
  await writeFile(file, Buffer.from(await first.arrayBuffer()));
  t.match(await readRecording(file), {
    complaints: '',
    frames: 24,
    video: { start: 0 },
    audio: { start: 0 },
  });
  t.match(await fetch(new URL(`${path}/segments/99`, url)), { status: 404 });
  t.match(await fetch(new URL(`${path}/segments/..%2F1`, url)), { status: 404 });
  await ended;
  t.match(await post(path, { action: 'end' }), { status: 200, body: { recording: false } });
  const all = await list();
  t.ok(all.length >= 3, `${all.length} segments`);
  for (const { location } of all) {
    const captions = await fetch(new URL(`${location}/captions`, url));
    t.equal(captions.headers.get('content-type'), 'text/vtt; charset=utf-8');
    t.match(await captions.text(), /^WEBVTT\n/);
  }
  t.match(await fetch(new URL(path, url)), { status: 404 }, 'there is no file of all');
  await session.close('test');
});

t.test('a recording has what is said as a track, where that is asked for', async (t) => {
  const session = await sessions.create();
  const asked = { sessionid: session.id, type: 'start_record', captions: true };
  t.same((await post('/record', asked)).body, OK);
  const heard = nextEvent(session, 'speech.end');
  session.say({ text: '0:0.2 1000:0.6' });
  await heard;
  t.same(await record(session, 'end_record'), OK);
  const file = await readFile(join(folder, `${session.id}.mp4`));
  t.ok(file.includes('tx3g'), 'its format is MP4 timed text');
  t.ok(file.includes('0:0.2 1000:0.6'), 'and it says what was said');
  t.equal((await readRecording(join(folder, `${session.id}.mp4`))).complaints, '');
  await session.close('test');
});

t.test('what was said lies beside a recording, where that is asked for', async (t) => {
  const session = await sessions.create();
  const asked = { sessionid: session.id, type: 'start_record', captions: 'file' };
  t.same((await post('/record', asked)).body, OK);
  const heard = nextEvent(session, 'speech.end');
  session.say({ text: '0:0.2 1000:0.6' });
  await heard;
  const file = new URL(`/record/${session.id}.vtt`, url);
  t.equal((await fetch(file)).status, 404, 'not before it is finished');
  t.same(await record(session, 'end_record'), OK);
  for (const one of [file, new URL(`/v1/sessions/${session.id}/captions`, url)]) {
    const reply = await fetch(one);
    t.match(reply.headers.get('content-type'), 'text/vtt');
    t.match(await reply.text(), /^WEBVTT\n.+-->.+0:0\.2 1000:0\.6/s);
  }
  t.notOk((await readFile(join(folder, `${session.id}.mp4`))).includes('tx3g'), 'and is no track of it');
  t.match((await post('/record', { ...asked, captions: 'aloud' })).body, { code: -1 });
  await session.close('test');
});

t.test('a session that ends finishes its recording', async (t) => {
  const session = await sessions.create();
  t.same(await record(session, 'start_record'), OK);
  const heard = nextEvent(session, 'speech.end');
  session.say({ text: '1000:0.5' });
  await heard;
  // Asked for the moment it is told to be over: the file is waited for.
  const over = nextEvent(session, 'state');
  const closed = session.close('test');
  await over;
  const reply = await fetch(new URL(`/record/${session.id}`, url));
  t.equal(reply.status, 200);
  await closed;
  const file = join(folder, 'ended.mp4');
  await writeFile(file, Buffer.from(await reply.arrayBuffer()));
  t.match(await readRecording(file), { complaints: '', video: { codec: 'h264' } });
});

t.test('an output that fails is told and costs the session nothing', async (t) => {
  const session = await sessions.create();
  const warned = nextEvent(session, 'warning');
  await symlink('/dev/full', join(folder, 'full.mp4'));
  await session.attach('recordsink', { location: join(folder, 'full.mp4'), 'fragment-duration': 100 });
  t.match(await warned, { code: 'resource/no-space' });
  const ended = nextEvent(session, 'speech.end');
  session.say({ text: '1000:0.2' });
  await ended;
  t.equal(session.state, 'running');
  await session.close('test');
});

t.test('what cannot be recorded is said', async (t) => {
  const session = await sessions.create();
  t.same(await record(session, 'pause_record'), OK, 'as LiveTalking: another verb does nothing');
  t.same((await post('/record', { sessionid: 'x', type: 'start_record' })).body, {
    code: -1,
    msg: 'session not found',
  });
  t.match(await post('/record', { type: 'start_record' }), {
    status: 200,
    body: { code: -1, msg: "'sessionid'" },
  });
  await t.rejects(session.attach('nonsense'), { code: 'core/missing-element' });
  await t.rejects(session.attach('fakesink'), { code: 'core/link' });
  t.notOk(
    session.pipeline?.elements().some(({ name }) => name.startsWith('branch-')),
    'nothing of it stays',
  );
  await session.close('test');
});

t.test('recordings have ids, never paths', async (t) => {
  await writeFile(join(folder, 'secret.txt'), 'x');
  const reply = await fetch(new URL('/record/', url));
  t.equal(reply.status, 400);
  t.equal(await reply.text(), 'sessionid is required');
  for (const id of [
    'nobody',
    '..%2Fsecret',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    'secret.txt',
    '.x.part',
    'a/b',
    '%00',
  ])
    t.match(
      await fetch(new URL(`/record/${id}`, url)).then(async (one) => [one.status, await one.text()]),
      [/^40[04]$/, /Record not found|sessionid|no GET|Expected|Bad/],
      id,
    );
  t.equal(await readFile(join(folder, 'secret.txt'), 'utf8'), 'x');
});
