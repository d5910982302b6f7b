/**
 * The pipeline half of the addon, as it is: externals, numbers and raw objects. Types only; `src/graph` makes it
 * pleasant. Functions that take a pipeline throw once it is closed.
 */

/** A running pipeline (native/pipeline.h). Collected without `pipelineClose`, it is taken down on its own thread. */
export type NativePipeline = { readonly native: unique symbol };
/** A weak reference to an element, pad or other GObject, or an opaque copy of a boxed value (native/handle.h). */
export type NativeHandle = { readonly handle: unique symbol };
/** A pad that is held still (native/pads.cc). */
export type NativeBlock = { readonly block: unique symbol };

/** Counts what passes a pad (native/meter.cc). */
export type NativeMeter = { readonly meter: unique symbol };

export type RawFields = Record<string, unknown>;

/** What a parse refused. */
export interface RawError {
  domain: string;
  code: number;
  message: string;
  missing: string[];
}

export interface RawReport {
  type: 'error' | 'warning' | 'info';
  element: string;
  domain: string;
  code: number;
  message: string;
  debug?: string;
  details?: RawFields;
}

/** Messages as they leave the bus (native/bus.cc). Times are ns; `element` is the path of the source. */
export type RawMessage =
  | RawReport
  | { type: 'eos' | 'async-done' | 'stream-start' | 'segment-done' | 'duration'; element: string }
  | { type: 'state'; element: string; from: number; to: number; pending: number }
  | { type: 'latency'; live: boolean; min: number; max?: number }
  | { type: 'tag'; element: string; tags: RawFields }
  | { type: 'buffering'; element: string; percent: number }
  | { type: 'progress'; element: string; kind: string; code: string; text: string }
  | {
      type: 'qos';
      element: string;
      live: boolean;
      runningTime?: number;
      streamTime?: number;
      timestamp?: number;
      duration?: number;
      jitter: number;
      proportion: number;
      processed?: number;
      dropped?: number;
    }
  | { type: 'element'; element: string; name: string; fields: RawFields }
  | { type: 'property'; element: string; name: string; value?: unknown };

/** How C++ calls back: messages, signals (`ask` wants an answer), samples, and an appsrc that wants data. */
export type Dispatch = (
  kind: 'messages' | 'signal' | 'ask' | 'samples' | 'need',
  id: number,
  payload: unknown,
) => unknown;

/** The answer to a property access: 'ok' or the reason why not. */
export interface PropertyResult {
  status: 'ok' | 'gone' | 'missing' | 'unreadable' | 'readonly' | 'construct-only' | 'expected';
  value?: unknown;
  expected?: string;
}

export interface EmitResult {
  status: 'ok' | 'gone' | 'missing' | 'not-an-action' | 'expected';
  expected?: string;
  /** Which argument was wrong. */
  index?: number;
  value?: unknown;
  /** Set when the signal answers by a GstPromise. */
  reply?: Promise<{ replied: boolean; fields: RawFields }>;
  later?: Promise<EmitResult>;
}

export interface RawInfo {
  kind: 'element' | 'pad' | 'object';
  type: string;
  name?: string;
  path?: string;
  factory?: string;
}

export interface RawPad {
  name: string;
  direction: 'src' | 'sink';
  template?: string;
  presence?: 'always' | 'sometimes' | 'request';
  caps: string | null;
  peer: NativeHandle | null;
}

export interface RawSample {
  data: Uint8Array;
  pts?: number;
  dts?: number;
  duration?: number;
  runningTime?: number;
  gap?: boolean;
  discont?: boolean;
  header?: boolean;
  delta?: boolean;
  marker?: boolean;
  corrupted?: boolean;
  caps: { name: string; features?: string; fields: RawFields } | null;
}

export interface Census {
  pipelines: number;
  handles: number;
  signals: number;
  taps: number;
  controlThreads: number;
  controlJobs: number;
}

export interface PipelineNative {
  pipelineLaunch(
    line: string,
    name: string | undefined,
    clock: 'system' | 'test',
    dispatch: Dispatch,
  ): { pipeline: NativePipeline; error?: undefined } | { error: RawError; pipeline?: undefined };
  pipelineSetState(
    pipeline: NativePipeline,
    state: number,
  ): Promise<{ result: 'success' | 'async' | 'no-preroll' | 'failure'; culprit?: string }>;
  pipelineClose(pipeline: NativePipeline): Promise<void>;
  pipelineUnref(pipeline: NativePipeline, unref: boolean): void;
  pipelineEos(pipeline: NativePipeline): Promise<boolean>;
  /** `async`: the sinks preroll again and `async-done` number `asyncDone + 1` will tell. */
  pipelineSeek(
    pipeline: NativePipeline,
    rate: number,
    flags: number,
    start: number,
    stop: number | undefined,
  ): Promise<{ done: boolean; async: boolean; asyncDone: number }>;
  pipelinePosition(pipeline: NativePipeline): number | undefined;
  pipelineDuration(pipeline: NativePipeline): number | undefined;
  pipelineLatency(pipeline: NativePipeline): { live: boolean; min: number; max?: number } | undefined;
  pipelineDot(pipeline: NativePipeline, details: number): string;
  pipelineTimes(pipeline: NativePipeline): { base?: number; running?: number };
  pipelineWatchProperties(pipeline: NativePipeline): void;
  pipelineHandle(pipeline: NativePipeline): NativeHandle;
  census(): Census;

  clockInfo(pipeline: NativePipeline): { name: string; type: string; test: boolean; time: number } | null;
  clockSet(pipeline: NativePipeline, time: number): boolean;
  clockWaiting(pipeline: NativePipeline): number;
  clockNext(pipeline: NativePipeline): number | undefined;
  clockWait(pipeline: NativePipeline, count: number, process: boolean): Promise<number | undefined>;

  objectKind(handle: NativeHandle): 'element' | 'pad' | 'object' | 'boxed' | 'gone';
  objectInfo(handle: NativeHandle): RawInfo | null;
  objectGet(handle: NativeHandle, property: string): PropertyResult;
  objectSet(handle: NativeHandle, property: string, value: unknown): PropertyResult;
  objectSetText(handle: NativeHandle, property: string, text: string): PropertyResult;
  objectProperties(handle: NativeHandle): string[];
  objectChildren(handle: NativeHandle, recurse: boolean): NativeHandle[];
  objectChild(handle: NativeHandle, path: string): NativeHandle | null;
  objectParent(handle: NativeHandle): NativeHandle | null;
  objectPads(handle: NativeHandle): NativeHandle[];
  elementState(handle: NativeHandle): { state: number; pending: number } | null;

  signalConnect(
    pipeline: NativePipeline,
    handle: NativeHandle,
    signal: string,
    id: number,
    wait: boolean,
  ): number;
  signalDisconnect(handle: NativeHandle, handler: number): void;
  signalEmit(handle: NativeHandle, signal: string, args: readonly unknown[]): EmitResult;
  signalEmitAsync(handle: NativeHandle, signal: string, args: readonly unknown[]): EmitResult;

  samplesListen(
    pipeline: NativePipeline,
    sink: NativeHandle,
    id: number,
    limit: number,
    wait: boolean,
  ): boolean;
  samplesIgnore(sink: NativeHandle): void;
  feedOpen(pipeline: NativePipeline, src: NativeHandle, id: number, limit: number): boolean;
  feedPush(
    src: NativeHandle,
    frame: unknown,
  ): { flow?: 'ok' | 'flushing' | 'eos'; full?: boolean; expected?: string } | null;
  feedEnd(src: NativeHandle): 'ok' | 'flushing' | 'eos' | null;

  editAdd(
    pipeline: NativePipeline,
    bin: NativeHandle | null,
    fragment: string,
  ): { element: NativeHandle; error?: undefined } | { error: RawError; element?: undefined };
  editSync(pipeline: NativePipeline, element: NativeHandle): Promise<boolean>;
  editState(pipeline: NativePipeline, element: NativeHandle, state: number): Promise<boolean>;
  editRemove(pipeline: NativePipeline, element: NativeHandle): Promise<boolean>;
  elementLink(
    from: NativeHandle,
    to: NativeHandle,
    fromPad: string | undefined,
    toPad: string | undefined,
    caps: string | undefined,
  ): true | string;

  padInfo(pad: NativeHandle): RawPad | null;
  padGet(element: NativeHandle, name: string): NativeHandle | null;
  padRequest(element: NativeHandle, template: string): NativeHandle | null;
  padRelease(pipeline: NativePipeline, pad: NativeHandle): Promise<boolean>;
  padLink(from: NativeHandle, to: NativeHandle): string;
  padUnlink(pad: NativeHandle): boolean;
  padBlock(
    pad: NativeHandle,
    kind: 'idle' | 'block',
  ): { block: NativeBlock; blocked: Promise<boolean> } | null;
  padUnblock(block: NativeBlock): void;

  /** Null when the pad is gone. */
  meterOpen(pad: NativeHandle): NativeMeter | null;
  /** Since it was opened; `ages` of the last buffers, ns behind the clock, in no order. */
  meterRead(meter: NativeMeter): { buffers: number; bytes: number; gaps: number; ages: number[] };
  meterClose(meter: NativeMeter): void;

  eventSend(
    pipeline: NativePipeline,
    target: NativeHandle,
    name: string,
    fields: RawFields,
    direction: 'up' | 'down',
    oob: boolean,
    sticky: boolean,
  ): Promise<boolean> | { expected: string };
  eventKeyUnit(
    pipeline: NativePipeline,
    pad: NativeHandle,
    allHeaders: boolean,
    count: number,
  ): Promise<boolean>;
  eventFlush(pipeline: NativePipeline, target: NativeHandle, resetTime: boolean): Promise<boolean>;
  eventEos(pipeline: NativePipeline, target: NativeHandle): Promise<boolean>;
}
