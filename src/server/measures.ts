/**
 * What `/metrics` tells besides the lives of sessions: how punctual their outputs are, what waits and what was given up in their graphs, the
 * inference pool, and how soon voices are heard.
 *
 * Graphs are looked at when somebody asks, so whoever does not ask pays nothing. What differs from session to session is told by its range
 * and not by session: ids would be series without end, and are nobody's business.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EngineCounts } from '../inference/index.js';
import { sharedPool } from '../inference/index.js';
import type { Session } from '../session/session.js';
import type { Sessions } from '../session/sessions.js';
import { picturesInto } from '../session/watch.js';
import { onFirstSound } from '../voice/index.js';
import type { ViewerSink } from '../webrtc/viewers.js';
import type { Traces } from './traces/index.js';

/** Seconds to a voice's first sound. */
const SOUND = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4];

type Told = Readonly<Record<string, number>>;

/** @returns what ends it */
export function measure(registry: Registry, sessions: Sessions, traces?: Pick<Traces, 'counts'>): () => void {
  const registers = [registry];
  const running = () => [...sessions.list()].filter(({ state }) => state === 'running');

  gauge(
    'talkgraph_video_frames_per_second',
    'Pictures a second at the ends of the graphs that run',
    'stat',
    () => range(running().map(fps)),
  );
  gauge(
    'talkgraph_av_skew_seconds',
    'By how much pictures leave later than the voice, each from the moment it was due: medians of the sessions that send both',
    'stat',
    () => range(running().map((session) => seconds(sending(session)?.skew))),
  );
  gauge(
    'talkgraph_video_encoders',
    'Encoders of video that running sessions have, by their elements',
    'encoder',
    () => sum(running().flatMap((session) => encoders(session).map((encoder) => ({ [encoder]: 1 })))),
  );
  gauge(
    'talkgraph_queue_fill_ratio',
    'How full the queues of an element are, 0 to 1, where they are fullest of all sessions',
    'element',
    () => fullest(running()),
  );
  const ended = new Map<string, number>();
  counter(
    'talkgraph_frames_lost_total',
    'Frames that elements gave up: too late, or no room',
    'element',
    () => sum([Object.fromEntries(ended), ...running().map(lost)]),
  );
  sessions.events.on('made', (session) =>
    // Its graph is still there; afterwards nobody could count.
    session.onEnd(() => {
      for (const [name, count] of Object.entries(lost(session)))
        ended.set(name, (ended.get(name) ?? 0) + count);
    }),
  );

  const pool = (pick: (counts: EngineCounts) => number) => () => ({ '': pick(sharedPool().counts) });
  counter(
    'talkgraph_inference_rows_total',
    'Rows that were inferred: one for each mouth',
    '',
    pool(({ done }) => done),
  );
  counter(
    'talkgraph_inference_expired_total',
    'Rows whose moment had passed before their turn',
    '',
    pool(({ expired }) => expired),
  );
  counter(
    'talkgraph_inference_refused_total',
    'Rows for which there was no room',
    '',
    pool(({ refused }) => refused),
  );
  counter(
    'talkgraph_inference_crashes_total',
    'Inference threads that died',
    '',
    pool(({ crashes }) => crashes),
  );
  counter('talkgraph_inference_batches_total', 'Batches, by the number of their rows', 'size', () =>
    Object.fromEntries([...sharedPool().counts.sizes].map(([size, count]) => [String(size), count])),
  );
  gauge('talkgraph_inference_waiting', 'Rows that wait for a thread', '', () => ({
    '': sharedPool().waiting,
  }));

  if (traces !== undefined) {
    counter(
      'talkgraph_trace_spans_total',
      'Spans of traces that a collector has taken, and that were given up',
      'outcome',
      () => ({ sent: traces.counts.sent, dropped: traces.counts.dropped }),
    );
  }
  const first = new Histogram({
    name: 'talkgraph_voice_first_sound_seconds',
    help: 'From a sentence asked of a voice engine to its first sound',
    labelNames: ['engine'],
    buckets: SOUND,
    registers,
  });
  return onFirstSound((engine, ms) => first.observe({ engine }, ms / 1000));

  function gauge(name: string, help: string, label: string, read: () => Told): void {
    new Gauge({
      ...{ name, help, registers, labelNames: label === '' ? [] : [label] },
      collect() {
        this.reset();
        for (const [value, told] of Object.entries(read()))
          this.set(label === '' ? {} : { [label]: value }, told);
      },
    });
  }

  function counter(name: string, help: string, label: string, read: () => Told): void {
    new Counter({
      ...{ name, help, registers, labelNames: label === '' ? [] : [label] },
      collect() {
        // It is counted elsewhere: here it is told.
        this.reset();
        for (const [value, told] of Object.entries(read()))
          this.inc(label === '' ? {} : { [label]: value }, told);
      },
    });
  }
}

const sending = ({ out }: Session) => (out?.instance as Partial<ViewerSink> | undefined)?.sending?.();

const encoders = ({ out }: Session): readonly string[] =>
  (out?.instance as Partial<ViewerSink> | undefined)?.encoders?.() ?? [];

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

/** At the session's sink; undefined at the first look. */
function fps(session: Session): number | undefined {
  return picturesInto(session.look()?.links ?? [], session.out?.name)?.rate;
}

function range(values: readonly (number | undefined)[]): Told {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return {};
  const total = known.reduce((sum, value) => sum + value, 0);
  return { min: Math.min(...known), mean: total / known.length, max: Math.max(...known) };
}

function fullest(all: readonly Session[]): Told {
  const found: Record<string, number> = {};
  for (const session of all) {
    for (const { name, levels } of session.elements())
      for (const { full } of levels) found[name] = Math.max(found[name] ?? 0, full);
  }
  return found;
}

/** Frames that one session's elements have given up. */
function lost(session: Session): Told {
  const counted = session.elements().filter((one) => one.lost !== undefined);
  return Object.fromEntries(counted.map(({ name, lost = 0 }) => [name, lost]));
}

function sum(all: readonly Told[]): Told {
  const total: Record<string, number> = {};
  for (const told of all)
    for (const [name, count] of Object.entries(told)) total[name] = (total[name] ?? 0) + count;
  return total;
}
