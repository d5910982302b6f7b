/**
 * `/metrics` for Prometheus, `/healthz` and `/readyz` for whoever keeps the process running.
 *
 * Names and units follow Prometheus' rules: seconds, `_total` for counters. Nothing in them says who spoke or what.
 */
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Session } from '../session/session.js';
import type { Sessions } from '../session/sessions.js';
import { measure } from './measures.js';
import { RETRY_AFTER } from './problem.js';
import type { Traces } from './traces/index.js';

const STATES = ['starting', 'running', 'ending'] as const;
/** Seconds: from what nobody notices to what everybody does. */
const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4];

export class Metrics {
  readonly #registry = new Registry();
  readonly #ended = this.#counter('talkgraph_sessions_ended_total', 'Sessions that ended');
  readonly #started = this.#counter('talkgraph_sessions_started_total', 'Sessions that began to play');
  readonly #refused = this.#counter(
    'talkgraph_sessions_refused_total',
    'Sessions that were not begun, because all places were taken',
  );
  readonly #failed = this.#counter(
    'talkgraph_sessions_failed_total',
    'Sessions that were asked for and did not begin to play',
  );
  readonly #errors = new Counter({
    name: 'talkgraph_events_total',
    help: 'Errors and warnings of sessions, and interruptions',
    labelNames: ['type', 'code'],
    registers: [this.#registry],
  });
  readonly #start = this.#histogram(
    'talkgraph_session_start_seconds',
    'From a session asked for to one that plays',
  );
  readonly #sound = this.#histogram(
    'talkgraph_first_sound_seconds',
    'From a text said to its first sound, where nothing else was being said',
  );
  readonly #cut = this.#histogram('talkgraph_cut_seconds', 'From an interruption to silence');

  /** Hears of nothing any more. */
  readonly close: () => void;

  /** Begins to watch all sessions. */
  constructor(sessions: Sessions, traces?: Pick<Traces, 'counts'>) {
    collectDefaultMetrics({ register: this.#registry });
    const registers = [this.#registry];
    new Gauge({
      name: 'talkgraph_sessions',
      help: 'Sessions there are now',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of STATES)
          this.set({ state }, [...sessions.list()].filter((one) => one.state === state).length);
      },
    });
    new Gauge({
      name: 'talkgraph_sessions_limit',
      help: 'Sessions there may be',
      registers,
      collect() {
        this.set(sessions.limit);
      },
    });
    new Gauge({
      name: 'talkgraph_sessions_waiting',
      help: 'Clients that wait for a place',
      registers,
      collect() {
        this.set(sessions.waiting);
      },
    });
    new Gauge({
      name: 'talkgraph_speaking',
      help: 'Sessions that are heard now',
      registers,
      collect() {
        this.set([...sessions.list()].filter(({ speaking }) => speaking).length);
      },
    });
    this.close = measure(this.#registry, sessions, traces);
    sessions.events.on('refused', () => this.#refused.inc());
    sessions.events.on('made', (session) => this.#watch(session));
  }

  /** In Prometheus' text format. */
  async text(): Promise<string> {
    return await this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #watch(session: Session): void {
    const made = performance.now();
    let running = false;
    let asked: number | undefined;
    let cut: number | undefined;
    const since = (from: number) => (performance.now() - from) / 1000;
    session.events.on('command', (name) => {
      if (name === 'cut' && session.speaking) cut ??= performance.now();
      // What waits for its turn says nothing about how fast it could have been.
      if (name === 'say' && !session.speaking) asked ??= performance.now();
    });
    session.events.on('event', (event) => {
      if (event.type === 'state') {
        if (event.state === 'running') {
          running = true;
          this.#started.inc();
          this.#start.observe(since(made));
        }
        if (event.state === 'ended') (running ? this.#ended : this.#failed).inc();
      }
      if (event.type === 'speech.start' && asked !== undefined) {
        this.#sound.observe(since(asked));
        asked = undefined;
      }
      if (event.type === 'interrupted') {
        if (cut !== undefined) this.#cut.observe(since(cut));
        [cut, asked] = [undefined, undefined];
      }
      if (event.type === 'error' || event.type === 'warning' || event.type === 'interrupted')
        this.#errors.inc({ type: event.type, code: 'code' in event ? event.code : '' });
    });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.#registry] });
  }

  #histogram(name: string, help: string): Histogram {
    return new Histogram({ name, help, buckets: BUCKETS, registers: [this.#registry] });
  }
}

/** Routes for those who watch the process. */
export function metricRoutes(
  app: FastifyInstance,
  sessions: Sessions,
  traces?: Pick<Traces, 'counts'>,
): void {
  const metrics = new Metrics(sessions, traces);
  app.addHook('onClose', async () => metrics.close());
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  // It answers: it is alive.
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_request, reply) => {
    const why = sessions.closing ? 'ending' : sessions.full ? 'full' : undefined;
    if (why !== undefined) reply.header('retry-after', String(RETRY_AFTER));
    return reply
      .code(why === undefined ? 200 : 503)
      .type('text/plain')
      .send(`${why ?? 'ready'}\n`);
  });
}
