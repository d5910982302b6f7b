import { TalkError } from '../element/error.js';
import {
  type Encoder,
  familyOf,
  type InferenceEngine,
  type InferenceRequest,
  isMissable,
  type LoadedModel,
  type Manifest,
  type Net,
  netOf,
  type OnLoad,
  type Provider,
  sharedPool,
} from '../inference/index.js';
import { type Encode, EncodedWindows, type Plan } from './encoded.js';
import { type EncodedKind, encodedKind, interleave } from './encoders.js';
import type { Context } from './plans.js';
import type { FrameRate } from './windows.js';

/** How an encoder is to be used. */
export interface EncodingOptions {
  readonly framerate: FrameRate;
  /** Shape of a window as the lip-sync model takes it; undefined: the kind's own. */
  readonly shape: readonly number[] | undefined;
  /** Start of a window against its frame, in ms; undefined: where the kind usually has it. */
  readonly offsetMs: number | undefined;
  /** `auto`: reference on a GPU, short on a CPU. */
  readonly context: Context | 'auto';
  readonly providers: readonly Provider[];
  /** Told how far the loading is. */
  readonly progress?: OnLoad;
  /** Where it runs; default the pool of the process. */
  readonly pool?: InferenceEngine;
}

/** What a job may cost: when it is wanted, and when nobody wants it any more. */
export interface Urgency {
  readonly signal: AbortSignal;
  /** Runs of all sessions that may share a batch at most; undefined: what suits the provider. */
  readonly batch?: number | undefined;
  /** For the first and the last video frame that a job serves. */
  deadline(first: number, last: number): { deadline?: number; expired?: () => boolean };
  /** A job was not done in time; its frames have no window. */
  missed(reason: string): void;
}

/** An encoder that is loaded in the shared pool, and how its work is cut. */
export class Encoding {
  readonly encoder: Encoder;
  readonly context: Context;
  readonly plan: Plan;
  readonly shape: readonly number[];
  readonly model: LoadedModel<unknown, Net>;
  readonly #kind: EncodedKind;
  readonly #framerate: FrameRate;
  readonly #length: number;
  readonly #rows: number;

  /**
   * Loads an encoder, once for all sessions.
   * @throws TalkError as the pool does; resource/settings when its vectors do not fill the window
   */
  static async load(encoder: Encoder, options: EncodingOptions): Promise<Encoding> {
    const fixed = encoder.family === 'whisper' && encoder.inputs['mel']?.[1] !== 'any';
    const first = fixed || options.context === 'reference' ? 'reference' : 'short';
    const one = await Encoding.#open(encoder, options, first);
    const better = options.context === 'auto' && first === 'short' && one.model.provider !== 'cpu';
    if (!better) return one;
    one.release();
    return await Encoding.#open(encoder, options, 'reference');
  }

  static async #open(encoder: Encoder, options: EncodingOptions, context: Context): Promise<Encoding> {
    const kind = encodedKind(encoder.family);
    if (kind === undefined) throw new TypeError(`Expected an encoder but received a ${encoder.family}.`);
    const { offsetMs = kind.offsetMs, framerate, providers, progress, pool = sharedPool() } = options;
    const width = widthOf(encoder);
    const own = kind.vectors * width === count(kind.shape) ? kind.shape : [kind.vectors, width];
    const { shape = own } = options;
    const vectors = count(shape) / width;
    if (!Number.isInteger(vectors)) {
      throw new TalkError(
        'resource/settings',
        `A window of the model is [${shape.join()}], ${count(shape)} numbers; the encoder ${encoder.name} gives vectors of ${width}, and no number of them fills it.`,
        { details: { encoder: encoder.name } },
      );
    }
    const plan = kind.plan({ framerate, offsetMs, vectors, width, context });
    const lengths = kind.lengths(plan, context);
    const { keep } = lengths;
    const net = { ...netOf(encoder, lengths), ...(keep === undefined ? {} : { keep }) };
    const [port = ''] = Object.keys(net.inputs);
    const model = await pool.load(net, { providers, ...(progress === undefined ? {} : { progress }) });
    const rows = Math.min(lengths.rows, keep ?? lengths.rows);
    return new Encoding({
      encoder,
      context,
      plan,
      shape,
      model,
      pool,
      kind,
      framerate,
      port,
      input: lengths.input,
      rows,
    });
  }

  readonly #port: string;
  readonly #pool: InferenceEngine;

  private constructor(of: {
    encoder: Encoder;
    context: Context;
    plan: Plan;
    shape: readonly number[];
    model: LoadedModel<unknown, Net>;
    pool: InferenceEngine;
    kind: EncodedKind;
    framerate: FrameRate;
    port: string;
    input: number;
    rows: number;
  }) {
    this.encoder = of.encoder;
    this.context = of.context;
    this.plan = of.plan;
    this.shape = of.shape;
    this.model = of.model;
    this.#pool = of.pool;
    this.#kind = of.kind;
    this.#framerate = of.framerate;
    this.#port = of.port;
    this.#length = of.input;
    this.#rows = of.rows;
  }

  /** Sessions that may speak at once, as fast as the encoder was when it was loaded; below 1 it cannot keep up. */
  get speakers(): number {
    return this.model.timing.rows / this.plan.perSecond;
  }

  /** Gives the encoder back. `forget`: its weights go, if nobody else has it. */
  release(forget = false): void {
    this.#pool.release(this.model, forget);
  }

  /** Windows of one stream of speech. */
  windows(urgency: Urgency): EncodedWindows {
    return new EncodedWindows(this.plan, this.#encoder(urgency), this.#framerate, this.shape);
  }

  #encoder(urgency: Urgency): Encode {
    return async (samples, frame) => {
      try {
        return await this.run(samples, {
          signal: urgency.signal,
          ...(urgency.batch === undefined ? {} : { batch: urgency.batch }),
          ...urgency.deadline(frame, frame + this.plan.span - 1),
        });
      } catch (error) {
        if (urgency.signal.aborted || !isMissable(error)) throw error;
        urgency.missed(error.message);
        return undefined;
      }
    };
  }

  /** Vectors of one job's samples, side by side. */
  async run(samples: Int16Array, request: Omit<InferenceRequest, 'inputs'> = {}): Promise<Float32Array> {
    const inputs = { [this.#port]: this.#kind.prepare(samples, this.#length) };
    const outputs = (await this.model.infer({ ...request, inputs })) as Record<string, Float32Array>;
    const layers = Object.keys(this.model.manifest.outputs).map(
      (name) => outputs[name] ?? new Float32Array(0),
    );
    const made = layers.reduce((sum, { length }) => sum + length, 0);
    if (made === this.#rows * this.plan.width) return interleave(layers, this.#rows);
    throw new TalkError(
      'stream/format',
      `The encoder ${this.encoder.name} gave ${made} numbers for ${samples.length} samples; ${this.#rows} vectors of ${this.plan.width} were expected.`,
      { details: { encoder: this.encoder.name } },
    );
  }
}

/** Numbers of a vector: all layers of a row together; where no row is told apart, all there is. */
function widthOf({ family, outputs }: Encoder): number {
  const rowsFirst = family === 'whisper' || family === 'hubert';
  const width = (dims: readonly (number | 'any')[]) =>
    dims.slice(rowsFirst ? 1 : 0).reduce<number>((product, dim) => product * Number(dim), 1);
  return Object.values(outputs).reduce((sum, dims) => sum + width(dims), 0);
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** The window that a lip-sync model takes, without the batch. */
export function windowShape({
  family,
  inputs,
}: Pick<Manifest, 'family' | 'inputs'>): readonly number[] | undefined {
  return inputs[familyOf(family).heard.name];
}
