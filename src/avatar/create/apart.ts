/**
 * Making an avatar in a process of its own: it takes both cores for half a minute and some hundred megabytes, which a server
 * with people talking on it cannot spare. That process steps back for the others, and its end gives everything back.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { type ErrorCode, TalkError } from '../../element/error.js';
import type { Created, CreateOptions, CreateProgress } from './options.js';

/** How the process is to make it. */
export interface ApartOptions extends CreateOptions {
  /** A model that paints in latents: they are made, too. */
  readonly latents?: string;
}

/** What the process is told. */
export type Order = Omit<ApartOptions, 'signal' | 'progress'>;

/** What it answers. */
export type Answer =
  | { readonly told: 'progress'; readonly progress: CreateProgress }
  | { readonly told: 'made'; readonly made: Created }
  | {
      readonly told: 'failed';
      readonly message: string;
      /** Of a TalkError. */
      readonly code?: ErrorCode;
      readonly details?: TalkError['details'];
    };

/** How long a process that was told to end may clean up, ms. */
const PATIENCE = 5000;

/** The same as `createAvatar`. @throws also library/failed when the process dies */
export function createApart({ signal, progress, ...order }: ApartOptions): Promise<Created> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = fork(new URL('./process.js', import.meta.url), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    let timer: NodeJS.Timeout | undefined;
    let result: (() => void) | undefined;
    const stop = () => {
      timer = end(child);
    };
    signal?.addEventListener('abort', stop, { once: true });
    child.on('message', (answer: Answer) => {
      if (answer.told === 'progress') return progress?.(answer.progress);
      result = answer.told === 'made' ? () => resolve(answer.made) : () => reject(errorOf(answer));
      return undefined;
    });
    child.once('error', (cause) => {
      result ??= () =>
        reject(new TalkError('library/failed', 'The avatar cannot be made: no process starts.', { cause }));
    });
    child.once('close', (code, killed) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) return reject(signal.reason);
      if (result !== undefined) return result();
      const how = killed === null ? `with ${code}` : `by ${killed}`;
      return reject(new TalkError('library/failed', `The process that made the avatar ended ${how}.`));
    });
    child.send(order satisfies Order);
  });
}

function end(child: ChildProcess): NodeJS.Timeout {
  child.kill('SIGTERM');
  return setTimeout(() => child.kill('SIGKILL'), PATIENCE);
}

function errorOf({ message, code, details = {} }: Extract<Answer, { told: 'failed' }>): Error {
  return code === undefined ? new Error(message) : new TalkError(code, message, { details });
}
