import type { OnLoad } from './loading.js';
import type { Manifest } from './manifest.js';
import type { Net } from './net.js';

/** How a model is to be run. */
export interface LoadOptions {
  /** Execution providers in order of preference, e.g. ['cuda', 'cpu']. */
  readonly providers?: readonly Provider[];
  /** Outputs to compute; default all the manifest names. */
  readonly outputs?: readonly string[];
  /**
   * Module whose default export is a `Finish`: what is made of every row before it leaves the inference thread, so that
   * pixels are not the JS thread's work. It is imported there, so it and what it imports must be small.
   */
  readonly finish?: URL;
  /** Called while it is loaded, also by somebody else; not at all when it is there. */
  readonly progress?: OnLoad;
}

/** Execution providers that can be asked for. */
export const PROVIDERS = ['cuda', 'tensorrt', 'webgpu', 'cpu'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** One row of work: what the model needs for one video frame of one session. */
export interface InferenceRequest {
  /** One row per input, without the batch dimension; copied before `infer` returns. */
  readonly inputs: Readonly<Record<string, Float32Array | Uint8Array>>;
  /**
   * Memory for what `finish` makes, taken away when the work starts: a result that is used up, so that none becomes
   * garbage (100 KB a picture make V8 collect all of its heap once a second).
   */
  readonly into?: Uint8Array<ArrayBuffer> | undefined;
  /** When the result is wanted, in ms of `performance.now()`; absent = no hurry, after all that have one. */
  readonly deadline?: number;
  /** Asked right before the work would start; true drops it, because its moment has passed. */
  readonly expired?: () => boolean;
  /** The largest batch this row may share; default the model's own. 1 keeps results independent of others. */
  readonly batch?: number;
  /** Drops the work when it is still queued, and its result otherwise. */
  readonly signal?: AbortSignal;
}

/** One row per output that was asked for, without the batch dimension. */
export type InferenceResult = Readonly<Record<string, Float32Array | Uint8Array>>;

/**
 * Makes of one row's outputs what the requester wants, in memory of its own: in `into` when that is as large as needed.
 * Throws when the outputs do not fit.
 */
export type Finish = (
  manifest: Manifest,
  outputs: InferenceResult,
  into: Uint8Array<ArrayBuffer> | undefined,
) => Uint8Array<ArrayBuffer>;

/** What timing a model at load gave. */
export interface Timing {
  /** One row on one worker, in ms. */
  readonly median: number;
  /** 99 % of runs took no longer, in ms (the worst of few). */
  readonly p99: number;
  /** Rows a second with all workers busy. */
  readonly rows: number;
}

/** A model that is ready to run; `R` is what a row gives, `M` what is known of it. */
export interface LoadedModel<R = InferenceResult, M extends Net = Manifest> {
  readonly manifest: M;
  readonly provider: Provider;
  /** Why this provider and no other, one sentence for the log. */
  readonly reason: string;
  readonly timing: Timing;
  /** Who speaks with it at the moment, in all sessions, and shares its rows: whoever does adds itself and goes again. */
  readonly speakers: Set<object>;
  /**
   * Runs one row. Rejects with the signal's reason when aborted, and with TalkError resource/busy (queue full, or
   * expired), library/failed (the worker died), library/shutdown (closed).
   */
  infer(request: InferenceRequest): Promise<R>;
}

/** Counts since the start of the process. */
export interface EngineCounts {
  readonly done: number;
  readonly batches: number;
  /** Batches by the number of their rows. */
  readonly sizes: ReadonlyMap<number, number>;
  /** Dropped because their moment had passed. */
  readonly expired: number;
  /** Refused because the queue was full. */
  readonly refused: number;
  /** Workers that died. */
  readonly crashes: number;
}

/**
 * Runs models for everybody in the process. The pool of worker threads is one; a client of a remote inference
 * server can be another: nothing outside this folder knows which it is.
 */
export interface InferenceEngine {
  /**
   * Makes a model ready, once, however many ask. Weights are loaded, warmed up and timed.
   * @throws TalkError resource/not-found, resource/read, library/init
   */
  load(
    manifest: Manifest,
    options: LoadOptions & { readonly finish: URL },
  ): Promise<LoadedModel<Uint8Array<ArrayBuffer>>>;
  load<M extends Net>(manifest: M, options?: LoadOptions): Promise<LoadedModel<InferenceResult, M>>;
  /**
   * Whoever loaded a model does not use it any more. It stays loaded for those who come, unless nobody has it and it is to
   * be forgotten: then its weights go.
   */
  release(model: LoadedModel<unknown, Net>, forget?: boolean): void;
  readonly counts: EngineCounts;
  /** Ends all work: what is pending rejects with library/shutdown. */
  close(): Promise<void>;
}
