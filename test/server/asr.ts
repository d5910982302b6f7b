/** `WS /api/asr` as LiveTalking's page uses it, against a recogniser that is a fake server. */
import { once } from 'node:events';
import t from 'tap';
import WebSocket from 'ws';
import { FakeTranscriptions, hears, refuses } from '../fakes/fake-openai-transcriptions.js';
import { serverOf } from './support/server.js';

const fake = await FakeTranscriptions.start(hears('你好 世界'));
process.env['ASR_BASE_URL'] = fake.url;
t.teardown(() => fake.close());

const START = {
  chunk_size: [5, 10, 5],
  wav_name: 'h5',
  is_speaking: true,
  chunk_interval: 10,
  itn: true,
  mode: '2pass',
  hotwords: '{"阿里巴巴":20}',
};

async function client(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(new URL('/api/asr', url.replace(/^http/, 'ws')), { headers });
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  closed.catch(() => undefined);
  await once(socket, 'open');
  const turn = async (start: object, frames: readonly Uint8Array[]) => {
    socket.send(JSON.stringify(start));
    for (const frame of frames) socket.send(frame);
    const answer = once(socket, 'message') as Promise<[Buffer]>;
    socket.send(JSON.stringify({ ...start, is_speaking: false }));
    return JSON.parse(String((await answer)[0])) as Record<string, unknown>;
  };
  return { socket, closed, turn };
}

const frames = (count: number) => Array.from({ length: count }, (_, n) => new Uint8Array(1920).fill(n + 1));

t.test('a turn of the page: frames of 60 ms, one answer', async (t) => {
  const { url, close } = await serverOf(1, { asr: { engine: 'openai' } });
  t.teardown(close);
  const { socket, turn, closed } = await client(url);
  t.same(await turn(START, frames(10)), {
    mode: '2pass-offline',
    text: '你好 世界',
    wav_name: 'h5',
    is_final: true,
    timestamp: null,
  });
  const { file, fields } = fake.requests.at(-1)!;
  t.equal(file.bytes.length, 44 + 10 * 1920);
  t.equal(file.bytes[44 + 1920], 2, 'in order');
  t.equal(fields['prompt'], '{"阿里巴巴":20}');
  const odd = [...frames(4), new Uint8Array(7)];
  t.match(
    await turn({ ...START, mode: 'offline' }, odd),
    { mode: 'offline', text: '你好 世界' },
    'the next turn',
  );
  t.equal(fake.requests.at(-1)?.file.bytes.length, 44 + 4 * 1920 + 6, 'without the odd byte');
  const loose = {
    wav_name: null,
    audio_fs: '16000',
    itn: 'true',
    chunk_size: '5, 10, 5',
    hotwords: { 阿里巴巴: 20 },
  };
  t.match(
    await turn({ ...START, ...loose }, frames(10)),
    { text: '你好 世界', wav_name: 'h5' },
    'in Python’s way',
  );
  t.equal(fake.requests.at(-1)?.fields['prompt'], '{"阿里巴巴":20}');
  const before = fake.requests.length;
  t.match(await turn({ ...START, mode: 'online' }, [new Uint8Array(600)]), { mode: 'online', text: '' });
  t.equal(fake.requests.length, before, 'nothing is asked about nothing');
  socket.close();
  await closed;
});

t.test('a recogniser that fails is told beside an empty text', async (t) => {
  const { url, close } = await serverOf(1, { asr: { engine: 'openai' } });
  t.teardown(close);
  fake.scripts = [refuses(400), hears('again')];
  const { socket, turn } = await client(url);
  t.match(await turn(START, frames(10)), { text: '', is_final: true, error: /does not accept/ });
  t.match(await turn(START, frames(10)), { text: 'again' });
  socket.close();
});

t.test('what is no turn, too much and too many are turned away', async (t) => {
  const { url, close } = await serverOf(1, { asr: { engine: 'openai' } });
  t.teardown(close);
  const bad = async (say: (socket: WebSocket) => void) => {
    const { socket, closed } = await client(url);
    say(socket);
    return (await closed)[0];
  };
  t.equal(await bad((socket) => socket.send('hello')), 1003);
  t.equal(await bad((socket) => socket.send('{"is_speaking":"yes"}')), 1003);
  t.equal(await bad((socket) => socket.send(JSON.stringify({ ...START, audio_fs: 8000 }))), 1003);
  t.equal(await bad((socket) => socket.send(Buffer.alloc(300_000))), 1009, 'one message');
  const long = (socket: WebSocket) => {
    socket.send(JSON.stringify(START));
    for (let n = 0; n < 10; n++) socket.send(Buffer.alloc(200_000));
  };
  t.equal(await bad(long), 1009, 'one turn');
  const many = await Promise.all(Array.from({ length: 8 }, () => client(url)));
  const { closed } = await client(url);
  t.equal((await closed)[0], 1013);
  for (const { socket } of many) socket.close();
  await Promise.all(many.map((one) => one.closed));
  const { turn, socket } = await client(url);
  t.match(await turn(START, frames(10)), { text: 'again' }, 'there is room again');
  socket.close();
});

t.test(
  'other sites and those without the token stay outside; without a recogniser there is no such route',
  async (t) => {
    const open = await serverOf(1, { asr: { engine: 'openai' } });
    t.teardown(open.close);
    await t.rejects(client(open.url, { origin: 'https://evil.example' }), /403/);
    const guarded = await serverOf(1, { asr: { engine: 'openai' }, token: 'sesame' });
    t.teardown(guarded.close);
    await t.rejects(client(guarded.url), /401/);
    const { socket } = await client(guarded.url, { authorization: 'Bearer sesame' });
    socket.close();
    const deaf = await serverOf(1);
    t.teardown(deaf.close);
    await t.rejects(client(deaf.url));
    t.equal((await fetch(new URL('/api/asr', deaf.url))).status, 404);
    await t.rejects(serverOf(1, { asr: { engine: 'siri' } }), { code: 'resource/not-found' });
  },
);
