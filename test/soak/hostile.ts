/**
 * What strangers do to an open port and an open door: a million datagrams of garbage, half of it almost right, at the port of a viewer
 * who watches (one that waits is `test/webrtc/hostile`'s); and ten thousand offers that nobody ever follows up.
 *
 * No crash, the one who watches loses nothing, places and ports stay within their bounds, and memory does not grow with what came.
 *
 *   node --expose-gc dist/test/soak/hostile.js [SHARE]      1,000,000 datagrams and 10,000 offers, both x SHARE
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as later } from 'node:timers/promises';
import { startClock } from '../../src/webrtc/clock.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { Viewers } from '../../src/webrtc/viewers.js';
import { gc } from '../support/gc.js';
import { garbage, stolen } from '../webrtc/support/garbage.js';
import { offerOf } from '../webrtc/support/offers.js';
import { Receiver } from '../webrtc/support/receiver.js';
import { rtp } from '../webrtc/support/rtp.js';

const SHARE = Number(process.argv[2] ?? 1);
const DATAGRAMS = Math.round(1_000_000 * SHARE);
const OFFERS = Math.round(10_000 * SHARE);
/** Below those that the system gives to whoever asks for any. */
const PORTS = [23_201, 23_210] as const;
/** Places, how many of them may be connecting at a time, and ms until one that does not connect loses its own. */
const [PLACES, CONNECTING, TIMEOUT] = [50, 32, 500];
/** Bytes that the process may have grown by at the end. */
const GROWN = 48 * 2 ** 20;
/** Datagrams between two breaths, and pieces of sound that the viewer gets meanwhile. */
const BATCH = 200;

const problems: string[] = [];
const memory = async (): Promise<number> => {
  for (let n = 0; n < 4; n++) await gc();
  return process.memoryUsage().rss;
};
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function datagrams(): Promise<void> {
  const ports = new PortPool(PORTS);
  const viewers = new Viewers({ ports, clock: startClock() });
  const receiver = new Receiver();
  let heard = 0;
  receiver.onPacket = () => heard++;
  const { id, sdp } = await viewers.offer(await receiver.offer());
  await receiver.accept(sdp);
  await receiver.connected(60_000);
  const stateNow = () => viewers.list().find((v) => v.id === id)?.state;
  // One that was given up would be waited for for ever.
  while (stateNow() !== 'connected') {
    if (stateNow() === undefined) throw new Error('the viewer was let go before it was connected');
    await later(10);
  }
  const target = Number(/ (232\d\d) typ host/.exec(sdp)?.[1]);
  const stranger = createSocket('udp4');
  stranger.bind(0, '127.0.0.1');
  await once(stranger, 'listening');
  // What the viewer itself sends, bent: encrypted packets with a bit turned, and its requests with another's integrity.
  const mine = stolen(receiver);
  const packets = garbage(DATAGRAMS, 7);
  let before = await memory();
  const begun = performance.now();
  let sent = 0;
  for (const packet of packets) {
    const bent = sent % 3 === 0 ? mine.next() : undefined;
    if (sent === DATAGRAMS >> 3) before = await memory();
    stranger.send(bent ?? packet, target, '127.0.0.1');
    // From the viewer's own address, which is known and not turned away at once.
    if (sent % 2 === 0) receiver.sendRaw(bent ?? packet);
    if (++sent % BATCH === 0) {
      viewers.write('audio', rtp(sent / BATCH, sent * 2));
      await turn();
    }
  }
  const wanted = Math.floor(DATAGRAMS / BATCH) * 0.9;
  for (let n = 0; n < 500 && heard < wanted; n++) await later(20);
  const grown = (await memory()) - before;
  const seconds = (performance.now() - begun) / 1000;
  const state = stateNow();
  console.log(
    `${sent} datagrams in ${seconds.toFixed(0)} s: ${heard} of ${Math.floor(sent / BATCH)} pieces of sound arrived among them, the viewer is ${state}, memory ${(grown / 2 ** 20).toFixed(1)} MiB more`,
  );
  if (state !== 'connected') problems.push(`the viewer is ${state}`);
  if (heard < wanted) problems.push(`only ${heard} pieces of sound arrived`);
  if (grown > GROWN) problems.push(`${(grown / 2 ** 20).toFixed(1)} MiB more after the datagrams`);
  stranger.close();
  await receiver.close();
  await viewers.close();
  if (ports.used > 0) problems.push(`${ports.used} ports are still taken`);
}

async function offers(): Promise<void> {
  const ports = new PortPool();
  const viewers = new Viewers({
    ports,
    clock: startClock(),
    max: PLACES,
    maxConnecting: CONNECTING,
    connectTimeout: TIMEOUT,
  });
  let [answered, refused, most] = [0, 0, 0];
  let before = await memory();
  for (let n = 0; n < OFFERS; n++) {
    if (n === OFFERS >> 3) before = await memory();
    try {
      await viewers.offer(offerOf());
      answered++;
    } catch (error) {
      if ((error as { code?: string }).code !== 'resource/busy') throw error;
      refused++;
      // Whoever is refused comes again in a moment.
      await later(10);
    }
    most = Math.max(most, ports.used);
  }
  while (viewers.size > 0) await later(50);
  const grown = (await memory()) - before;
  console.log(
    `${OFFERS} half-open offers: ${answered} answered, ${refused} refused, ${most} ports at a time at most, memory ${(grown / 2 ** 20).toFixed(1)} MiB more`,
  );
  if (most > CONNECTING) problems.push(`${most} ports for ${CONNECTING} who may be connecting`);
  if (ports.used > 0) problems.push(`${ports.used} ports are still taken`);
  if (grown > GROWN) problems.push(`${(grown / 2 ** 20).toFixed(1)} MiB more after the offers`);
  await viewers.close();
}

await datagrams();
await offers();
for (const problem of problems) console.error(`not as it should be: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
