import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { startClock } from '../../src/webrtc/clock.js';
import { parseStun, parseTurn, type TurnServer } from '../../src/webrtc/ice.js';
import { Peer } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
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

const hasCoturn = spawnSync('turnserver', ['--version']).error === undefined;

/** A real TURN server on loopback, without TLS and database. */
async function coturn(port: number): Promise<ChildProcess> {
  const child = spawn(
    'turnserver',
    [
      ...[
        '-n',
        '--no-tls',
        '--no-dtls',
        '--no-cli',
        '--allow-loopback-peers',
        '--lt-cred-mech',
        '--log-file=stdout',
      ],
      ...['--realm=test', '--user=ann:secret', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1'],
      ...[
        `--listening-port=${port}`,
        '--min-port=42400',
        '--max-port=42449',
        '--userdb=/tmp/talkgraph-no-such-db',
      ],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const chunk of child.stdout!) {
    if (/listener opened on|relay .* initialization done/i.test(String(chunk))) break;
  }
  return child;
}

t.test(
  'reaches a viewer through a TURN server',
  { skip: !hasCoturn && 'coturn is not installed' },
  async (t) => {
    const child = await coturn(42399);
    t.teardown(() => child.kill('SIGKILL'));
    for (const transport of ['udp', 'tcp'] as const) {
      const receiver = new Receiver();
      const turn = {
        host: '127.0.0.1',
        port: 42399,
        transport,
        secure: false,
        username: 'ann',
        credential: 'secret',
      };
      const offer = await receiver.offer();
      const { peer, sdp } = await Peer.answer(offer, {
        ports: new PortPool(),
        clock: startClock(),
        servers: { turn },
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
  },
);
