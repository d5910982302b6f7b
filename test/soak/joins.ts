/**
 * Viewers that come and go at random: 200 in 10 minutes, of one session that speaks on. Some say goodbye, some vanish, some never
 * connect after their offer was answered, some come with a data channel or for the voice alone.
 *
 * Afterwards the session has what it had before the first: no port, socket, timer or file more, and memory is back where it was.
 *
 *   node --expose-gc dist/test/soak/joins.js [SHARE]      200 viewers in 600 s, both x SHARE; a short run 15 s
 */
import { readdirSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import { openGraph } from '../../src/graph/open.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { PortPool } from '../../src/webrtc/ports.js';
import type { ViewerSink } from '../../src/webrtc/viewers.js';
import { prepare, SIZE } from '../bench/support/face.js';
import { gc } from '../support/gc.js';
import { Receiver } from '../webrtc/support/receiver.js';

const SHARE = Number(process.argv[2] ?? 1);
const JOINS = Math.max(8, Math.round(200 * SHARE));
const SECONDS = SHARE < 0.1 ? 15 : 600 * SHARE;
/** Viewers until what is made once has been made. */
const WARM = 4;
/** Bytes that the process may have grown by from a quarter of the run, with whoever was there then, to its end without anybody. */
const GROWN = 32 * 2 ** 20;
/** s that the last ones may take to be missed: who never connects is waited for a quarter of a minute. */
const MISSED_S = 30;
/** Below those that the system gives to whoever asks for any (32768 and up): no other test's socket is among them at the end. */
const PORTS = '23100-23199';
const TEXT = 'They come and they go, and I speak on. '.repeat(60);

/** Numbers of the same series each time, so that a failure comes again. */
let state = 20_26;
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

const KINDS = ['goodbye', 'vanish', 'half', 'channel', 'voice'] as const;

/** One viewer from its offer to its end, after `seconds`. */
async function one(sink: ViewerSink, kind: (typeof KINDS)[number], seconds: number): Promise<void> {
  const receiver = new Receiver({
    ...(kind === 'channel' && { channel: 'events' }),
    ...(kind === 'voice' && { video: false as const }),
  });
  receiver.onPacket = () => undefined;
  const { sdp } = await sink.answer(await receiver.offer());
  if (kind === 'half') {
    receiver.vanish();
    return;
  }
  await receiver.accept(sdp);
  await receiver.connected(60_000);
  await later(seconds * 1000);
  if (kind === 'vanish') receiver.vanish();
  else await receiver.close();
}

const NAMES = ['sockets', 'timers', 'files'] as const;
interface Held {
  readonly sockets: number;
  readonly timers: number;
  readonly files: number;
}

async function held(): Promise<Held> {
  for (let n = 0; n < 4; n++) await gc();
  const all = process.getActiveResourcesInfo();
  return {
    sockets: all.filter((name) => name === 'UDPWrap').length,
    timers: all.filter((name) => name === 'Timeout').length,
    files: readdirSync('/proc/self/fd').length,
  };
}

const avatar = await prepare();
const { pipeline, ends } = await openGraph('graphs/webrtc.yaml', { ...SIZE, 'port-range': PORTS });
const errors: string[] = [];
pipeline.on('error', ({ message }) => errors.push(message));
pipeline.on('mark', ({ name, element }) => {
  if (name === 'utterance-start' && element === 'web') ends.in?.emit('say', TEXT, null, null);
});
await pipeline.play();
ends.in?.emit('say', TEXT, null, null);
const sink = ends.out?.instance as unknown as ViewerSink;
const empty = async (): Promise<void> => {
  const until = performance.now() + MISSED_S * 1000;
  while (sink.audience().length > 0 && performance.now() < until) await later(200);
};

// A machine that is busy may let one wait too long; the next one may have more luck.
for (let n = 0; n < WARM; n++) await one(sink, KINDS[n] ?? 'goodbye', 0.5).catch(() => undefined);
await empty();
const before = await held();
const resident = async (): Promise<number> => {
  for (let n = 0; n < 4; n++) await gc();
  return process.memoryUsage().rss;
};
let settled = await resident();
const watching = new Set<Promise<void>>();
let [most, refused] = [0, 0];
const begun = performance.now();
for (let n = 0; n < JOINS; n++) {
  const kind = KINDS[Math.floor(random() * KINDS.length)] ?? 'goodbye';
  const stays = (random() * 20 * SECONDS) / 600;
  const visit = one(sink, kind, stays)
    .catch((error: unknown) => {
      refused++;
      console.log(`viewer ${n} (${kind}): ${String(error)}`);
    })
    .finally(() => watching.delete(visit));
  watching.add(visit);
  most = Math.max(most, sink.audience().length);
  // So that all come within the time, at random distances.
  const due = begun + ((n + random()) * SECONDS * 1000) / JOINS;
  await later(Math.max(0, due - performance.now()));
  if (n + 1 === JOINS >> 2) settled = await resident();
}
await Promise.all(watching);
await empty();

const problems: string[] = [...errors];
if (sink.audience().length > 0) problems.push(`${sink.audience().length} viewers are still there`);
let after = await held();
// werift looks after its attempts at 20 ms; the last of them may still be due, and files are closed by other threads.
const more = () => NAMES.some((name) => after[name] > before[name]);
for (let n = 0; n < 100 && more(); n++) {
  await later(100);
  after = await held();
}
for (const name of NAMES)
  if (after[name] > before[name]) problems.push(`${name}: ${before[name]} before, ${after[name]} after`);
const grown = (await resident()) - settled;
await pipeline.close();
avatar.close();
await closeVoices();
await closeSharedPool();
// The whole range must be free again.
const [first = 0, last = 0] = PORTS.split('-').map(Number);
const pool = new PortPool([first, last]);
const sockets = [];
for (let port = first; port <= last; port++) {
  const socket = await pool.bind().catch(() => undefined);
  if (socket === undefined) problems.push(`a port of ${PORTS} is not free`);
  else sockets.push(socket);
}
for (const socket of sockets) socket.close();
// Of a short run one may be unlucky on a busy machine.
if (refused > Math.max(1, JOINS / 20)) problems.push(`${refused} viewers did not come in`);
console.log(
  `${JOINS} viewers in ${((performance.now() - begun) / 1000).toFixed(0)} s, ${most} at a time at most, ${refused} not let in; sockets ${before.sockets} -> ${after.sockets}, timers ${before.timers} -> ${after.timers}, files ${before.files} -> ${after.files}, memory ${(grown / 2 ** 20).toFixed(1)} MiB more`,
);
if (grown > GROWN) problems.push(`${(grown / 2 ** 20).toFixed(1)} MiB`);
for (const problem of problems) console.error(`left behind: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
