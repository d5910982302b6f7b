import t from 'tap';
import { startClock } from '../../src/webrtc/clock.js';
import { readFragment } from '../../src/webrtc/fragment.js';
import { Peer } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { offerOf } from './support/offers.js';

const candidate = (n: number, address = '192.0.2.1') =>
  `${n} 1 udp 2122260223 ${address} ${40_000 + n} typ host generation 0 ufrag 8hhY`;
const fragment = (candidates: readonly string[], ufrag = '8hhY') =>
  ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0', `a=ice-ufrag:${ufrag}`]
    .concat(candidates.map((one) => `a=candidate:${one}`))
    .join('\r\n');

/** What werift will send checks to. */
function known(peer: Peer): string[] {
  const { connection } = (peer as unknown as { connection: { transport: { iceTransport: unknown } } })
    .connection.transport.iceTransport as {
    connection: { remoteCandidates: { host: string; port: number }[] };
  };
  return connection.remoteCandidates.map(({ host, port }) => `${host}:${port}`);
}

t.test('candidates that come after the offer are tried, as many as a viewer can have', async (t) => {
  const { peer } = await Peer.answer(offerOf(), { ports: new PortPool(), clock: startClock() });
  t.teardown(() => peer.close());
  await peer.trickle(fragment([candidate(1), candidate(2, 'host.local')]));
  t.strictSame(known(peer), ['192.0.2.1:40001'], 'a name is looked up for nobody');
  await peer.trickle(fragment(Array.from({ length: 60 }, (_, n) => candidate(3 + n))));
  t.equal(known(peer).length, 24);
  await peer.trickle('a=end-of-candidates\r\n');
  await t.rejects(peer.trickle(fragment([candidate(1)], 'other')), {
    code: 'stream/format',
    message: /a restart of ICE/,
  });
});

t.test('a fragment that is none is refused', async (t) => {
  for (const text of ['', 'v=0', 'a=candidate', 'a=mid:0', 'x', undefined, 7, 'a='.repeat(40_000)]) {
    t.throws(() => readFragment(text), { code: 'stream/format', message: /Expected an SDP fragment/ });
  }
  t.strictSame(readFragment('a=ice-ufrag:abcd\na=end-of-candidates'), { ufrag: 'abcd', candidates: [] });
});
