import { damaged } from '../file.js';
import { some } from '../some.js';
import { count } from '../tensor.js';
import type { Weights } from '../weights.js';

/** Epsilon of torch's BatchNorm2d. */
const EPSILON = 1e-5;

/**
 * The keys of a checkpoint while a network is made of them: each is taken once, and none may be left over, so that a
 * net that looks alike but computes something else is not taken for one that is known.
 */
export class Keys {
  readonly weights: Weights;
  readonly #left: Set<string>;

  constructor(weights: Weights) {
    this.weights = weights;
    this.#left = new Set(weights.tensors.keys());
  }

  has(name: string): boolean {
    return this.weights.tensors.has(name);
  }

  /** The shape of a tensor that is there. @throws TalkError stream/format */
  shape(name: string): readonly number[] {
    const tensor = this.weights.tensors.get(name);
    if (tensor === undefined) throw damaged(this.weights.path, `it has no ${name}.`);
    return tensor.shape;
  }

  /** Takes a tensor of that shape; what is undefined may be any number. */
  take(name: string, ...shape: readonly (number | undefined)[]): () => Promise<Float32Array<ArrayBuffer>> {
    const found = this.shape(name);
    if (found.length !== shape.length || found.some((dim, i) => dim !== (shape[i] ?? dim))) {
      const want = shape.map((dim) => dim ?? 'any').join();
      throw damaged(this.weights.path, `${name} is [${found.join()}], this network has [${want}] there.`);
    }
    this.#left.delete(name);
    return () => this.weights.floats(name);
  }

  /** Takes tensors that the network does not use. */
  ignore(prefix: string): void {
    for (const name of this.#left) if (name.startsWith(prefix)) this.#left.delete(name);
  }

  /** Takes a convolution without what follows it. `bias` says that it has one. */
  plain(prefix: string, shape: readonly (number | undefined)[], bias: boolean): Folded {
    const whole = this.shape(`${prefix}.weight`);
    const weight = this.take(`${prefix}.weight`, ...shape);
    const out = whole[0] ?? 0;
    if (!bias) return { shape: whole, out, weight, bias: async () => new Float32Array(out) };
    return { shape: whole, out, weight, bias: this.take(`${prefix}.bias`, out) };
  }

  /**
   * Takes a convolution and the BatchNorm behind it, folded into one:
   * w' = w g / sqrt(v + eps), b' = (b - m) g / sqrt(v + eps) + beta, computed in float64.
   */
  folded(conv: string, norm: string, shape: readonly (number | undefined)[], how: Folding): Folded {
    const whole = this.shape(`${conv}.weight`);
    const axis = how.transposed === true ? 1 : 0;
    const out = whole[axis] ?? 0;
    const weight = this.take(`${conv}.weight`, ...shape);
    const bias = how.bias ? this.take(`${conv}.bias`, out) : async () => new Float32Array(out);
    const [gain, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      this.take(`${norm}.${part}`, out),
    ) as [Read, Read, Read, Read];
    // A counter of training steps; missing in old checkpoints.
    if (this.has(`${norm}.num_batches_tracked`)) this.take(`${norm}.num_batches_tracked`);
    const scales = async () => {
      const [g, v] = await Promise.all([gain(), variance()]);
      return Float64Array.from(g, (one, i) => one / Math.sqrt((v[i] ?? 0) + EPSILON));
    };
    // How many numbers in a row share a channel, and after how many channels it begins anew.
    const run = count(whole.slice(axis + 1));
    return {
      shape: whole,
      out,
      weight: async () => {
        const [w, scale] = await Promise.all([weight(), scales()]);
        for (let i = 0, channel = 0; i < w.length; i += run, channel = (channel + 1) % out) {
          const by = scale[channel] ?? 0;
          for (let k = i; k < i + run; k++) w[k] = (w[k] ?? 0) * by;
        }
        return w;
      },
      bias: async () => {
        const [b, scale, m, s] = await Promise.all([bias(), scales(), mean(), shift()]);
        return b.map((one, i) => (one - (m[i] ?? 0)) * (scale[i] ?? 0) + (s[i] ?? 0));
      },
    };
  }

  /** @throws TalkError stream/format naming what no part of the network took */
  end(network: string): void {
    if (this.#left.size === 0) return;
    throw damaged(
      this.weights.path,
      `unknown architecture: it looks like ${network}, but has these keys besides: ${some([...this.#left])}.`,
    );
  }
}

type Read = () => Promise<Float32Array<ArrayBuffer>>;

interface Folding {
  readonly bias: boolean;
  readonly transposed?: boolean;
}

/** A convolution's numbers, made when they are asked for. */
export interface Folded {
  /** Of the weight, as torch has it. */
  readonly shape: readonly number[];
  /** Channels it gives. */
  readonly out: number;
  readonly weight: Read;
  readonly bias: Read;
}
