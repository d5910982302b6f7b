/**
 * The program espeak-ng: what it prints, as it prints it.
 *
 * Text goes in by standard input, never by an argument, which every user of the machine could read. The program gets no more of the
 * environment than it needs: keys of services are none of its business. It is ended with SIGKILL in the turn in which nobody
 * wants the rest, and however it ends, its end is waited for by `closed`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { TalkError } from '../../element/error.js';
import { BoundedQueue } from '../../element/queue.js';

/** Bytes one run may print: 12 minutes of speech. A sentence has 25 s. */
const LARGEST = 32 << 20;
/** Of what it says went wrong. */
const LONGEST = 400;
/** ms for which it may print nothing. */
const PATIENCE = 10_000;

const running = new Set<Run>();

/** One run of the program. Iterate it for what it prints. */
export class Run implements AsyncIterable<Uint8Array> {
  readonly closed: Promise<void>;
  readonly #child: ChildProcess;
  /** Holds one sentence at most, so its limit is that of what may be printed: a slow listener must not keep others from running. */
  readonly #bytes = new BoundedQueue<Uint8Array>(Number.POSITIVE_INFINITY);
  #printed = 0;
  #complaint = '';
  readonly #watchdog: NodeJS.Timeout;

  /** @param patience ms for which it may print nothing */
  constructor(program: string, args: readonly string[], input = '', patience = PATIENCE) {
    const { PATH, ESPEAK_DATA_PATH } = process.env;
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH, LC_ALL: 'C.UTF-8', ...(ESPEAK_DATA_PATH !== undefined && { ESPEAK_DATA_PATH }) },
    });
    running.add(this);
    this.#watchdog = setTimeout(() => {
      const message = `The program espeak-ng said nothing for ${patience / 1000} s.`;
      this.fail(new TalkError('library/failed', message, { retryable: true }));
    }, patience).unref();
    const { stdin, stdout, stderr } = this.#child;
    stdout?.on('data', (part: Buffer) => this.#take(part));
    stderr?.on('data', (part: Buffer) => {
      this.#complaint = `${this.#complaint}${part}`.slice(0, LONGEST);
    });
    // It may have gone before it read everything; its end says why.
    stdin?.on('error', () => undefined);
    stdin?.end(input);
    this.closed = new Promise((resolve) => {
      const gone = (): void => {
        clearTimeout(this.#watchdog);
        running.delete(this);
        resolve();
      };
      this.#child.once('error', (cause) => {
        this.#bytes.fail(notThere(program, cause));
        // A program that never ran has no end of its own.
        if (this.#child.pid === undefined) gone();
      });
      this.#child.once('close', (status, signal) => {
        if (status === 0) this.#bytes.end();
        else this.#bytes.fail(this.#failed(status, signal));
        gone();
      });
    });
  }

  /** Ends it now; what it printed and nobody read is dropped. */
  stop(): void {
    this.#bytes.close();
    this.#kill();
  }

  /** Ends it, and whoever reads gets this error. */
  fail(error: TalkError): void {
    this.#bytes.fail(error);
    this.#kill();
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#bytes[Symbol.asyncIterator]();
  }

  #kill(): void {
    const { stdin, stdout, stderr } = this.#child;
    this.#child.kill('SIGKILL');
    // Whatever it has started may hold the other ends open.
    for (const stream of [stdin, stdout, stderr]) stream?.destroy();
  }

  #take(part: Buffer): void {
    this.#watchdog.refresh();
    this.#printed += part.length;
    if (this.#printed <= LARGEST) void this.#bytes.push(part, 0);
    else
      this.fail(
        new TalkError('resource/quota', `Expected at most ${LARGEST >> 20} MB of a sentence from espeak-ng.`),
      );
  }

  #failed(status: number | null, signal: NodeJS.Signals | null): TalkError {
    const end = signal === null ? `status ${status}` : `signal ${signal}`;
    return new TalkError('library/failed', `The program espeak-ng ended with ${end}.`, {
      retryable: signal !== null,
      debug: this.#complaint.trim(),
    });
  }
}

/** Ends all that run and waits until they have. */
export async function endAll(error: TalkError): Promise<void> {
  const all = [...running];
  for (const run of all) run.fail(error);
  await Promise.all(all.map(({ closed }) => closed));
}

/** Everything a run prints, as text. Throws TalkError. */
export async function printed(program: string, args: readonly string[]): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of new Run(program, args)) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** Whether there is such a program: a path, or a name in PATH. */
export function isThere(program: string): boolean {
  const folders = program.includes('/') ? [''] : (process.env['PATH'] ?? '').split(':').filter(Boolean);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What to do where there is none. */
export const CURE =
  'The voice espeak needs the program espeak-ng: sudo apt-get install espeak-ng, or name it in ESPEAK_PROGRAM.';

function notThere(program: string, cause: NodeJS.ErrnoException): TalkError {
  if (cause.code === 'ENOENT' || cause.code === 'EACCES')
    return new TalkError('core/missing-element', CURE, { cause, details: { missing: [program] } });
  return new TalkError('library/init', 'The program espeak-ng cannot be started.', {
    cause,
    retryable: cause.code === 'EAGAIN' || cause.code === 'EMFILE',
    debug: String(cause),
  });
}
