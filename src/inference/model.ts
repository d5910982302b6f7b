import type { InferenceRequest, LoadedModel, Provider, Timing } from './engine.js';
import type { Net } from './net.js';
import { holdsBytes, type Numbers, numbersIn, rowOf, type Tensor } from './protocol.js';
import type { Thread } from './thread.js';

/** Rows a batch may have: a net is planned anew for each size it meets, so there are few. */
const BUCKETS = [1, 2, 4, 8, 16, 32, 64] as const;
const LARGEST = 64;
/** What a batch holds on a GPU unless a request says otherwise. */
const USUAL = 16;
/** Timing at load: so many runs, or as many as fit into this time, but at least three; of long ones, one. */
const TIMED_RUNS = 60;
const TIMED_MS = 400;
/** A run that takes this long is timed once: what else the machine does averages out in it. */
const LONG_MS = 2000;
/** Spent batches kept for the next one. */
const SPARE = 16;

/** How the pool runs it. */
export interface Running {
  readonly providers: readonly Provider[];
  readonly outputs: readonly string[];
  /** Module that finishes rows. */
  readonly finish: URL | undefined;
}

/** A model in the pool: its copies in the threads, its batches, its times. `R` is what a row gives. */
export class PooledModel<R = unknown, M extends Net = Net> implements LoadedModel<R, M> {
  readonly key: string;
  readonly manifest: M;
  provider: Provider = 'cpu';
  reason = '';
  timing: Timing = { median: 0, p99: 0, rows: 0 };
  readonly speakers = new Set<object>();
  /** Cores that one row is computed by. */
  cores = 1;

  readonly #running: Running;
  readonly #infer: (model: PooledModel<R, M>, request: InferenceRequest) => Promise<R>;
  readonly #spare: (readonly Tensor[])[] = [];
  /** Time of the last runs by batch size, in ms, smoothed. */
  readonly #took = new Map<number, number>();

  constructor(
    key: string,
    manifest: M,
    running: Running,
    infer: (model: PooledModel<R, M>, request: InferenceRequest) => Promise<R>,
  ) {
    this.key = key;
    this.manifest = manifest;
    this.#running = running;
    this.#infer = infer;
  }

  /**
   * Rows of a batch unless a request says otherwise. On a CPU batches gain little (8.5 ms a row alone, 6.2 of four),
   * and alone a row's result cannot depend on its company (in batches it differs by up to 5e-6, which now and then
   * is the next colour level): a replay would not show the same bytes.
   */
  get batch(): number {
    return this.provider === 'cpu' ? 1 : USUAL;
  }

  infer(request: InferenceRequest): Promise<R> {
    for (const [name, shape] of Object.entries(this.manifest.inputs)) {
      const length = numbersIn(shape);
      if (request.inputs[name]?.length !== length) {
        throw new TypeError(
          `Expected ${length} numbers for ${name} but received ${request.inputs[name]?.length}.`,
        );
      }
    }
    return this.#infer(this, request);
  }

  /** Loads the model in a thread. */
  async open(thread: Thread): Promise<void> {
    const { providers, outputs, finish } = this.#running;
    const answer = await thread.order({
      do: 'load',
      key: this.key,
      manifest: this.manifest,
      // What the first thread found is what all take, so that results do not depend on the thread.
      providers: this.reason === '' ? providers : [this.provider],
      threads: this.cores,
      outputs,
      ...(finish === undefined ? {} : { finish: finish.href }),
    });
    if (this.reason === '') {
      this.provider = answer.provider;
      this.reason = answer.reason;
    }
    thread.keys.add(this.key);
  }

  /** Warms all threads up and times one of them. */
  async time(threads: readonly [Thread, ...Thread[]]): Promise<void> {
    const inputs = Object.fromEntries(
      Object.entries(this.manifest.inputs).map(([name, shape]) => [
        name,
        this.#numbers(name, numbersIn(shape)),
      ]),
    );
    await Promise.all(threads.map((thread) => this.run(thread, [{ inputs }])));
    const times: number[] = [];
    const until = performance.now() + TIMED_MS;
    const enough = () =>
      (times[0] ?? 0) > LONG_MS ||
      (times.length >= 3 && (times.length >= TIMED_RUNS || performance.now() >= until));
    while (!enough()) {
      const started = performance.now();
      await this.run(threads[0], [{ inputs }]);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)] ?? 0;
    // Of many runs the one that something else on the machine interrupted is left out, of few none can be spared.
    const p99 = times[times.length < 20 ? times.length - 1 : Math.floor(times.length * 0.99) - 1] ?? 0;
    this.timing = { median, p99, rows: (1000 * threads.length) / median };
    this.#took.clear();
    this.#took.set(1, median);
  }

  /** How many of `wanted` rows one batch should hold so that it is done within `left` ms; at least 1. */
  fitting(wanted: number, left: number): number {
    let rows = Math.min(wanted, this.manifest.batch ?? LARGEST);
    while (rows > 1 && this.#estimate(rows) > left) rows = bucket(rows) / 2;
    return Math.max(1, Math.floor(rows));
  }

  /** Runs one batch on a thread that has the model. */
  async run(thread: Thread, rows: readonly InferenceRequest[]): Promise<R[]> {
    const inputs = this.#fill(rows);
    const intos = rows.map(({ into }) => into);
    const lent = intos.flatMap((into) => (into === undefined ? [] : [into.buffer]));
    const answer = await thread.order({ do: 'run', key: this.key, inputs, rows: intos }, [
      ...inputs.map(({ data }) => data.buffer),
      ...lent,
    ]);
    if (this.#spare.length < SPARE) this.#spare.push(answer.inputs);
    const count = bucket(rows.length);
    const before = this.#took.get(count);
    this.#took.set(count, before === undefined ? answer.took : 0.8 * before + 0.2 * answer.took);
    if (this.#running.finish !== undefined) return answer.outputs as readonly unknown[] as R[];
    return rows.map((_, i) => rowOf(answer.outputs as readonly Tensor[], i, count) as R);
  }

  /** Puts rows side by side into batch memory; the rest of the bucket stays what it was, nobody reads its result. */
  #fill(rows: readonly InferenceRequest[]): readonly Tensor[] {
    const count = bucket(rows.length);
    const at = this.#spare.findIndex((tensors) => tensors[0]?.dims[0] === count);
    const tensors = (at < 0 ? undefined : this.#spare.splice(at, 1)[0]) ?? this.#make(count);
    for (const { name, data } of tensors) {
      const length = data.length / count;
      for (const [i, { inputs }] of rows.entries()) data.set(inputs[name] ?? [], i * length);
    }
    return tensors;
  }

  #make(count: number): Tensor[] {
    return Object.entries(this.manifest.inputs).map(([name, shape]) => ({
      name,
      dims: [count, ...shape],
      data: this.#numbers(name, count * numbersIn(shape)),
    }));
  }

  #numbers(name: string, length: number): Numbers {
    return holdsBytes(this.manifest, name) ? new Uint8Array(length) : new Float32Array(length);
  }

  #estimate(rows: number): number {
    const count = bucket(rows);
    return this.#took.get(count) ?? count * this.timing.median;
  }
}

function bucket(rows: number): number {
  return BUCKETS.find((size) => size >= rows) ?? rows;
}
