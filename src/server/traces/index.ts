/** Traces of all turns of all sessions, for whoever runs an OpenTelemetry collector. */
import type { Session } from '../../session/session.js';
import type { Sessions } from '../../session/sessions.js';
import { Exporter } from './exporter.js';
import type { TraceSettings } from './settings.js';
import { Turns } from './turns.js';

export { type TraceSettings, traceSettings } from './settings.js';

/** Now, ms since 1970, with fractions, and never a step back. */
const now = (): number => performance.timeOrigin + performance.now();

export class Traces {
  readonly #exporter: Exporter;

  /** Begins to follow all sessions, those that stand already as well. */
  constructor(sessions: Sessions, settings: TraceSettings, version: string) {
    this.#exporter = new Exporter(settings, version);
    for (const session of sessions.list()) this.#follow(session);
    sessions.events.on('made', (session) => this.#follow(session));
  }

  #follow({ id, events }: Session): void {
    const turns = new Turns(id, (trace) => this.#exporter.push(trace));
    events.on('command', (name, utterance) => turns.asked(name, utterance, now()));
    events.on('posted', (mark, running) => turns.posted(mark, now(), running));
    events.on('event', (event) => {
      if (event.type === 'state' && event.state === 'ended') turns.close(now());
    });
  }

  /** Spans that were sent and given up. */
  get counts(): Exporter['counts'] {
    return this.#exporter.counts;
  }

  /** After the sessions. */
  close(): Promise<void> {
    return this.#exporter.close();
  }
}
