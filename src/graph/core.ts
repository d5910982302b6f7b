/**
 * What a pipeline and its handles share: the native pipeline, the functions C++ calls by number, and the way from a
 * native value to a handle.
 */
import { TalkError } from '../element/error.js';
import type { NativeHandle, NativePipeline } from '../native/pipeline.js';

/** Called by C++ for one connection: signal arguments, samples, or nothing for an appsrc that wants data. */
export type Listener = (kind: string, payload: unknown) => unknown;

export interface Core {
  readonly name: string;
  /** The native pipeline; throws `core/state-change` once the pipeline is closed. */
  native(): NativePipeline;
  readonly closed: boolean;
  /** Numbers a listener, so that C++ can call it. It is kept alive by the pipeline, not by C++. */
  listen(listener: Listener): number;
  forget(id: number): void;
  /** Runs author's code that C++ asked for: what it throws becomes an 'error' event of the pipeline. */
  guard<T>(element: string, work: () => T): T | undefined;
  warn(warning: TalkError): void;
  /** Runs when the pipeline stops or closes, so that nothing waits on for it. Returns how to take that back. */
  onStop(work: () => void): () => void;
  /** Externals inside a native value as handles; everything else as it is. */
  wrap(value: unknown): unknown;
  handle(raw: NativeHandle): ObjectLike;
}

/** The part of a handle that others need; breaks the import cycle between handles and the core. */
export interface ObjectLike {
  readonly raw: NativeHandle;
}

/** The error of everything asked of a closed pipeline. */
export function closedError(name: string): TalkError {
  return new TalkError('core/state-change', `The pipeline "${name}" is closed.`);
}

/** The error of a handle whose element or pad has left the pipeline. */
export function goneError(path: string): TalkError {
  return new TalkError('resource/not-found', `"${path}" is not in the pipeline any more.`, { element: path });
}

/** A native promise whose only rejection, a full control queue, becomes `resource/busy`. */
export async function asked<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw new TalkError('resource/busy', 'Too much is asked of the pipeline at once.', {
      retryable: true,
      cause: error,
    });
  }
}
