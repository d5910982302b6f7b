/**
 * A client of LiveTalking's from its first request to its last, as its pages and those of its users send them: nothing here knows
 * that another server answers.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { Receiver } from '../webrtc/support/receiver.js';
import { serverOf } from './support/server.js';

const folder = await mkdtemp(join(tmpdir(), 'talkgraph-client-'));
process.env['TALKGRAPH_RECORDS'] = folder;
const server = await serverOf(1);
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
  await rm(folder, { recursive: true, force: true });
});

/** As jQuery sends it. */
async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const reply = await fetch(new URL(path, server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  t.equal(reply.status, 200, `${path}: HTTP 200, whatever it is`);
  return (await reply.json()) as Record<string, unknown>;
}
const OK = { code: 0, msg: 'ok' };

t.test('connect, talk, interrupt, act, record, listen, leave', async (t) => {
  // Video first, receiving only, every candidate in the offer, optional keys null or empty.
  const receiver = new Receiver();
  const answer = await post('/offer', {
    sdp: await receiver.offer(),
    type: 'offer',
    avatar: null,
    refaudio: '',
    reftext: '',
    custom_config: '',
  });
  t.match(answer, { sdp: /a=candidate/, type: 'answer', sessionid: String });
  t.notOk('code' in answer);
  const sessionid = answer['sessionid'];
  await receiver.accept(String(answer['sdp']));
  await Promise.all([receiver.received('video', 1), receiver.received('audio', 1)]);

  const stream = await fetch(new URL(`/sse?sessionid=${String(sessionid)}`, server.url));
  t.equal(stream.headers.get('content-type'), 'text/event-stream');
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let lines = '';
  let read = 0;
  /** Reads on behind the last one that was waited for. */
  const told = async (status: string) => {
    const wanted = `"status":"${status}"`;
    while (!lines.includes(wanted, read)) lines += (await reader.read()).value ?? '';
    read = lines.indexOf(wanted, read) + wanted.length;
  };

  t.same(await post('/record', { sessionid, type: 'start_record' }), OK);
  const text = 'Good morning, I am a client of yours and was one of somebody else.';
  t.same(await post('/human', { sessionid, type: 'echo', interrupt: true, text }), OK);
  await told('start');
  t.same(await post('/is_speaking', { sessionid }), { ...OK, data: true });
  t.same(await post('/interrupt_talk', { sessionid }), OK);
  await told('interrupted');
  await told('end');
  t.same(await post('/is_speaking', { sessionid }), { ...OK, data: false });
  // The old client says `reinit` as well, and asks for an action that may not be there.
  t.same(await post('/set_audiotype', { sessionid, audiotype: 2, reinit: false }), OK);
  t.same(
    await post('/human', { sessionid, type: 'echo', text: 'Bye.', tts: { ref_file: '', ref_text: '' } }),
    OK,
  );
  await told('end');
  t.same(await post('/record', { sessionid, type: 'end_record' }), OK);
  const film = await fetch(new URL(`/record/${String(sessionid)}`, server.url));
  t.same([film.status, film.headers.get('content-type')], [200, 'video/mp4']);
  t.ok((await film.arrayBuffer()).byteLength > 10_000);
  for (const line of lines.split('\n').filter((one) => one !== ''))
    t.match(line, /^data: \{.*"status":/, 'lines of data alone');

  const late = new Receiver();
  t.match(await post('/offer', { sdp: await late.offer(), type: 'offer' }), {
    code: -1,
    msg: 'Maximum session limit reached (1/1)',
  });
  await late.close();
  receiver.vanish();
  for (let done = false; !done; ) ({ done } = await reader.read());
  t.same(await post('/is_speaking', { sessionid }), { code: -1, msg: 'session not found' });
});
