/**
 * Every route of the server, asked for whatever its schema says and for much that it does not: no answer may be an error of ours, nothing
 * may die or hang, and memory may not grow with the number of requests.
 *
 *   node --expose-gc dist/test/soak/routes.js [SHARE [SEED]]      100,000 requests x SHARE, sixteen at a time
 *
 * A 5xx is fine with its cause: 501 to 504 with a sentence of ours, 503 with `Retry-After`. Sessions are of a graph that only speaks.
 */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeSharedPool } from '../../src/inference/index.js';
import { clearSpeechCache, closeVoices } from '../../src/voice/index.js';
import { putAvatar } from '../support/drawnavatar.js';
import { type Asked, type OpenApi, Routes } from './support/asked.js';
import { Dice } from './support/dice.js';
import { Trend } from './support/trend.js';

const SHARE = Number(process.argv[2] ?? 1);
/** A share of it is a fifth of that share: what is asked next is chance, and the tests have little time. */
const REQUESTS = Math.max(500, Math.round((SHARE < 1 ? 20_000 : 100_000) * SHARE));
const SEED = Number(process.argv[3] ?? 1);
const AT_ONCE = 16;
const PLACES = 4;
/** Requests after which caches and allocators have settled. */
const SETTLED = 30_000;
/** Bytes a request may cost; one in three hundred makes a session. */
const LIMIT = 64;
/** ms that an answer may take: on a busy machine, one that says a long text. */
const PATIENCE = 120_000;

const folder = await mkdtemp(join(tmpdir(), 'talkgraph-routes-'));
process.env['TALKGRAPH_AVATARS'] = await putAvatar(join(folder, 'avatars'), 'drawn', {
  ...{ width: 128, height: 96, frames: 3, side: 60 },
});
process.env['TALKGRAPH_RECORDS'] = join(folder, 'record');
process.env['TALKGRAPH_GRAPHS'] = folder;
const graph = join(folder, 'cheap.yaml');
await writeFile(
  graph,
  '# It only speaks.\nparameters:\n  voice: { type: string, default: tone }\n  avatar: { type: string, default: drawn }\nelements:\n  say: { factory: ttssrc, voice: $voice, avatar: $avatar }\nlinks:\n  - say. ! fakesink\nends: { in: say }\n',
);
const { serverOf } = await import('../server/support/server.js');
const server = await serverOf(PLACES, { avatar: 'drawn' }, { graph, parameters: {} });
// What a kind of answer loads once in the life of a process would be taken for growth: libavcodec alone is 30 MiB.
for (const format of ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']) {
  const spoken = await fetch(new URL('/v1/audio/speech', server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tts-1', voice: 'tone', input: '440:0.1', response_format: format }),
  });
  if (!spoken.ok) throw new Error(`sound as ${format}: ${spoken.status} ${await spoken.text()}`);
  await spoken.arrayBuffer();
}
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const document = (await (await fetch(new URL('/v1/openapi.json', server.url))).json()) as OpenApi;
const routes = new Routes(document, new Dice(SEED));

const statuses = new Map<number, number>();
const problems: string[] = [];

/** The answer, with as much of its body as comes within a turn where it never ends. */
async function answered(
  asked: Asked,
): Promise<{ status: number; headers: IncomingMessage['headers']; text: string }> {
  const { method, path, headers, body } = asked;
  const sent = request(new URL(path, server.url), {
    method,
    agent,
    headers,
    signal: AbortSignal.timeout(PATIENCE),
  });
  sent.end(body);
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode: status = 0, headers: got } = reply;
  // Streams of events end with their session.
  if (got['content-type'] === 'text/event-stream') {
    sent.destroy();
    return { status, headers: got, text: '' };
  }
  let text = '';
  for await (const part of reply) if (text.length < 4096) text += String(part);
  return { status, headers: got, text };
}

/** What is wrong with an answer; undefined for a good one. */
function wrong({ status, headers, text }: Awaited<ReturnType<typeof answered>>): string | undefined {
  if (/inside the server/.test(text)) return 'an error of ours';
  if (status < 500) return undefined;
  if (status === 503) return headers['retry-after'] === undefined ? 'no Retry-After' : undefined;
  return status === 500 || !/"(detail|msg)":"./.test(text) ? 'no cause' : undefined;
}

/** Some sessions are there all the time: without one most routes are over at once. */
async function standBy(): Promise<void> {
  // A request may be quicker to take the place, or end what starts.
  while (server.sessions.size < PLACES - 1) await server.sessions.create().catch(() => undefined);
}

async function one(): Promise<void> {
  if (server.sessions.size === 0) await standBy();
  const ids = [...server.sessions.list()].map(({ id }) => id);
  const asked = routes.next(ids);
  const told = () => `${asked.method} ${asked.path.slice(0, 200)} ${(asked.body ?? '').slice(0, 300)}`;
  try {
    const answer = await answered(asked);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const why = wrong(answer);
    if (why !== undefined)
      problems.push(`${answer.status}, ${why}: ${told()} -> ${answer.text.slice(0, 200)}`);
  } catch (error) {
    // Whom the server lets go for a body that is too long or too slow has no answer.
    problems.push(`${String(error)}: ${told()}`);
  }
}

const trend = new Trend('request', REQUESTS, SETTLED);
const begun = performance.now();
let done = 0;
for (const stop of trend.stops()) {
  await standBy();
  const lane = async () => {
    while (done < stop && problems.length < 20) {
      done++;
      await one();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  // What waits to be said is no growth.
  for (const session of [...server.sessions.list()]) await session.close('a look');
  clearSpeechCache();
  await trend.look(stop);
}
const seconds = (performance.now() - begun) / 1000;
const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} x ${status}`);
console.log(
  `${done} requests to ${routes.all.length} routes, ${(done / seconds).toFixed(0)} a second, seed ${SEED}: ${counts.join(', ')}`,
);
if ((await fetch(new URL('/healthz', server.url))).status !== 200)
  problems.push('it is not healthy any more');
await server.close();
agent.destroy();
if (server.sessions.size > 0) problems.push(`${server.sessions.size} sessions are left`);
await Promise.all([closeVoices(), closeSharedPool()]);
await rm(folder, { recursive: true, force: true });
if (!trend.judge(LIMIT)) problems.push('memory, with every request');
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
