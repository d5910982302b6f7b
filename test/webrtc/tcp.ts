/** The TCP listener of a peer against those who are not its viewer, and against a viewer who does not read. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import { encodeTcpFrame } from 'werift';
import { startClock } from '../../src/webrtc/clock.js';
import { Peer } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { listenTcp } from '../../src/webrtc/tcp.js';
import { offerOf } from './support/offers.js';

async function come(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

t.test('who proves nothing has to leave, and only so many may try', async (t) => {
  const guard = { admits: (data: Buffer) => data.toString() === 'mine' };
  const protocol = await listenTcp(0, guard, 500);
  t.teardown(() => protocol.close());
  const port = protocol.listeningPort;
  const heard: string[] = [];
  protocol.onDataReceived.subscribe((data) => heard.push(data.toString()));
  const sockets: Socket[] = [];
  for (let n = 0; n < 8; n++) sockets.push(await come(port));
  const late = await come(port);
  await once(late, 'close');
  t.equal(protocol.activeSocketCount, 8);
  const [viewer, ...strangers] = sockets as [Socket, ...Socket[]];
  viewer.write(Buffer.concat([encodeTcpFrame(Buffer.from('mine')), Buffer.from([0, 9, 1])]));
  for (const stranger of strangers) stranger.write(encodeTcpFrame(Buffer.from('theirs')));
  await Promise.all(strangers.map((stranger) => once(stranger, 'close')));
  while (protocol.activeSocketCount > 1) await new Promise(setImmediate);
  t.same(heard, ['mine']);
  t.equal(viewer.destroyed, false, 'half a frame is waited for');
});

t.test('what would go over a connection that was closed goes over the one that is used', async (t) => {
  const protocol = await listenTcp(0, { admits: () => true });
  t.teardown(() => protocol.close());
  const [first, second] = [await come(protocol.listeningPort), await come(protocol.listeningPort)];
  const heard = () => new Promise((resolve) => protocol.onDataReceived.once(resolve));
  for (const socket of [first, second]) {
    const said = heard();
    socket.write(encodeTcpFrame(Buffer.from('here')));
    await said;
  }
  const { address = '', port = 0 } = first.address() as { address?: string; port?: number };
  await protocol.pruneForSelection([address, port]);
  t.equal(protocol.activeSocketCount, 2, 'none is closed because another is nominated');
  first.destroy();
  while (protocol.activeSocketCount > 1) await new Promise(setImmediate);
  const came = once(second, 'data');
  await protocol.sendData(Buffer.from('there'), [address, port]);
  t.same(await came, [encodeTcpFrame(Buffer.from('there'))]);
});

t.test('what a full connection does not take is lost, and nothing piles up', async (t) => {
  const protocol = await listenTcp(0, { admits: () => true });
  t.teardown(() => protocol.close());
  const viewer = await come(protocol.listeningPort);
  viewer.pause();
  viewer.write(encodeTcpFrame(Buffer.from('here')));
  await new Promise((resolve) => protocol.onDataReceived.once(resolve));
  const { address = '', port = 0 } = viewer.address() as { address?: string; port?: number };
  const sockets = (protocol as unknown as { sockets: Map<string, { socket: Socket }> }).sockets;
  const [{ socket }] = [...sockets.values()] as [{ socket: Socket }];
  const frame = Buffer.alloc(1200);
  let most = 0;
  for (let n = 0; n < 20_000; n++) {
    await protocol.sendData(frame, [address, port]);
    most = Math.max(most, socket.writableLength);
  }
  t.ok(most >= 128 << 10 && most < (128 << 10) + 2 * frame.length, `${most} bytes waited`);
});

t.test('is on the port of the UDP socket, for each address, and goes with the peer', async (t) => {
  const [ports, clock] = [new PortPool(), startClock()];
  const { peer, sdp } = await Peer.answer(offerOf(), {
    ...{ ports, clock, tcp: true },
    addresses: ['203.0.113.9', '127.0.0.1'],
  });
  const found = [...sdp.matchAll(/a=candidate:\S+ 1 (udp|tcp) \d+ (\S+) (\d+) typ host( tcptype passive)?/g)];
  const port = found[0]?.[3];
  const all = new Set(
    found.map(([, transport, address, at, type = '']) => `${transport} ${address} ${at}${type}`),
  );
  t.same(
    [...all].sort(),
    ['203.0.113.9', '127.0.0.1']
      .flatMap((address) => [`tcp ${address} ${port} tcptype passive`, `udp ${address} ${port}`])
      .sort(),
  );
  const stranger = await come(Number(port));
  const taken = createServer();
  const bound = await new PortPool().bind();
  taken.listen(bound.address().port, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => void taken.close());
  bound.close();
  await once(bound, 'close');
  const { port: busy } = taken.address() as { port: number };
  const range = new PortPool([busy, busy]);
  const udp = await Peer.answer(offerOf(), { ports: range, clock, tcp: true, addresses: ['127.0.0.1'] });
  t.notMatch(udp.sdp, / tcp \d+ /, 'of a range only the port itself');
  await udp.peer.close();
  await peer.close();
  await once(stranger, 'close');
  const [error] = await once(connect(Number(port), '127.0.0.1'), 'error');
  t.equal(error.code, 'ECONNREFUSED');
});
