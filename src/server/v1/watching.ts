/** `/v1/sessions/:id/levels`, `/v1/pool`, `/v1/log`, `/v1/me`: what whoever runs a server sees of it. */
import { recentLines } from '../../element/index.js';
import { sharedPool } from '../../inference/index.js';
import type { Session } from '../../session/session.js';
import { picturesInto } from '../../session/watch.js';
import type { ViewerSink } from '../../webrtc/viewers.js';
import { LiveGraph, LogLines, LogQuery, Me, Pool } from '../contract/watching.js';
import type { Rights } from '../rights.js';
import { type Api, Refusal } from './api.js';
import type { Found } from './found.js';

export function watchRoutes(api: Api, found: Found, rights: Rights): void {
  api.route(
    {
      method: 'GET',
      path: '/v1/sessions/:id/levels',
      summary: 'The running graph with what waits in its elements and what passes its links',
      status: 200,
      answer: LiveGraph,
    },
    // Looking is not driving: a session that is only looked at ends as others do.
    (_body, request) => liveGraph(found.any(request)),
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/pool',
      summary: 'The inference that all sessions share',
      status: 200,
      answer: Pool,
    },
    () => poolNow(),
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/log',
      summary: 'The last 500 lines of the log, without what is private',
      query: LogQuery,
      status: 200,
      answer: LogLines,
    },
    (_body, request) => {
      const query = LogQuery.safeParse(request.query);
      if (!query.success)
        throw new Refusal(400, 'Expected after=N, the number of the last line that is known.');
      return { lines: recentLines.since(query.data.after) };
    },
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/me',
      summary: 'Whose token this is, and what it opens',
      status: 200,
      answer: Me,
    },
    (_body, request) => {
      const { kind, name } = request.caller;
      return { kind, name, watches: rights.watches(request), edits: rights.edits(request) };
    },
  );
}

function liveGraph(session: Session) {
  const { pipeline } = session;
  const running = session.state === 'running' && pipeline !== undefined && !pipeline.closed;
  const { elements, links } = session.look() ?? { elements: [], links: [] };
  const sink = session.out;
  const web = sink?.instance as Partial<ViewerSink> | undefined;
  return {
    state: session.state,
    speaking: session.speaking,
    seconds: running ? (pipeline.runningTime() ?? 0) / 1e9 : 0,
    latency: running ? (pipeline.latency()?.min ?? 0) / 1e6 : null,
    fps: picturesInto(links, sink?.name)?.rate ?? null,
    skew: web?.sending?.().skew ?? null,
    // Their ids would let anybody who sees them end them.
    viewers: (web?.audience?.() ?? []).map(({ state, codec, low, stats }) => ({
      ...{ state, low, codec: codec ?? null, bitrate: stats.bitrate },
      ...{ loss: stats.loss ?? null, rtt: stats.rtt ?? null },
    })),
    elements,
    links,
  };
}

function poolNow() {
  const pool = sharedPool();
  const { sizes, done, batches, expired, refused, crashes } = pool.counts;
  return {
    threads: pool.threads.map(({ idle, served }) => ({ busy: !idle, served })),
    ...{ waiting: pool.waiting, done, batches, expired, refused, crashes },
    sizes: Object.fromEntries(sizes),
    models: pool.models.map(({ model: { manifest, provider, reason, timing }, users }) => ({
      ...{ name: manifest.name, provider, reason, users },
      ...timing,
    })),
  };
}
