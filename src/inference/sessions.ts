import ort from 'onnxruntime-node';
import type { Provider } from './engine.js';
import type { Net } from './net.js';

/**
 * The files that an inference thread has open: one copy of the weights for each file and provider, however many models, or
 * lengths of input, it serves.
 */
export class Sessions {
  readonly #open = new Map<string, Promise<ort.InferenceSession>>();
  readonly #wanted: (session: ort.InferenceSession) => boolean;

  /** @param wanted whether a model has a session */
  constructor(wanted: (session: ort.InferenceSession) => boolean) {
    this.#wanted = wanted;
  }

  /** Opens all files of a net, in order. @throws what ONNX Runtime says */
  async open(
    { path, next = [] }: Pick<Net, 'path' | 'next'>,
    threads: number,
    provider: Provider,
  ): Promise<readonly ort.InferenceSession[]> {
    const opened: ort.InferenceSession[] = [];
    try {
      for (const file of [path, ...next.map((step) => step.path)]) {
        opened.push(await this.#file(file, threads, provider));
      }
      return opened;
    } catch (error) {
      await this.letGo(opened);
      throw error;
    }
  }

  /** Ends those that no model has. */
  async letGo(those: readonly ort.InferenceSession[]): Promise<void> {
    for (const session of new Set(those)) {
      if (this.#wanted(session)) continue;
      for (const [key, one] of this.#open) if ((await one) === session) this.#open.delete(key);
      await session.release();
    }
  }

  async close(): Promise<void> {
    for (const session of this.#open.values()) await (await session).release();
    this.#open.clear();
  }

  #file(path: string, threads: number, provider: Provider): Promise<ort.InferenceSession> {
    const key = `${provider} ${threads} ${path}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const opening = create(path, threads, provider);
    this.#open.set(key, opening);
    opening.catch(() => this.#open.delete(key));
    return opening;
  }
}

async function create(path: string, threads: number, provider: Provider): Promise<ort.InferenceSession> {
  const there = ort.listSupportedBackends().map(({ name }) => name);
  if (provider !== 'cpu' && !there.includes(provider)) {
    throw new Error(`not part of this build of onnxruntime (${there.join(', ')})`);
  }
  return ort.InferenceSession.create(path, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors come as exceptions; warnings about nodes placed on the CPU say nothing a user can act on.
    logSeverityLevel: 3,
  });
}
