/** What strangers may send to an open port, and what a viewer may do on purpose: no crash, and the others go on. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { startClock } from '../../src/webrtc/clock.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { Viewers } from '../../src/webrtc/viewers.js';
import { garbage } from './support/garbage.js';
import { offerOf } from './support/offers.js';
import { Receiver } from './support/receiver.js';
import { rtp } from './support/rtp.js';

const PACKETS = Number(process.env['PACKETS'] ?? 20_000);

t.test('goes on through any datagrams at its port', async (t) => {
  const ports = new PortPool([42601, 42610]);
  const viewers = new Viewers({ ports, clock: startClock() });
  const receiver = new Receiver();
  const { id, sdp } = await viewers.offer(await receiver.offer());
  const half = await viewers.offer(offerOf(['video', 'audio', 'data']));
  await receiver.accept(sdp);
  await receiver.connected();
  while (viewers.list().find((v) => v.id === id)?.state !== 'connected')
    await new Promise((r) => setTimeout(r, 10));
  const targets = [sdp, half.sdp].map((text) => Number(/ (426\d\d) typ host/.exec(text)?.[1]));
  const stranger = createSocket('udp4');
  stranger.bind(0, '127.0.0.1');
  await once(stranger, 'listening');
  let sent = 0;
  for (const packet of garbage(PACKETS, 7)) {
    stranger.send(packet, targets[sent % 2], '127.0.0.1');
    if (++sent % 200 === 0) {
      viewers.write('audio', rtp(sent / 200, sent * 2));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await receiver.received('audio', (PACKETS / 200) * 0.9);
  t.pass(`${receiver.packets.audio.length} packets arrived among ${sent} of garbage`);
  t.equal(viewers.list().find((v) => v.id === id)?.state, 'connected');
  stranger.close();
  await receiver.close();
  await viewers.close();
  t.equal(ports.used, 0);
});

t.test('half-open offers are given up, and cost no more than their places', async (t) => {
  const ports = new PortPool();
  const viewers = new Viewers({ ports, clock: startClock(), max: 20, connectTimeout: 300 });
  let refused = 0;
  for (let n = 0; n < 60; n++) {
    await viewers.offer(offerOf()).catch((error) => {
      t.equal(error.code, 'resource/busy');
      refused++;
    });
  }
  t.ok(refused > 0 && ports.used <= 20, `${refused} refused, ${ports.used} ports`);
  await new Promise<void>((resolve) => viewers.once('empty', resolve));
  t.equal(ports.used, 0);
  await viewers.close();
});
