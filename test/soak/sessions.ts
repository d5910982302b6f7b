/**
 * Sessions that come and go: each offers over WebRTC, receives, is spoken to, and is dropped without a goodbye.
 *
 * Afterwards nothing may be left: no pipeline, handle, file descriptor, timer or thread beyond those that were there
 * after the first few, and memory may not grow with the number of sessions.
 *
 *   node --expose-gc dist/test/soak/sessions.js [SHARE]      200 sessions x SHARE, two at a time
 */
import { openAvatar } from '../../src/avatar/index.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { native } from '../../src/native.js';
import { clearSpeechCache, closeVoices } from '../../src/voice/index.js';
import { serverOf, viewer } from '../server/support/server.js';
import { held, leftAfter, threads, threadsAtMost } from './support/held.js';
import { Trend } from './support/trend.js';

const SESSIONS = Math.max(10, Math.round(200 * Number(process.argv[2] ?? 1)));
const AT_ONCE = 2;
/** Sessions until everything that is made once has been made. */
const WARM = 4;
/** Sessions after which caches and allocators have settled. */
const SETTLED = 100;
/** Bytes a session may cost once it has ended. */
const LIMIT = 8 * 1024;

/** ms a session may take to start and a viewer to connect: patient, because what is measured here is not speed. */
const CONNECT = 60_000;

native.setDeadline(CONNECT);
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
  await receiver.connected(CONNECT);
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

/**
 * Gives back what sessions share: pictures and what is made of them, the voice's sound, the threads of voice and model
 * with their heaps, which they clean when they please. What is more with every look then is what sessions leave.
 */
async function letGo(): Promise<void> {
  clearSpeechCache();
  await closeVoices();
  await closeSharedPool();
}

const trend = new Trend('session', SESSIONS, SETTLED);
let next = 0;
async function run(until: number): Promise<void> {
  // As `talkgraph serve` does; closed with the last of these sessions.
  const avatar = await openAvatar('ava');
  const lane = async () => {
    while (next < until) await one(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  avatar.close();
  await letGo();
}

await run(WARM);
const before = await held();
const threadsBefore = threads();
for (const stop of trend.stops(WARM)) {
  await run(stop);
  await trend.look(stop);
}
const most = threads();
const problems = await leftAfter(before, 20);
const threadsAfter = await threadsAtMost(threadsBefore, 40);
await server.close();

if (server.sessions.size > 0) problems.push(`${server.sessions.size} sessions`);
if (threadsAfter > threadsBefore) problems.push(`threads: ${threadsBefore} before, ${threadsAfter} after`);
console.log(
  `${SESSIONS} sessions, ${AT_ONCE} at a time; threads ${threadsBefore} -> ${most} -> ${threadsAfter}`,
);
if (!trend.judge(LIMIT)) problems.push('memory, with every session');
for (const problem of problems) console.error(`left behind: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
