/**
 * A process with one model of sherpa-onnx in it, seen from outside.
 *
 * A process and no thread: where a model is broken, or an input is one that it cannot take, the library ends the process it runs in (seen
 * with 1.13.8: `exit`, `abort` and a segmentation fault). One object is one process from its start to its end. Whoever wants another one makes
 * another object.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { TalkError } from '../element/error.js';
import type { LoadAnswer, LoadOrder } from './protocol.js';

/** ms until a model is loaded. */
const LOADING = 120_000;
/** Characters kept of what it prints while it loads. */
const LONGEST = 400;

export interface SherpaProcessOptions<Facts, Answer> {
  /** What runs in it; it calls `serve`. */
  readonly program: URL;
  /** Who it is in a sentence: `voice sherpa`. */
  readonly who: string;
  /** What is imported as the library. */
  readonly module: string;
  readonly config: unknown;
  /** The model is loaded; the process is held until `hold(false)`. */
  readonly ready: (facts: Facts) => void;
  readonly answered: (answer: Answer) => void;
  /** It ended and nobody asked it to, `loaded` before or not; last call of all. While it loads nobody else will have more luck. */
  readonly lost: (error: TalkError, loaded: boolean) => void;
}

export class SherpaProcess<Facts, Order extends object, Answer extends { readonly said: string }> {
  readonly #options: SherpaProcessOptions<Facts, Answer>;
  readonly #child: ChildProcess;
  readonly #writing = new Set<() => void>();
  #state: 'loading' | 'ready' | 'over' = 'loading';
  #printed = '';
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: SherpaProcessOptions<Facts, Answer>) {
    this.#options = options;
    const { PATH, LD_LIBRARY_PATH } = process.env;
    const child = fork(fileURLToPath(options.program), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Keys of services are none of its business.
      env: { PATH, ...(LD_LIBRARY_PATH !== undefined && { LD_LIBRARY_PATH }) },
    });
    this.#child = child;
    child.stderr?.on('data', (part: Buffer) => {
      // Later it may print what people say.
      if (this.#state === 'loading') this.#printed = `${this.#printed}${part}`.slice(-LONGEST);
    });
    child.on('message', (message) => this.#told(message as LoadAnswer<Facts> | Answer));
    child.on('error', (cause) => this.#died(String(cause)));
    // Not `exit`: what it printed is read by then.
    child.on('close', (status, signal) =>
      this.#died(signal === null ? `status ${status}` : `signal ${signal}`),
    );
    const { module, config } = options;
    void this.#write({ do: 'load', module, config } satisfies LoadOrder);
    this.watch(LOADING);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when the order is in the pipe, which waits for a reader that is behind, or when the process is over. */
  send(order: Order): Promise<void> {
    return this.#write(order);
  }

  /** Whether the program stays alive for it. */
  hold(busy: boolean): void {
    if (this.#state === 'over') return;
    const method = busy ? 'ref' : 'unref';
    this.#child[method]();
    this.#child.channel?.[method]();
    (this.#child.stderr as Socket | null)?.[method]();
  }

  /** Unless it is called again or `unwatch` is, the process is lost in so long. */
  watch(limitMs: number): void {
    this.unwatch();
    this.#watchdog = setTimeout(() => this.#died(`no answer for ${limitMs} ms`), limitMs);
    this.#watchdog.unref();
  }

  unwatch(): void {
    clearTimeout(this.#watchdog);
  }

  /** Ends it at once and resolves when it has. */
  async end(): Promise<void> {
    this.#state = 'over';
    this.unwatch();
    const child = this.#child;
    for (const resolve of this.#writing) resolve();
    this.#writing.clear();
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.ref();
    child.stderr?.destroy();
    child.kill('SIGKILL');
    await gone;
  }

  #write(order: object): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === 'over') return resolve();
      const done = (): void => {
        this.#writing.delete(resolve);
        resolve();
      };
      this.#writing.add(resolve);
      // One that never began or has just ended tells so itself.
      if (this.#child.connected) this.#child.send(order, done);
      return undefined;
    });
  }

  #told(message: LoadAnswer<Facts> | Answer): void {
    if (this.#state === 'over') return;
    if (this.#state === 'ready') {
      this.#options.answered(message as Answer);
      return;
    }
    const answer = message as LoadAnswer<Facts>;
    if (answer.said === 'broken') {
      this.#lose(this.#problem(answer));
      return;
    }
    this.#state = 'ready';
    this.#printed = '';
    this.unwatch();
    this.#options.ready(answer.facts);
  }

  #died(reason: string): void {
    const { who } = this.#options;
    if (this.#state === 'loading') {
      const debug = `${reason} ${this.#printed}`.trim();
      this.#lose(new TalkError('library/init', `The model of the ${who} cannot be loaded.`, { debug }));
    } else {
      const message = `The process of the ${who} has ended.`;
      this.#lose(new TalkError('library/failed', message, { debug: reason, retryable: true }));
    }
  }

  #lose(error: TalkError): void {
    if (this.#state === 'over') return;
    const loaded = this.#state === 'ready';
    void this.end();
    this.#options.lost(error, loaded);
  }

  #problem({ missing, message }: Extract<LoadAnswer<Facts>, { said: 'broken' }>): TalkError {
    const { who } = this.#options;
    return missing
      ? new TalkError(
          'core/missing-element',
          `The ${who} needs the npm package sherpa-onnx-node: npm install sherpa-onnx-node.`,
          { debug: message, details: { missing: ['sherpa-onnx-node'] } },
        )
      : new TalkError('library/init', `The model of the ${who} cannot be loaded.`, { debug: message });
  }
}
