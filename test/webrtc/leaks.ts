/** What is left of viewers that have gone: nothing. `npm run soak` does the same two hundred times. */
import { readdirSync } from 'node:fs';
import t from 'tap';
import { startClock } from '../../src/webrtc/clock.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { Viewers } from '../../src/webrtc/viewers.js';
import { Receiver } from './support/receiver.js';
import { rtp } from './support/rtp.js';

/** Open handles of this process, without the standard streams. */
function resources(): { timers: number; sockets: number; files: number } {
  const all = process.getActiveResourcesInfo();
  return {
    timers: all.filter((name) => name === 'Timeout').length,
    sockets: all.filter((name) => name === 'UDPWrap').length,
    files: readdirSync('/proc/self/fd').length,
  };
}

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);

t.test('viewers connect, are served and vanish, and leave no timer, socket or file', async (t) => {
  const ports = new PortPool();
  const round = async (): Promise<void> => {
    const viewers = new Viewers({ ports, clock: startClock(), silence: 400 });
    const receivers = [new Receiver(), new Receiver({ channel: 'events' })];
    for (const receiver of receivers) {
      const { sdp } = await viewers.offer(await receiver.offer());
      await receiver.accept(sdp);
      await receiver.connected();
    }
    for (let n = 0; n < 10; n++) viewers.write('audio', rtp(n, n * 480));
    await receivers[0]?.received('audio', 1);
    const empty = new Promise<void>((resolve) => viewers.once('empty', resolve));
    for (const receiver of receivers) receiver.vanish();
    await empty;
    await viewers.close();
  };
  await round();
  const before = resources();
  for (let n = 0; n < ROUNDS; n++) await round();
  // werift polls its connection attempts at 20 ms; the last look of the last one may still be due.
  let after = resources();
  for (let n = 0; n < 100 && (after.timers > before.timers || after.sockets > before.sockets); n++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    after = resources();
  }
  t.same(after, before);
  t.equal(ports.used, 0);
});
