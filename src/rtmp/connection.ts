/**
 * One connection to an RTMP server: a pipeline of its own, so that its end is nobody else's.
 *
 *     appsrc ! rtmp2sink
 *
 * rtmp2sink never connects again by itself, and an element that failed takes its pipeline with it: therefore each
 * connection has a new one. It plays before it is connected; connected is what has taken a tag.
 */
import { TalkError, toTalkError } from '../element/index.js';
import { Pipeline } from '../graph/pipeline.js';
import type { Feed } from '../graph/samples.js';
import type { Tag } from './flv.js';
import { hide, type Target } from './target.js';

/** async-connect=false: the first tag connects. Nothing here waits for a clock; tags come when they are due. */
const LINE =
  'appsrc name=in is-live=true caps=video/x-flv ! rtmp2sink name=out async-connect=false sync=false async=false';
/** Bytes on their way between JS and the sink: a tag is welcome when the one before was taken out. */
const IN_FLIGHT = 1;
/** ms without a byte leaving, while there is something to send, until a server counts as gone. */
export const SILENCE = 10_000;
/** ms that the last tags and the goodbye may take. */
const GOODBYE = 2000;

export class Connection {
  readonly #target: Target;
  readonly #pipeline: Pipeline;
  readonly #feed: Feed;
  #failure: TalkError | undefined;
  /** Rejects what is being waited for. Not a race with one promise for all: each race would stay with that one for ever. */
  #interrupt: ((error: TalkError) => void) | undefined;
  #sent = 0;
  /** Tags given since bytes were last seen to leave. */
  #unseen = 0;
  #bytes = 0;
  #grown = performance.now();
  readonly #watch: NodeJS.Timeout;

  constructor(target: Target) {
    this.#target = target;
    this.#pipeline = Pipeline.launch(LINE);
    this.#pipeline.on('error', (error) => this.fail(error));
    const sink = this.#pipeline.element('out');
    for (const [name, value] of Object.entries(target.settings)) sink.set(name, value);
    this.#feed = this.#pipeline.element('in').feed({ limit: IN_FLIGHT });
    this.#watch = setInterval(() => this.#look(), 500);
    this.#pipeline.play().catch((error: unknown) => this.fail(error));
  }

  /**
   * True once the server has taken a tag. Up to three are welcome before that: one in the sink, one in front of it, and one
   * for a wish from before there was any.
   */
  get connected(): boolean {
    return this.#sent > 3;
  }

  /** Resolves when the next tag is welcome; rejects when the connection is lost. */
  async send({ data }: Tag): Promise<void> {
    this.#unseen++;
    const flow = await this.until(this.#feed.push(data));
    // Flushing is its end being told: the error is on its way.
    if (flow !== 'ok') await this.until(new Promise<never>(() => undefined));
    this.#sent++;
  }

  /** Waits for something, but not longer than the connection lasts. One at a time. */
  until<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      if (this.#failure === undefined) work.then(resolve, reject);
      else reject(this.#failure);
    });
  }

  /** It is lost, or given up. */
  fail(error: unknown): void {
    this.#failure ??= this.#told(error);
    this.#interrupt?.(this.#failure);
  }

  /** Ends it; with a goodbye, so that the server knows that the stream is over, where it still listens. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    if (this.connected && this.#failure === undefined) {
      const late = setTimeout(() => this.fail('it does not take the end of the stream'), GOODBYE);
      const ended = this.#pipeline.finished();
      this.#feed.end();
      await this.until(ended).catch(() => undefined);
      clearTimeout(late);
    }
    await this.#pipeline.close();
  }

  /** A frozen server is told by nobody: its machine still takes bytes, for a while. */
  #look(): void {
    const stats = this.#pipeline.element('out').get('stats') as { fields?: Record<string, unknown> } | null;
    const bytes = Number(stats?.fields?.['out-bytes-total'] ?? 0);
    const now = performance.now();
    if (bytes !== this.#bytes || this.#unseen === 0) {
      this.#bytes = bytes;
      this.#unseen = 0;
      this.#grown = now;
    } else if (now - this.#grown > SILENCE) {
      this.fail(`it has taken nothing for ${SILENCE / 1000} s`);
    }
  }

  #told(error: unknown): TalkError {
    const { message, debug } = toTalkError(error);
    const { shown } = this.#target;
    const why = hide(message, this.#target).replace(/\.?$/, '');
    return new TalkError('resource/unreachable', `No connection to ${shown}: ${why}.`, {
      debug: hide(debug, this.#target),
      retryable: true,
    });
  }
}
