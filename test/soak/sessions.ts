/**
 * Sessions that come and go: each offers over WebRTC, receives, is spoken to, and is dropped without a goodbye.
 *
 * Afterwards nothing may be left: no pipeline, handle, file descriptor, timer or thread beyond those that were there
 * after the first few. Memory is reported as its slope over the second half.
 *
 *   node --expose-gc dist/test/soak/sessions.js [SHARE]      200 sessions x SHARE, two at a time
 */
import { readdirSync } from 'node:fs';
import { closeSharedPool } from '../../src/inference/index.js';
import { native } from '../../src/native.js';
import { closeVoices } from '../../src/voice/index.js';
import { serverOf, viewer } from '../server/support.js';

const SESSIONS = Math.max(10, Math.round(200 * Number(process.argv[2] ?? 1)));
const AT_ONCE = 2;
/** Sessions until caches, pools and the allocator have settled. */
const WARM = 4;

interface Left {
  readonly census: Record<string, number>;
  readonly fds: number;
  readonly timers: number;
  readonly threads: number;
  readonly rss: number;
}

const server = await serverOf(AT_ONCE);

async function one(n: number): Promise<void> {
  const { receiver, offer } = await viewer();
  receiver.onPacket = () => {};
  const answer = await server.post('/offer', offer);
  const sessionid = String(answer.body['sessionid']);
  const session = server.sessions.get(sessionid);
  if (!session) throw new Error(`session ${n} was refused: ${JSON.stringify(answer.body)}`);
  const ended = new Promise<void>((resolve) =>
    session.events.on('event', (event) => {
      if (event.type === 'state' && event.state === 'ended') resolve();
    }),
  );
  await receiver.accept(String(answer.body['sdp']));
  await receiver.connected();
  const speaks = new Promise<void>((resolve) =>
    session.events.on('event', (event) => {
      if (event.type === 'speech.start') resolve();
    }),
  );
  await server.post('/human', {
    sessionid,
    type: 'echo',
    text: `Number ${n} is speaking now, but not for long.`,
  });
  await speaks;
  receiver.vanish();
  await ended;
}

/** What there is now, after everything that can be collected was. */
async function look(): Promise<Left> {
  for (let i = 0; i < 8; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    census: { ...native.census() } as Record<string, number>,
    fds: readdirSync('/proc/self/fd').length,
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'Immediate')
      .length,
    threads: readdirSync('/proc/self/task').length,
    rss: process.memoryUsage().rss,
  };
}

async function run(count: number, from: number): Promise<void> {
  let next = from;
  const lane = async () => {
    while (next < from + count) await one(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

await run(WARM, 0);
const before = await look();
const half = Math.ceil((SESSIONS - WARM) / 2);
await run(half, WARM);
const middle = await look();
await run(SESSIONS - WARM - half, WARM + half);
const after = await look();
await server.close();
await closeVoices();
await closeSharedPool();

const problems: string[] = [];
if (server.sessions.size > 0) problems.push(`${server.sessions.size} sessions`);
for (const [name, count] of Object.entries(after.census)) {
  const allowed = before.census[name] ?? 0;
  if (count > allowed) problems.push(`${name}: ${allowed} before, ${count} after`);
}
if (after.fds > before.fds) problems.push(`file descriptors: ${before.fds} before, ${after.fds} after`);
if (after.timers > before.timers) problems.push(`timers: ${before.timers} before, ${after.timers} after`);
const slope = (after.rss - middle.rss) / 1024 / Math.max(1, SESSIONS - WARM - half);
console.log(
  `${SESSIONS} sessions, ${AT_ONCE} at a time; threads ${before.threads} -> ${after.threads}, ` +
    `RSS ${Math.round(after.rss / 2 ** 20)} MiB, ${slope.toFixed(1)} KiB per session over the second half`,
);
for (const problem of problems) console.error(`left behind: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
