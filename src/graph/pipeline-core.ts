/** The core behind a pipeline's handles. */
import type { TalkError } from '../element/error.js';
import type { NativeHandle, NativePipeline } from '../native/pipeline.js';
import { native } from '../native.js';
import { type Core, closedError, type Listener } from './core.js';
import { listenerError } from './errors.js';
import type { ObjectHandle } from './object.js';
import { wrapHandle, wrapValue } from './wrap.js';

/** How the core reaches the pipeline's listeners. */
interface Ears {
  readonly fail: (error: TalkError) => void;
  readonly warn: (warning: TalkError) => void;
}

export class PipelineCore implements Core {
  readonly #native: NativePipeline;
  readonly #ears: Ears;
  readonly #listeners = new Map<number, Listener>();
  readonly #onStop = new Set<() => void>();
  readonly name: string;
  #lastId = 0;
  #closed = false;

  constructor(pipeline: NativePipeline, ears: Ears) {
    this.#native = pipeline;
    this.#ears = ears;
    this.name = native.objectInfo(native.pipelineHandle(pipeline))?.name ?? 'pipeline';
  }

  get closed(): boolean {
    return this.#closed;
  }

  native(): NativePipeline {
    if (this.#closed) throw closedError(this.name);
    return this.#native;
  }

  listen(listener: Listener): number {
    this.#listeners.set(++this.#lastId, listener);
    return this.#lastId;
  }

  forget(id: number): void {
    this.#listeners.delete(id);
  }

  /** C++ calls a listener by number; one that was forgotten meanwhile hears nothing. */
  call(id: number, kind: string, payload: unknown): unknown {
    return this.#listeners.get(id)?.(kind, payload);
  }

  guard<T>(element: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (thrown) {
      this.#ears.fail(listenerError(element, thrown));
      return undefined;
    }
  }

  warn(warning: TalkError): void {
    this.#ears.warn(warning);
  }

  onStop(work: () => void): () => void {
    this.#onStop.add(work);
    return () => this.#onStop.delete(work);
  }

  /** The pipeline is being stopped: nobody waits on. */
  stopped(): void {
    for (const work of this.#onStop) work();
  }

  async close(): Promise<void> {
    const closing = native.pipelineClose(this.native());
    this.#closed = true;
    this.#listeners.clear();
    await closing;
    this.#onStop.clear();
  }

  wrap(value: unknown): unknown {
    return wrapValue(this, value);
  }

  handle(raw: NativeHandle): ObjectHandle {
    return wrapHandle(this, raw);
  }
}
