/**
 * Bad input of every kind against a running server, while another session speaks: each gets a clear answer, nothing
 * hangs, and the other session says every word it was given.
 */
import { connect } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import type { Session } from '../../src/session/session.js';
import { Sessions } from '../../src/session/sessions.js';
import { closeVoices } from '../../src/voice/index.js';
import { hanging, lines, places } from '../support/failing.js';
import { until } from '../support/script.js';
import { offerOf, replaced, without } from '../webrtc/support/offers.js';
import { nextEvent } from './support/events.js';
import { serverOf, viewer } from './support/server.js';

const server = await serverOf(3);
const { post, sessions } = server;
t.teardown(async () => {
  await server.close();
  await closeVoices();
  await closeSharedPool();
});

const SENTENCE = 'Whatever the others send, I go on and say every word of mine.';

/** Says the sentence again and again; what it answers ends that, when one that began afterwards was said to its end. */
function goOn(session: Session) {
  const heard: string[] = [];
  const wrong: SessionEvent[] = [];
  let ending: (() => void) | undefined;
  let last = Number.POSITIVE_INFINITY;
  session.events.on('event', (event) => {
    if (event.type === 'word') heard[heard.length - 1] += ` ${event.text}`;
    if (event.type === 'speech.start') heard.push('');
    if (event.type === 'error' || event.type === 'interrupted' || event.type === 'state') wrong.push(event);
    if (event.type !== 'speech.end') return;
    if (heard.length > last) ending?.();
    else session.say({ text: SENTENCE });
  });
  session.say({ text: SENTENCE });
  return async () => {
    last = heard.length;
    await new Promise<void>((resolve) => (ending = resolve));
    return { heard: heard.map((words) => words.trim()), wrong };
  };
}

/** Resolves when the session begins to say a text. */
const begins = (session: Session, text: string) =>
  new Promise<void>((resolve) => {
    const listen = (event: SessionEvent) => {
      if (event.type !== 'speech.start' || event.text !== text) return;
      session.events.off('event', listen);
      resolve();
    };
    session.events.on('event', listen);
  });

/** What the server answers to bytes that no HTTP client would send: its first line. */
async function raw(head: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(`${head}\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const part of socket) text += part;
  return text.split('\r\n', 1)[0] ?? '';
}

const { receiver, offer } = await viewer();
const answer = await post('/offer', offer);
await receiver.accept(String(answer.body['sdp']));
await receiver.received('audio', 1);
const speaking = sessions.get(String(answer.body['sessionid']));
if (!speaking) throw new Error(`no session: ${JSON.stringify(answer.body)}`);
const end = goOn(speaking);
const bystander = await sessions.create();
const sessionid = bystander.id;

t.test('bodies that are no request, of any kind and size', async (t) => {
  const rows: [string, string | object, number, RegExp][] = [
    ['/human', '{"sessionid":', 400, /Expected a JSON object/],
    ['/human', '', 200, /Expected a JSON object/],
    ['/human', '<a/>', 400, /Expected a JSON object/],
    ['/human', '[]', 200, /Expected a JSON object/],
    ['/human', 'null', 200, /Expected a JSON object/],
    [
      '/human',
      `{"__proto__":{},"sessionid":"${sessionid}","type":"echo","text":"a"}`,
      400,
      /Expected a JSON/,
    ],
    ['/human', { sessionid, type: 'echo', text: 'x'.repeat(2 << 20) }, 413, /at most 1048576 bytes/],
    ['/human', { sessionid, type: 'echo', text: 'x'.repeat(100_001) }, 200, /at most 100000 characters/],
    ['/human', { sessionid, type: 'echo', text: 5 }, 200, /'text': .*expected string, received number/],
    ['/human', { sessionid, type: 'shout', text: 'a' }, 200, /Expected type 'echo' or 'chat' .* 'shout'/],
    ['/human', { sessionid, type: 'chat', text: 'a' }, 200, /^no LLM configured$/],
    ['/human', { sessionid: {}, type: 'echo', text: 'a' }, 200, /'sessionid'/],
    ['/interrupt_talk', { sessionid: 'nobody' }, 200, /^session not found$/],
    ['/nothing', {}, 404, /There is no POST \/nothing here/],
  ];
  for (const [path, body, status, msg] of rows) {
    t.match(
      await post(path, body),
      { status, body: { code: -1, msg } },
      `${path} ${JSON.stringify(body).slice(0, 50)}`,
    );
  }
});

t.test('JSON is read whatever it calls itself, as LiveTalking does', async (t) => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin9',
  ]) {
    t.match(
      await post('/is_speaking', { sessionid }, { 'content-type': type }),
      { status: 200, body: { code: 0, data: false } },
      type,
    );
  }
});

t.test('headers and addresses that are none', async (t) => {
  const { host } = new URL(server.url);
  for (const [head, status] of [
    ['GET / HTTP/1.1\r\nHost: [', 403],
    ['GET / HTTP/1.1\r\nHost: a b', 403],
    ['GET / HTTP/1.1\r\nHost: evil.example', 403],
    [`GET / HTTP/1.1\r\nHost: ${host}\r\nOrigin: nonsense`, 403],
    [`GET / HTTP/1.1\r\nHost: ${host}\r\nOrigin: null`, 403],
    [`GET / HTTP/1.1\r\nHost: ${host}\r\nOrigin: null\r\nSec-Fetch-Site: same-origin`, 200],
    [`GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: talkgraph_token=%E0%A4%A`, 200],
    [`GET /%zz HTTP/1.1\r\nHost: ${host}`, 400],
    ['\u0001\u0002', 400],
  ] as const) {
    t.match(await raw(head), `HTTP/1.1 ${status} `, JSON.stringify(head));
  }
});

t.test('offers that are no offer, and wishes that cannot be met', async (t) => {
  const sdp = offerOf();
  const rows: [object, RegExp][] = [
    [{ sdp: '' }, /Expected/],
    [{ sdp: 'v=0\r\n' }, /Expected/],
    [{ sdp: '🙂'.repeat(1000) }, /Expected/],
    [{ sdp: 'x'.repeat(200_000) }, /Expected/],
    [{ sdp: offerOf([]) }, /Expected/],
    [{ sdp: offerOf(['data']) }, /Expected/],
    [{ sdp: offerOf(['video', 'audio'], without(/fingerprint/)) }, /Expected/],
    [{ sdp: offerOf(['video', 'audio'], without(/ice-ufrag/)) }, /Expected/],
    [{ sdp: offerOf(['video'], replaced(/H264|VP8/, 'XYZ')) }, /Expected/],
    [{ sdp, type: 'answer' }, /^'type': Expected "offer"\.$/],
    [{ sdp, type: undefined }, /^'type'$/],
    [{ sdp, avatar: 'nobody' }, /There is no avatar "nobody"/],
    [{ sdp, avatar: '../../etc' }, /Expected the id of an avatar/],
    [{ sdp, refaudio: 'nosuch/voice' }, /There is no voice engine nosuch/],
    [{ sdp, refaudio: 'file//etc/passwd' }, /Expected the name of a voice/],
    [{ sdp, refaudio: 'flite/slt\u0000' }, /must not hold a NUL/],
    [{ sdp, refaudio: 'flite/slt" ! fakesink' }, /has no voice/],
  ];
  for (const [body, msg] of rows) {
    const reply = await post('/offer', { type: 'offer', ...body });
    t.match(reply, { status: 200, body: { code: -1, msg } }, JSON.stringify(body).slice(0, 60));
  }
  t.equal(sessions.size, 2, 'nothing is left of them');
});

t.test('texts that a voice cannot say are told, and the session goes on', async (t) => {
  const say = (text: string, more: object = {}) => post('/human', { sessionid, type: 'echo', text, ...more });
  const ok = { status: 200, body: { code: 0, msg: 'ok' } };
  for (const [text, type, message] of [
    ['🙂🙂', 'error', /There is no letter and no digit in the text for flite\/slt to say/],
    ['مرحبا بالعالم', 'error', /flite\/slt can say nothing .* reads English .* these are Arabic/],
    ['你好', 'error', /these are Han/],
    ['\ud83d', 'error', /no letter/],
    ['Hello 你好.', 'warning', /left out 2 of 7 letters .* Han/],
  ] as const) {
    const told = nextEvent(bystander, 'error', 'warning');
    t.match(await say(text), ok);
    t.match(await told, { type, message }, JSON.stringify(text));
  }
  const unknown = nextEvent(bystander, 'error');
  await say('Hi.', { tts: { ref_file: 'nosuch/voice' } });
  t.match(await unknown, { message: /There is no voice engine nosuch/ });
  t.match(await say(''), ok, 'nothing to say is no mistake to LiveTalking');
  const whole = begins(bystander, 'a b');
  t.match(await say('a\u0000b', { interrupt: true }), ok);
  // A NUL ends no text.
  await whole;
  t.match(await say('x'.repeat(100_000), { interrupt: true }), ok);
  t.match(await post('/interrupt_talk', { sessionid }), ok);
  const last = begins(bystander, 'Still here.');
  t.match(await say('Still here.'), ok);
  await last;
});

t.test('more is asked of a session than it can hold', async (t) => {
  const refused = nextEvent(bystander, 'error');
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      post('/human', { sessionid, type: 'echo', text: `Sentence ${n}.` }),
    ),
  );
  t.ok(replies.every(({ status }) => status === 200));
  t.match(await refused, { code: 'resource/quota', message: /at most 64 utterances to wait/ });
  await post('/interrupt_talk', { sessionid });
});

t.test('ten offers at once where one is free', async (t) => {
  const viewers = await Promise.all(Array.from({ length: 10 }, () => viewer()));
  const replies = await Promise.all(viewers.map((one) => post('/offer', one.offer)));
  const made = replies.filter(({ body }) => body['type'] === 'answer');
  t.equal(made.length, 1);
  t.equal(replies.filter(({ body }) => body['msg'] === 'Maximum session limit reached (3/3)').length, 9);
  await sessions.get(String(made[0]?.body['sessionid']))?.close('test');
  await Promise.all(viewers.map((one) => one.receiver.close()));
});

t.test('elements that throw or never finish end their own session and no other', async (t) => {
  const dir = t.testdir(
    Object.fromEntries(
      Object.entries(lines).map(([verb, line]) => [
        `${verb}.yaml`,
        `parameters:\n  at: { type: string }\n  how: { type: string }\nlinks:\n  - '${line('at=$at how=$how')}'\n`,
      ]),
    ),
  );
  for (const [verb, where] of Object.entries(places)) {
    for (const at of where) {
      for (const how of ['throw', 'never']) {
        // What never starts is given ten seconds; test/element/failure.ts has them in less.
        if (how === 'never' && (at === 'start' || verb === 'bin')) continue;
        const name = `${how} in ${at} of a ${verb}`;
        const before = hanging.count;
        const own = new Sessions(1, { graph: join(dir, `${verb}.yaml`), parameters: { at, how } });
        own.create().catch(() => undefined);
        const [session] = own.list();
        const ended = new Promise<SessionEvent>((resolve) => {
          session?.events.on('event', (event) => {
            if (event.type === 'state' && event.state === 'ended') resolve(event);
          });
        });
        if (how === 'never') {
          await until(() => hanging.count > before);
          await own.close();
        } else t.match(await ended, { reason: `No luck in ${at}` }, name);
        await ended;
        t.equal(own.size, 0, name);
      }
    }
  }
});

t.test('the other session has said every word all along', async (t) => {
  const { heard, wrong } = await end();
  t.same(wrong, []);
  t.ok(heard.length > 1, `${heard.length} times`);
  t.same([...new Set(heard)], [SENTENCE.replace(/[,.]/g, '')]);
  await bystander.close('test');
  receiver.vanish();
});
