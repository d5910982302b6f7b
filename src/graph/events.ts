/** What a pipeline tells its listeners. All times are ns of the pipeline's running time unless said otherwise. */
import type { TalkError } from '../element/error.js';

/** GStreamer's four states, lower case. */
export type State = 'null' | 'ready' | 'paused' | 'playing';

export interface StateChange {
  readonly state: State;
  readonly previous: State;
  /** Where it is going next; undefined when it has arrived. */
  readonly pending?: State;
}

/** The answer to a LATENCY query. */
export interface Latency {
  /** Something in the pipeline produces data by a clock. */
  readonly live: boolean;
  /** What every sink waits so that the slowest branch is in time. */
  readonly min: number;
  /** What the pipeline can buffer at most; undefined when nothing limits it. */
  readonly max?: number;
}

/** A word from an element: what `this.post(name, fields)` sends, and every element message of stock elements. */
export interface Mark {
  readonly name: string;
  /** Path of the element inside the pipeline, as `say` or `out/mux`. */
  readonly element: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Tags {
  readonly element: string;
  readonly tags: Readonly<Record<string, unknown>>;
}

export interface Progress {
  readonly element: string;
  readonly kind: 'start' | 'continue' | 'complete' | 'canceled' | 'error';
  readonly code: string;
  readonly text: string;
}

export interface Buffering {
  readonly element: string;
  readonly percent: number;
}

/** A sink or encoder that could not keep up. */
export interface Qos {
  readonly element: string;
  readonly live: boolean;
  readonly runningTime?: number;
  readonly streamTime?: number;
  readonly timestamp?: number;
  readonly duration?: number;
  /** How late it was (negative: early). */
  readonly jitter: number;
  /** Long-term share of real time that is needed; above 1 is too slow. */
  readonly proportion: number;
  /** Buffers since the start. */
  readonly processed?: number;
  readonly dropped?: number;
}

export interface PropertyChange {
  readonly element: string;
  readonly name: string;
  readonly value: unknown;
}

/** Listeners by event. A type and not an interface, because `typed-emitter` asks for an index signature. */
export type PipelineEvents = {
  /** An element gave up, or one of your own listeners threw. The pipeline goes on until you stop it. */
  error: (error: TalkError) => void;
  warning: (warning: TalkError) => void;
  info: (info: TalkError) => void;
  /** All sinks have rendered their last buffer. */
  eos: () => void;
  /** The pipeline's own state; its elements' states are not told. */
  state: (change: StateChange) => void;
  /** After the pipeline starts to play and whenever an element changes its latency. */
  latency: (latency: Latency) => void;
  tag: (tags: Tags) => void;
  mark: (mark: Mark) => void;
  qos: (qos: Qos) => void;
  progress: (progress: Progress) => void;
  buffering: (buffering: Buffering) => void;
  /** Only after `watchProperties()`. */
  property: (change: PropertyChange) => void;
  /** The first data of the (next) stream reached all sinks. */
  'stream-start': () => void;
  /** A seek with `segment` played to its end. */
  'segment-done': () => void;
  /** `duration()` has another answer than before. */
  duration: () => void;
  /** The JS thread was too busy and this many marks, tags, QoS, progress or property messages were dropped. */
  dropped: (messages: number) => void;
  /** Everything is released; the last event. */
  close: () => void;
};
