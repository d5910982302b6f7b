import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { askedVoice } from '../../src/server/askedvoice.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import { Human } from '../../src/server/contract/livetalking.js';
import { Lines } from '../../src/server/lines.js';
import { closeVoices } from '../../src/voice/index.js';
import { offerOf } from '../webrtc/support/offers.js';
import { nextEvent } from './support/events.js';
import { serverOf, viewer } from './support/server.js';

const server = await serverOf(2);
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});
const { post, sessions } = server;

t.test('an offer makes a session that speaks, can be interrupted, and ends with its viewer', async (t) => {
  const { receiver, offer } = await viewer();
  const answer = await post('/offer', offer);
  t.match(answer, { status: 200, body: { type: 'answer', sdp: /^v=0/, sessionid: String } });
  t.notOk('code' in answer.body, 'no envelope on success');
  const sessionid = String(answer.body['sessionid']);
  const session = sessions.get(sessionid);
  t.ok(session);
  await receiver.accept(String(answer.body['sdp']));
  await Promise.all([receiver.received('video', 1), receiver.received('audio', 1)]);

  t.strictSame((await post('/is_speaking', { sessionid })).body, { code: 0, msg: 'ok', data: false });
  const started = nextEvent(session!, 'speech.start');
  const said = 'This is said to the very end of the sentence, unless somebody interrupts.';
  t.strictSame((await post('/human', { sessionid, type: 'echo', text: said })).body, { code: 0, msg: 'ok' });
  t.match(await started, { type: 'speech.start', text: said });
  t.strictSame((await post('/is_speaking', { sessionid })).body['data'], true);
  const interrupted = nextEvent(session!, 'interrupted');
  t.strictSame((await post('/interrupt_talk', { sessionid })).body, { code: 0, msg: 'ok' });
  await interrupted;
  t.strictSame((await post('/is_speaking', { sessionid })).body['data'], false);

  const ended = nextEvent(session!, 'state');
  receiver.vanish();
  t.match(await ended, { state: 'ending' });
});

t.test('events are told as they are heard', async (t) => {
  const { receiver, offer } = await viewer();
  const answer = await post('/offer', offer);
  await receiver.accept(String(answer.body['sdp']));
  const sessionid = String(answer.body['sessionid']);
  const stream = await fetch(new URL(`/sse?sessionid=${sessionid}`, server.url));
  t.equal(stream.headers.get('content-type'), 'text/event-stream');
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const tts = { ref_file: 'rms', emotion: 'glad' };
  await post('/human', { sessionid, type: 'echo', text: 'Hi.', tts });
  let text = '';
  while (!text.includes('"end"')) text += (await reader.read()).value ?? '';
  t.strictSame(
    text
      .trim()
      .split('\n\n')
      .map((line) => JSON.parse(line.replace(/^data: /, ''))),
    [
      { status: 'start', text: 'Hi.', tts },
      { status: 'sentence', text: 'Hi.' },
      { status: 'end', text: 'Hi.', tts },
    ],
  );
  await sessions.get(sessionid)?.close('test');
  for (let done = false; !done; ) ({ done } = await reader.read());
  await receiver.close();
});

t.test('what LiveTalking refuses is refused in its envelope, with a sentence', async (t) => {
  const cases: [string, unknown, unknown][] = [
    ['/human', { sessionid: 'x', type: 'echo', text: 'a' }, { code: -1, msg: 'session not found' }],
    ['/human', { sessionid: 123456, type: 'echo', text: 'a' }, { code: -1, msg: 'session not found' }],
    ['/human', { sessionid: 'x', type: 'echo' }, { code: -1, msg: "'text'" }],
    ['/human', { sessionid: 'x', text: 'a' }, { code: -1, msg: "'type'" }],
    ['/is_speaking', {}, { code: -1, msg: /^'sessionid'$/ }],
    ['/human', {}, { code: -1, msg: /^'sessionid'$/ }],
    ['/record', { sessionid: null }, { code: -1, msg: /^'sessionid': Expected a text or a number\.$/ }],
    ['/interrupt_talk', { sessionid: '0' }, { code: -1, msg: 'session not found' }],
    ['/offer', { type: 'offer' }, { code: -1, msg: "'sdp'" }],
    ['/offer', { sdp: '', type: 'offer' }, { code: -1, msg: /Expected/ }],
    ['/offer', { sdp: 'v=0\r\n', type: 'offer' }, { code: -1, msg: /Expected/ }],
    ['/offer', { sdp: 'x'.repeat(200_000), type: 'offer' }, { code: -1, msg: /Expected/ }],
    [
      '/offer',
      { sdp: 'v=0', type: 'offer', avatar: '../../etc' },
      { code: -1, msg: /Expected the id of an avatar/ },
    ],
    [
      '/offer',
      { sdp: 'v=0', type: 'offer', refaudio: 'file//etc/passwd' },
      { code: -1, msg: /name of a voice/ },
    ],
    ['/offer', { sdp: offerOf(), type: 'offer', avatar: 'nobody' }, { code: -1, msg: /nobody/ }],
  ];
  for (const [path, body, wanted] of cases) {
    const { status, body: got } = await post(path, body);
    t.match(
      { status, ...got },
      { status: 200, ...(wanted as object) },
      `${path} ${JSON.stringify(body).slice(0, 60)}`,
    );
  }
  t.match(await post('/human', '{"sessionid":'), { status: 400, body: { code: -1 } });
  t.equal(sessions.size, 0, 'nothing is left of a refused offer');
});

t.test('chat says that no model is configured; strange texts are taken', async (t) => {
  const session = await sessions.create();
  const sessionid = session.id;
  t.match((await post('/human', { sessionid, type: 'chat', text: 'hi' })).body, {
    code: -1,
    msg: 'no LLM configured',
  });
  for (const text of ['', '   ', '🙂🙂', 'مرحبا بالعالم', '你好', 'a\u0000b', 'x'.repeat(100_000)]) {
    t.match(
      (await post('/human', { sessionid, type: 'echo', text })).body,
      { code: 0 },
      JSON.stringify(text).slice(0, 20),
    );
  }
  const long = await post('/human', { sessionid, type: 'echo', text: 'x'.repeat(100_001) });
  t.match(long.body, { code: -1, msg: /at most 100000/ });
  t.match(
    (await post('/human', { sessionid, type: 'echo', text: 'a', tts: { ref_file: 'file//etc/passwd' } }))
      .body,
    {
      code: -1,
    },
  );
  const asked = (tts: object) => post('/human', { sessionid, type: 'echo', text: 'a', tts });
  const ok = { body: { code: 0 } };
  t.match(await asked({ speed: 1.5, ref_text: '' }), ok, 'options of the session’s voice');
  t.match(await asked({ ref_file: 'rms', speed: '2', voice: null }), ok, 'a name of its engine');
  t.match(await asked({ emotion: 'sad', task_type: 'Base' }), ok, 'what its engine has not changes nothing');
  t.match(await asked({ emotion: 'sad', ref_file: 'rms' }), ok);
  for (const [tts, msg] of [
    [{ speed: 99 }, /number from 0.25 to 4 for speed/],
    [{ ref_file: 'edge/x,file//etc/passwd' }, /name of a voice/],
    [{ ref_file: 'xtts//etc/passwd' }, /name of a voice/],
    [{ ref_file: 'openai/nova', server: 'http://127.0.0.1:1' }, /set by whoever runs the server/],
    [{ ref_file: 'openai/nova?server=http://127.0.0.1:1' }, /set by whoever runs the server/],
    [{ speed: {} }, /'tts.speed'/],
  ] as const) {
    t.match(await asked(tts), { body: { code: -1, msg } }, JSON.stringify(tts));
  }
  await session.close('test');
});

t.test('the limit counts sessions that are still starting', async (t) => {
  const made = await Promise.allSettled([sessions.create(), sessions.create(), sessions.create()]);
  t.strictSame(
    made.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected'],
  );
  const { offer, receiver } = await viewer();
  t.match(await post('/offer', offer), {
    status: 200,
    body: { code: -1, msg: 'Maximum session limit reached (2/2)' },
  });
  await receiver.close();
  for (const one of made) if (one.status === 'fulfilled') await one.value.close('test');
  t.equal(sessions.size, 0);
});

t.test(
  'a reference that is a path is one of the engine that speaks, and never a file of this server',
  async (t) => {
    const asked = (voice: string, ref_file: string) => askedVoice(voice, { ref_file });
    t.same(await asked('gpt-sovits', '/there/ben.wav'), { voice: 'gpt-sovits//there/ben.wav' });
    t.same(await asked('gpt-sovits,flite/slt', '/there/ben.wav'), { voice: 'gpt-sovits//there/ben.wav' });
    for (const engine of ['xtts', 'cosyvoice', 'file'])
      t.match(await asked(engine, '/etc/passwd'), { refused: /Expected the name of a voice/ }, engine);
    t.same(await asked('gpt-sovits', 'edge/zh-CN-YunxiaNeural'), { voice: 'edge/zh-CN-YunxiaNeural' });
  },
);

t.test('interrupt may be whatever Python takes for true or false', async (t) => {
  const asked = (interrupt: unknown) => {
    const body = Human.safeParse({ sessionid: 1, type: 'echo', text: 'a', interrupt });
    return body.success ? body.data.interrupt : body.error.issues[0]?.message;
  };
  t.same([true, 1, 'true', 'True'].map(asked), [true, true, true, true]);
  t.same([false, 0, '', 'false', null, undefined].map(asked), Array(6).fill(false));
  t.equal(asked({}), 'Expected true or false');
});

t.test('lines of an answer, of what was interrupted, and for who comes in the middle', async (t) => {
  const base = { session: 'x', id: 'a', pts: 0 };
  const says = (text: string) => ({ ...base, type: 'sentence', text }) as const;
  const start = { ...base, type: 'speech.start', text: 'It is ten.' } as const;
  const end = { ...base, type: 'speech.end' } as const;
  const cut = { ...base, type: 'interrupted', heardMs: 20, heard: 'And' } as const;
  const lines = new Lines(() => ({}));
  const told = (event: SessionEvent) => lines.of(event);
  t.same(told(says('in the middle')), [{ status: 'sentence', text: 'in the middle' }]);
  t.same(told(end), [{ status: 'end' }]);
  t.same(told(start), [{ status: 'start', text: 'It is ten.' }]);
  t.same(told(says('It is ten.')), [{ status: 'sentence', text: 'It is ten.' }]);
  t.same(
    told(says('And warm.')),
    [
      { status: 'end', text: 'It is ten.' },
      { status: 'start', text: 'And warm.' },
      { status: 'sentence', text: 'And warm.' },
    ],
    'each sentence of an answer is a text of its own, as there',
  );
  t.same(told(cut), [
    { status: 'interrupted', heard: 20, text: 'And' },
    { status: 'end', text: 'And warm.' },
  ]);
  t.same(told(cut), [{ status: 'interrupted', heard: 20, text: 'And' }], 'nothing was begun');
  t.same(told({ ...base, type: 'word', text: 'x' }), []);
});
