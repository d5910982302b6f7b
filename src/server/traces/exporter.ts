/**
 * Hands spans to a collector, and disturbs nobody when it is away.
 *
 * Traces wait until there are many or two seconds have passed; one request is under way at a time. A collector that cannot be reached or
 * says that it is busy gets the same spans again, after 1 s, 2 s, … 60 s or when it says; what it refuses for good is dropped. At most 4096 spans
 * wait: a trace that comes then is dropped as a whole. What was sent and dropped is counted.
 */
import { logger, type TalkError, toTalkError } from '../../element/index.js';
import { beginning, HttpClient } from '../../service/http.js';
import { askedPause } from '../../service/patience.js';
import type { Party } from '../../service/refusal.js';
import type { TraceSettings } from './settings.js';
import { requestOf, type Span } from './span.js';

export interface ExporterLimits {
  /** Spans that wait. */
  readonly most: number;
  /** Spans of a request. */
  readonly batch: number;
  /** ms that a trace waits for others. */
  readonly gather: number;
  /** ms until the first new try, doubled up to `longest`. */
  readonly pause: number;
  readonly longest: number;
  /** ms that a request may take, and that `close` does. */
  readonly patience: number;
  readonly last: number;
}

const LIMITS: ExporterLimits = {
  ...{ most: 4096, batch: 512, gather: 2000, pause: 1000, longest: 60_000, patience: 10_000, last: 1000 },
};

export class Exporter {
  readonly #settings: TraceSettings;
  readonly #limits: ExporterLimits;
  readonly #version: string;
  readonly #party: Party;
  readonly #http = new HttpClient();
  readonly #end = new AbortController();
  readonly #log = logger({ area: 'traces' });
  #waiting: (readonly Span[])[] = [];
  #spans = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  /** ms of the pause after the failure before; 0 after none. */
  #pause = 0;
  #sent = 0;
  #dropped = 0;

  constructor(settings: TraceSettings, version: string, limits: Partial<ExporterLimits> = {}) {
    this.#settings = settings;
    this.#version = version;
    this.#limits = { ...LIMITS, ...limits };
    this.#party = {
      what: 'traces',
      host: settings.url.host,
      expects: 'an answer of a collector',
      hide: [...Object.values(settings.headers), settings.url.search.slice(1)],
    };
  }

  /** Spans that a collector has taken, and that nobody will get. */
  get counts(): { readonly sent: number; readonly dropped: number; readonly waiting: number } {
    return { sent: this.#sent, dropped: this.#dropped, waiting: this.#spans };
  }

  /** Takes a trace. Never waits and never fails. */
  push(trace: readonly Span[]): void {
    if (trace.length === 0) return;
    if (this.#end.signal.aborted || this.#spans + trace.length > this.#limits.most) {
      this.#dropped += trace.length;
      return;
    }
    this.#waiting.push(trace);
    this.#spans += trace.length;
    if (this.#sending !== undefined || this.#pause > 0) return;
    if (this.#spans >= this.#limits.batch) void this.#send();
    else this.#timer ??= this.#later(this.#limits.gather);
  }

  /** Sends what waits, once and not for long; the rest is dropped. */
  async close(): Promise<void> {
    const late = setTimeout(() => this.#end.abort(), this.#limits.last).unref();
    await this.#sending;
    while (this.#spans > 0 && this.#pause === 0 && !this.#end.signal.aborted) await this.#send();
    clearTimeout(late);
    this.#end.abort();
    clearTimeout(this.#timer);
    this.#dropped += this.#spans;
    [this.#waiting, this.#spans] = [[], 0];
    this.#http.close();
  }

  #later(ms: number): NodeJS.Timeout {
    return setTimeout(() => void this.#send(), ms).unref();
  }

  #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#work().finally(() => {
      this.#sending = undefined;
      if (this.#spans > 0 && !this.#end.signal.aborted)
        this.#timer ??= this.#later(
          this.#pause || (this.#spans >= this.#limits.batch ? 0 : this.#limits.gather),
        );
    });
    return this.#sending;
  }

  async #work(): Promise<void> {
    const taken = this.#take();
    const spans = taken.flat();
    if (spans.length === 0) return;
    try {
      const rejected = await this.#post(spans);
      this.#sent += spans.length - rejected;
      this.#dropped += rejected;
      if (this.#pause > 0) this.#log.info('the collector takes traces again');
      this.#pause = 0;
    } catch (thrown) {
      this.#failed(toTalkError(thrown), taken, spans.length);
      return;
    }
    this.#spans -= spans.length;
  }

  /** They count as waiting until they have arrived. */
  #take(): (readonly Span[])[] {
    const taken: (readonly Span[])[] = [];
    for (let count = 0; this.#waiting[0] !== undefined; ) {
      count += this.#waiting[0].length;
      if (taken.length > 0 && count > this.#limits.batch) break;
      taken.push(this.#waiting.shift() as readonly Span[]);
    }
    return taken;
  }

  #failed(error: TalkError, taken: (readonly Span[])[], spans: number): void {
    const { pause, longest } = this.#limits;
    if (!error.retryable && !this.#end.signal.aborted) {
      this.#dropped += spans;
      this.#spans -= spans;
      this.#log.warn('traces were refused and are dropped', { spans, message: error.message });
      return;
    }
    this.#waiting.unshift(...taken);
    if (this.#pause === 0 && !this.#end.signal.aborted)
      this.#log.warn('traces wait for their collector', { message: error.message });
    this.#pause = Math.min(longest, Math.max(askedPause(error), this.#pause === 0 ? pause : 2 * this.#pause));
  }

  /** How many of them the collector has rejected. */
  async #post(spans: readonly Span[]): Promise<number> {
    const { url, headers, service } = this.#settings;
    const body = requestOf(
      spans,
      { 'service.name': service, 'service.version': this.#version },
      this.#version,
    );
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(this.#limits.patience)]);
    const call = { url, headers: { ...headers, 'content-type': 'application/json' }, body };
    const answer = await this.#http.open(call, this.#party, signal);
    try {
      return rejectedOf(await beginning(answer.body));
    } finally {
      answer.close();
    }
  }
}

/** `partialSuccess.rejectedSpans`; 0 where the answer says nothing of the kind. */
function rejectedOf(text: string): number {
  try {
    const { partialSuccess } = JSON.parse(text) as { partialSuccess?: { rejectedSpans?: unknown } };
    const count = Number(partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    return 0;
  }
}
