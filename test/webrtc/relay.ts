import t from 'tap';
import { startClock } from '../../src/webrtc/clock.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { Viewers } from '../../src/webrtc/viewers.js';
import { Receiver } from './support/receiver.js';
import { BadLine, Relay } from './support/relay.js';
import { rtp } from './support/rtp.js';

t.test('a line delays, loses, and carries no more than its rate', async (t) => {
  t.equal(new BadLine({ delay: 30 }).pass(1000, 0), 30);
  t.equal(new BadLine({ loss: 0.5 }, () => 0.4).pass(1000, 0), undefined);
  // 1000 bytes with their headers are 8.224 ms at 1 Mbit/s.
  const line = new BadLine({ delay: 10, rate: 1_000_000, queue: 20 });
  t.same(
    [0, 0, 0, 0].map((now) => line.pass(1000, now)),
    [18.224, 26.448, 34.672, undefined],
  );
  t.equal(line.pass(1000, 24.672), 18.224, 'it is free again');
});

t.test('everything between a viewer and the sink goes through the relay', async (t) => {
  const viewers = new Viewers({ ports: new PortPool(), clock: startClock() });
  const relay = await Relay.open();
  const receiver = new Receiver({ audio: false, nack: false });
  const answer = await viewers.offer(relay.hidden(await receiver.offer()));
  await receiver.accept(relay.between(answer.sdp));
  await receiver.connected();
  let n = 0;
  const timer = setInterval(() => viewers.write('H264', rtp(n, n++ * 900)), 10);
  await receiver.received('video', 10);
  relay.line = { loss: 1 };
  const [sent, came] = [n, receiver.packets.video.length];
  while (n < sent + 40) await new Promise((resolve) => setTimeout(resolve, 20));
  const meanwhile = receiver.packets.video.length - came;
  t.ok(meanwhile < 20, `${meanwhile} of 40 came, which were under way`);
  relay.line = {};
  await receiver.received('video', receiver.packets.video.length + 10);
  clearInterval(timer);
  await receiver.close();
  await viewers.close();
  relay.close();
});
