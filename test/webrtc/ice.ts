import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { startClock } from '../../src/webrtc/clock.js';
import {
  iceServers,
  parseStun,
  parseTurn,
  type TurnServer,
  toldServers,
  turnOf,
  turnUser,
} from '../../src/webrtc/ice.js';
import { Peer } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { coturn, hasCoturn } from './support/coturn.js';
import { offerOf } from './support/offers.js';
import { Receiver } from './support/receiver.js';

t.test('reads STUN and TURN servers', async (t) => {
  t.equal(parseStun(''), undefined);
  t.equal(parseStun('stun.example.org:3478'), 'stun:stun.example.org:3478');
  t.equal(parseStun('stun://stun.example.org'), 'stun:stun.example.org');
  t.throws(() => parseStun('http://x'), /Expected stun:host:port for stun-server/);
  t.equal(parseTurn(' '), undefined);
  t.same(parseTurn('turn:ann:s%40fe@turn.example.org:80?transport=tcp'), {
    host: 'turn.example.org',
    port: 80,
    transport: 'tcp',
    secure: false,
    username: 'ann',
    credential: 's@fe',
  });
  t.match(parseTurn('turns://ann:x@h'), { port: 5349, transport: 'tcp', secure: true });
  const error = t.throws(
    () => parseTurn('turn:ann:secret@'),
    /Expected turn:user:password@host:port/,
  ) as unknown as Error;
  t.notMatch(error.message, /secret/, 'a password is never repeated');
});

t.test('a relay that shares a secret has a user for each connection', async (t) => {
  // As openssl dgst -sha1 -hmac north has it.
  t.same(turnUser('north', '5f3a', 1_700_000_000.9), {
    username: '1700086400:5f3a',
    credential: 'WzQWdRUuHypwFt/VYzDPBip5tAs=',
  });
  const servers = iceServers('stun:s.example', 'turn:t.example?transport=tcp', 'north');
  const [one, other] = ['a', 'b'].map((name) => turnOf(servers, name));
  t.match(one, { host: 't.example', port: 3478, transport: 'tcp', username: /^\d{10}:a$/ });
  t.not(one?.credential, other?.credential);
  t.match(toldServers(servers, 'a'), [
    { url: 'stun:s.example' },
    { url: 'turn:t.example:3478?transport=tcp', username: /:a$/, credential: /^[\w+/]{27}=$/ },
  ]);
  const ours = iceServers('', 'turn:ann:secret@t.example');
  t.match(turnOf(ours, 'a'), { username: 'ann' });
  t.same(toldServers(ours, 'a'), [], 'a password that is ours alone is told to nobody');
  t.throws(() => parseTurn('turn:t.example'), /Expected turn:user:password@host:port/);
  t.throws(() => parseTurn('turn:ann:x@t.example', 'north'), /Expected turn:host:port \(turn-secret names/);
  t.throws(() => iceServers('', '', 'north'), /Expected turn:host:port for turn-server beside turn-secret/);
});

t.test('does not wait long for servers that do not answer, and leaves no socket to them', async (t) => {
  const silent = createSocket('udp4');
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address();
  const turn: TurnServer = {
    host: '127.0.0.1',
    port,
    transport: 'udp',
    secure: false,
    username: 'someone',
    credential: 'secret',
  };
  for (const servers of [
    { turn },
    { stun: `stun:127.0.0.1:${port}` },
    { turn: { ...turn, transport: 'tcp' as const } },
  ]) {
    const started = performance.now();
    const { peer, sdp } = await Peer.answer(offerOf(), {
      ports: new PortPool(),
      clock: startClock(),
      servers,
    });
    t.ok(performance.now() - started < 8000, `${(performance.now() - started).toFixed(0)} ms`);
    t.match(sdp, /typ host/);
    await peer.close();
  }
  silent.close();
});

const WAYS = [
  ['a user of ours', ['--lt-cred-mech', '--user=ann:secret'], 'turn:ann:secret@127.0.0.1:42399', ''],
  [
    'a secret that it shares',
    ['--use-auth-secret', '--static-auth-secret=north'],
    'turn:127.0.0.1:42399',
    'north',
  ],
] as const;

for (const [name, users, url, secret] of WAYS) {
  t.test(
    `reaches a viewer through a TURN server, by ${name}`,
    { skip: !hasCoturn && 'coturn is not installed' },
    async (t) => {
      const child = await coturn(42399, users);
      t.teardown(() => child.kill('SIGKILL'));
      for (const transport of ['udp', 'tcp'] as const) {
        const receiver = new Receiver();
        const { peer, sdp } = await Peer.answer(await receiver.offer(), {
          ports: new PortPool(),
          clock: startClock(),
          servers: iceServers('', `${url}?transport=${transport}`, secret),
        });
        t.match(sdp, /127\.0\.0\.1 424\d\d typ relay/, transport);
        // The viewer is told of nothing but the relay.
        await receiver.accept(sdp.replace(/a=candidate:.* typ host.*\r\n/g, ''));
        await receiver.connected();
        const packet = Buffer.from('80600001000000000000000068656c6c6f', 'hex');
        if (peer.state !== 'connected') await new Promise<void>((resolve) => peer.once('connected', resolve));
        peer.write('video', packet);
        await receiver.received('video', 1);
        t.equal(receiver.packets.video[0]?.packet.payload.toString(), 'hello');
        await receiver.close();
        await peer.close();
      }
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  );
}
