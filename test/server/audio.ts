/** `WS /v1/sessions/ID/audio` and `POST /humanaudio`: sound that a session is sent, said by its avatar. */
import { once } from 'node:events';
import t from 'tap';
import WebSocket from 'ws';
import { closeSharedPool } from '../../src/inference/index.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import { closeVoices, opusSamples } from '../../src/voice/index.js';
import { packets } from '../support/encoded.js';
import { wave } from '../voice/fixtures/file.js';
import { nextEvent } from './support/events.js';
import { serverOf } from './support/server.js';

const server = await serverOf(2);
const { sessions, url } = server;
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});
const session = await sessions.create();

/** 100 ms of a tone at 16 kHz. */
const TENTH = new Uint8Array(Int16Array.from({ length: 1600 }, (_, n) => 12000 * Math.sin(n / 8)).buffer);

async function client(path: string) {
  const socket = new WebSocket(new URL(path, url.replace(/^http/, 'ws')));
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  closed.catch(() => undefined);
  await once(socket, 'open');
  const said = async (): Promise<unknown> =>
    JSON.parse(String(((await once(socket, 'message')) as [Buffer])[0]));
  return { socket, closed, said };
}

/** Seconds of media time an utterance lasts, and its text. */
async function heard(): Promise<{ text: string; seconds: number; id: string | undefined }> {
  const start = (await nextEvent(session, 'speech.start')) as SessionEvent & { text: string };
  const end = await nextEvent(session, 'speech.end');
  return { text: start.text, seconds: (end.pts - start.pts) / 1e9, id: start.id };
}

async function upload(fields: Record<string, string | Blob>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const reply = await fetch(new URL('/humanaudio', url), { method: 'POST', body: form });
  return (await reply.json()) as { code: number; msg: string };
}

t.test('utterances are pushed, begun by sound or by name, and ended by word', async (t) => {
  const { socket, said, closed } = await client(`/v1/sessions/${session.id}/audio`);
  const first = heard();
  const started = said();
  for (let n = 0; n < 10; n++) socket.send(TENTH);
  socket.send('{"type":"end"}');
  const { id, text, seconds } = await first;
  t.match(await started, { type: 'started', id });
  t.equal(text, '');
  t.ok(Math.abs(seconds - 1) <= 0.04, `${seconds} s, to the frame`);
  const second = heard();
  socket.send('{"type":"start","text":"A caption."}');
  for (let n = 0; n < 5; n++) socket.send(TENTH);
  // A closed socket is an end, too.
  socket.close();
  await closed;
  const { text: caption, seconds: half } = await second;
  t.equal(caption, 'A caption.');
  t.ok(Math.abs(half - 0.5) <= 0.04, `${half} s`);
});

t.test('Opus is said as samples are', async (t) => {
  const { socket, said, closed } = await client(`/v1/sessions/${session.id}/audio?codec=opus`);
  const tone = Int16Array.from({ length: 16_000 }, (_, n) => 12_000 * Math.sin(n / 8));
  const sent = await packets(tone, 16_000, 'opusenc frame-size=20');
  const length = sent.reduce((sum, packet) => sum + (opusSamples(packet) ?? 0), 0) / 48_000;
  const first = heard();
  const started = said();
  for (const packet of sent) socket.send(packet);
  socket.send('{"type":"end"}');
  const { id, seconds } = await first;
  t.match(await started, { type: 'started', id });
  t.ok(Math.abs(seconds - length) <= 0.04, `${seconds} s of ${length}, to the frame`);
  socket.send(Uint8Array.of(0x9b, 0));
  const [code, reason] = await closed;
  t.match([code, String(reason)], [1003, /expected an Opus packet/]);
});

t.test('a cut drops what waits and what comes, until the next beginning', async (t) => {
  const { socket, said } = await client(`/v1/sessions/${session.id}/audio?rate=8000&channels=2`);
  const begun = nextEvent(session, 'speech.start');
  const started = said();
  for (let n = 0; n < 30; n++) socket.send(TENTH);
  t.match(await started, { type: 'started' });
  await begun;
  const dropped = said();
  session.cut();
  t.match(await dropped, { type: 'dropped', reason: 'it was cut' });
  for (let n = 0; n < 5; n++) socket.send(TENTH);
  const next = heard();
  const again = said();
  socket.send('{"type":"start","text":"After the cut."}');
  for (let n = 0; n < 6; n++) socket.send(TENTH);
  socket.send('{"type":"end"}');
  t.match(await again, { type: 'started' });
  const { text, seconds } = await next;
  t.equal(text, 'After the cut.');
  t.ok(Math.abs(seconds - 0.6) <= 0.04, `${seconds} s: nothing of what was dropped`);
  socket.close();
});

t.test('who asks for no session, no rate or no message is told and let go', async (t) => {
  for (const [path, code] of [
    ['/v1/sessions/nobody/audio', 1008],
    [`/v1/sessions/${session.id}/audio?rate=1`, 1008],
    [`/v1/sessions/${session.id}/audio?channels=x`, 1008],
    [`/v1/sessions/${session.id}/audio?codec=mp3`, 1008],
  ] as const) {
    const { closed } = await client(path);
    t.equal((await closed)[0], code, path);
  }
  const { socket, closed } = await client(`/v1/sessions/${session.id}/audio`);
  socket.send('{"type":"dance"}');
  t.equal((await closed)[0], 1003);
});

t.test('a file is said, and what is none is refused at once', async (t) => {
  const said = heard();
  const file = new Blob([new Uint8Array(wave(1.2))], { type: 'audio/wav' });
  t.same(await upload({ sessionid: session.id, file }), { code: 0, msg: 'ok' });
  const { seconds } = await said;
  t.ok(Math.abs(seconds - 1.2) <= 0.04, `${seconds} s`);
  for (const [fields, msg] of [
    [{ sessionid: 'nobody', file }, /session not found/],
    [{ file }, /'sessionid'/],
    [{ sessionid: session.id }, /'file'/],
    [{ sessionid: session.id, file: new Blob(['no sound']) }, /^the sound file is text, /],
    [{ sessionid: session.id, file: new Blob([new Uint8Array(9)]) }, /^There is no sound in the sound file /],
  ] as const) {
    t.match(await upload(fields as Record<string, string | Blob>), { code: -1, msg });
  }
  const json = await server.post('/humanaudio', { sessionid: session.id });
  t.match(json.body, { code: -1, msg: /Expected a form/ });
});

t.test('a session that ends lets go of its sockets', async (t) => {
  const other = await sessions.create();
  const { socket, closed } = await client(`/v1/sessions/${other.id}/audio`);
  socket.send(TENTH);
  await other.close('test');
  t.equal((await closed)[0], 1001);
});
