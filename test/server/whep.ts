import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { offerOf, replaced, without } from '../webrtc/support/offers.js';
import { Receiver } from '../webrtc/support/receiver.js';
import { nextEvent } from './support/events.js';
import { serverOf } from './support/server.js';
import { client } from './support/signalling.js';

t.teardown(async () => {
  await closeVoices();
  await closeSharedPool();
});

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';

t.test('a session lasts as long as one of its viewers, who come and go by WHEP', async (t) => {
  const server = await serverOf(1);
  t.teardown(() => server.close());
  const http = client(server.url);
  const first = new Receiver();
  const created = await http.post('/whep?avatar=drawn', await first.offer());
  t.equal(created.status, 201);
  t.equal(created.headers.get('content-type'), SDP);
  const mine = created.headers.get('location') ?? '';
  const [, session = '', viewer = ''] = /^\/whep\/([0-9a-f-]{36})\/([0-9a-f-]{36})$/.exec(mine) ?? [];
  t.equal(created.headers.get('etag'), `"${viewer}"`);
  t.notMatch(created.text, /a=(sendrecv|recvonly)/);
  await first.accept(created.text);
  await Promise.all([first.received('video', 1), first.received('audio', 1)]);

  const second = new Receiver({ video: ['VP8'], microphone: true });
  const joined = await http.post(`/whep/${session}`, await second.offer());
  t.equal(joined.status, 201);
  t.notMatch(
    joined.text,
    /a=(sendrecv|recvonly)/,
    'nothing is taken from who watches, even where it is offered',
  );
  await second.accept(joined.text);
  await Promise.all([second.received('video', 1), second.received('audio', 1)]);
  const other = joined.headers.get('location') ?? '';
  t.not(other, mine);

  const full = await http.post('/whep', offerOf());
  t.equal(full.status, 503);
  t.match(full.headers.get('retry-after'), /^\d+$/);
  t.match(JSON.parse(full.text), { status: 503, detail: /limit reached/ });

  t.equal((await http.send('GET', mine)).status, 204);
  t.equal((await http.send('DELETE', mine)).status, 200);
  t.equal((await http.send('DELETE', mine)).status, 404);
  t.equal((await http.send('GET', mine)).status, 404);
  const had = second.packets.video.length;
  await second.received('video', had + 10);
  const running = server.sessions.get(session);
  t.ok(running, 'the other one still watches');
  const ending = nextEvent(running!, 'state');
  t.equal((await http.send('DELETE', other)).status, 200);
  t.match(await ending, { state: 'ending', reason: 'the last viewer left' });
  await Promise.all([first.close(), second.close()]);
});

t.test('who comes while too many are connecting is told when to come again, by each way in', async (t) => {
  const parameters = { avatar: 'drawn', 'max-connecting': 1, 'port-range': '42821-42821' };
  const server = await serverOf(2, {}, { graph: 'webrtc.yaml', parameters });
  t.teardown(() => server.close());
  const http = client(server.url);
  const half = await http.post('/whep', offerOf());
  t.equal(half.status, 201);
  const [session] = server.sessions.list();
  const json = { 'content-type': 'application/json' };
  const offer = JSON.stringify({ sdp: offerOf(), type: 'offer' });
  for (const [path, body, headers] of [
    [`/whep/${session?.id}`, offerOf(), {}],
    [`/v1/sessions/${session?.id}/offer`, offer, json],
  ] as const) {
    const full = await http.post(path, body, headers);
    t.equal(full.status, 503, path);
    t.match(full.headers.get('retry-after'), /^\d+$/);
    t.match(JSON.parse(full.text), {
      status: 503,
      detail: /^All 1 places for viewers who are still connecting/,
    });
  }
  // A session of its own has its own limit, but the port is taken.
  const full = await http.post('/offer', offer, json);
  t.equal(full.status, 200);
  t.match(full.headers.get('retry-after'), /^\d+$/);
  t.match(JSON.parse(full.text), { code: -1, msg: /^All 1 UDP ports/ });
  t.equal(server.sessions.size, 1, 'and leaves no session');
});

t.test('candidates may come later, for the connection that they belong to', async (t) => {
  const server = await serverOf(1);
  t.teardown(() => server.close());
  const http = client(server.url);
  const receiver = new Receiver();
  const offer = await receiver.offer();
  const candidates = offer.match(/^a=candidate:.*$/gm) ?? [];
  const created = await http.post('/whep', offer.replace(/^a=(candidate:.*|end-of-candidates)\r\n/gm, ''));
  t.equal(created.status, 201);
  const mine = created.headers.get('location') ?? '';
  const etag = created.headers.get('etag') ?? '';
  const [ufrag] = /(?<=^a=ice-ufrag:).*$/m.exec(offer) ?? [];
  const fragment = (name = ufrag) =>
    ['a=group:BUNDLE 0 1', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0', `a=ice-ufrag:${name}`, ...candidates]
      .concat('a=end-of-candidates', '')
      .join('\r\n');
  const patch = (body: string, headers: Record<string, string> = { 'if-match': etag }) =>
    http.send('PATCH', mine, body, { 'content-type': FRAGMENT, ...headers });
  t.equal((await patch(fragment(), {})).status, 428);
  t.equal((await patch(fragment(), { 'if-match': '"another"' })).status, 412);
  t.equal((await patch(fragment(), { 'if-match': `W/${etag}` })).status, 412, 'a weak tag matches nothing');
  t.equal((await patch(fragment('restart'), { 'if-match': '*' })).status, 422, 'there are no restarts');
  t.equal((await patch('v=0')).status, 400);
  for (const type of [SDP, 'text/plain', '']) {
    const other = await patch(fragment(), { 'if-match': etag, 'content-type': type });
    t.match([other.status, other.headers.get('accept-patch')], [415, FRAGMENT], type);
  }
  const taken = await patch(fragment());
  t.equal(taken.status, 204);
  t.equal(taken.headers.get('etag'), null);
  t.equal((await patch(fragment(), { 'if-match': `"another", ${etag}` })).status, 204);
  t.equal((await http.send('DELETE', mine, undefined, { 'if-match': '"another"' })).status, 412);
  for (const [method, path, allow] of [
    ['PUT', '/whep', 'GET, HEAD, OPTIONS, POST'],
    ['PATCH', '/whep', 'GET, HEAD, OPTIONS, POST'],
    ['POST', mine, 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    ['PUT', mine, 'DELETE, GET, HEAD, OPTIONS, PATCH'],
  ] as const) {
    const none = await http.send(method, path, offer, { 'content-type': SDP });
    t.match([none.status, none.headers.get('allow')], [405, allow], `${method} ${path}`);
  }
  await receiver.accept(created.text);
  await receiver.received('video', 1);
  t.equal((await http.send('PATCH', `${mine}x`, fragment(), { 'content-type': FRAGMENT })).status, 404);
  await receiver.close();
});

t.test('what cannot be answered is refused for its reason, and leaves no session', async (t) => {
  const server = await serverOf(1);
  t.teardown(() => server.close());
  const http = client(server.url);
  const cases: [string, number, string, string, Record<string, string>?][] = [
    ['another type', 415, '/whep', '{}', { 'content-type': 'application/json' }],
    ['no type', 415, '/whep', offerOf(), { 'content-type': '' }],
    ['an answer of another type', 406, '/whep', offerOf(), { accept: 'application/json, */*;q=0' }],
    ['any but ours', 406, '/whep', offerOf(), { accept: 'application/sdp;q=0, */*' }],
    ['nothing', 400, '/whep', ''],
    ['no SDP', 400, '/whep', 'hello'],
    ['codecs that there are not', 422, '/whep', offerOf(['video'], replaced(/VP8|H264/, 'VP9'))],
    ['somebody who only sends', 422, '/whep', offerOf(['audio'], replaced(/recvonly/, 'sendonly'))],
    ['no fingerprint', 400, '/whep', offerOf(['video'], without(/fingerprint/))],
    ['an avatar that is none', 400, '/whep?avatar=../etc', offerOf()],
    ['an avatar that there is not', 404, '/whep?avatar=nobody', offerOf()],
    ['a voice that reads files', 400, '/whep?voice=file//etc/passwd', offerOf()],
    ['a session that there is not', 404, '/whep/nobody', offerOf()],
    ['a session that there is not', 404, '/whip/nobody', offerOf()],
  ];
  for (const [what, status, path, body, headers] of cases) {
    const reply = await http.post(path, body, headers);
    t.equal(reply.status, status, `${what}: ${reply.text.slice(0, 120)}`);
    t.match(reply.headers.get('content-type'), 'application/problem+json');
    t.match(JSON.parse(reply.text), { status, detail: /^(Expected|There|Unsupported|No)/ }, what);
    t.equal(server.sessions.size, 0, what);
    if (status === 415) t.equal(reply.headers.get('accept-post'), SDP, 'and is told which would do');
  }
});

t.test('says how it is asked, also to pages of other sites where there is a token', async (t) => {
  const open = await serverOf(1);
  t.teardown(() => open.close());
  for (const path of ['/whep', '/whep/x', '/whip/x']) {
    const told = await client(open.url).send('OPTIONS', path);
    t.match([told.status, told.headers.get('accept-post')], [200, SDP], path);
    t.equal(told.headers.get('access-control-allow-origin'), null, 'without a token only its own page comes');
    t.equal((await client(open.url).send('GET', path)).status, 204);
  }
  const server = await serverOf(1, { token: 'sesame' });
  t.teardown(() => server.close());
  const http = client(server.url);
  const origin = { origin: 'https://player.example' };
  const preflight = await http.send('OPTIONS', '/whep', undefined, {
    ...origin,
    'access-control-request-method': 'POST',
  });
  t.equal(preflight.status, 200, 'browsers send no token with a preflight');
  t.equal(preflight.headers.get('access-control-allow-origin'), '*');
  t.match(preflight.headers.get('access-control-allow-headers'), /Authorization.*If-Match/);
  const stranger = await http.post('/whep', offerOf(), origin);
  t.equal(stranger.status, 401);
  t.equal(stranger.headers.get('access-control-allow-origin'), '*', 'and its page can read that');
  const wrong = await http.post('/whep', 'x', { ...origin, authorization: 'Bearer sesame' });
  t.equal(wrong.status, 400);
  t.match(wrong.headers.get('access-control-expose-headers'), /Location/);
});

t.test('tells its player of a relay, with a user of its own', async (t) => {
  process.env['TURN_SECRET'] = 'north';
  t.teardown(() => delete process.env['TURN_SECRET']);
  const settings = { graph: 'webrtc.yaml', parameters: { turn: 'turn:127.0.0.1:9' } };
  const server = await serverOf(1, {}, settings);
  t.teardown(() => server.close());
  const created = await client(server.url).post('/whep?avatar=drawn', offerOf());
  t.equal(created.status, 201);
  const viewer = created.headers.get('location')?.split('/').at(-1);
  const [, user = '', credential = ''] =
    /^<turn:127\.0\.0\.1:9\?transport=udp>; rel="ice-server"; username="(\d+:[\w-]+)"; credential="([\w+/=]+)"; credential-type="password"$/.exec(
      created.headers.get('link') ?? '',
    ) ?? [];
  t.equal(user.split(':')[1], viewer);
  t.equal(credential.length, 28);
  const { iceServers } = (await (await fetch(new URL('/v1/ice', server.url))).json()) as {
    iceServers: object[];
  };
  t.match(
    iceServers,
    [{ urls: 'turn:127.0.0.1:9?transport=udp', username: /^\d+:[\w-]+$/, credential: /^[\w+/]{27}=$/ }],
    'and a page before its offer',
  );
});
