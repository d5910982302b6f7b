import type { Provider } from './engine.js';
import type { Net } from './net.js';

/** Numbers of one row, or of many: floats, or the bytes of pixels. */
export type Numbers = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** True for the inputs and outputs of a model that are bytes. */
export function holdsBytes({ pixels }: Pick<Net, 'pixels'>, name: string): boolean {
  return pixels === 'bytes' && (name === 'face' || name === 'rgb');
}

/** One tensor of a batch; `data` travels by transfer, never by copy. */
export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Numbers;
}

/** How many numbers a tensor of this shape holds. */
export function numbersIn(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Row `i` of a batch of `count`, without a copy. */
export function rowOf(
  outputs: readonly Tensor[],
  i: number,
  count: number,
): Readonly<Record<string, Float32Array | Uint8Array>> {
  return Object.fromEntries(
    outputs.map(({ name, data }) => {
      const length = data.length / count;
      return [name, data.subarray(i * length, (i + 1) * length)];
    }),
  );
}

/** To a worker. */
export type Order =
  | {
      readonly do: 'load';
      readonly id: number;
      readonly key: string;
      readonly manifest: Net;
      readonly providers: readonly Provider[];
      readonly threads: number;
      readonly outputs: readonly string[];
      /** Address of the module that finishes rows, if any. */
      readonly finish?: string;
    }
  | {
      readonly do: 'run';
      readonly id: number;
      readonly key: string;
      readonly inputs: readonly Tensor[];
      /** For each row of the batch that somebody asked for: memory for what is made of it, if there is any. */
      readonly rows: readonly (Uint8Array<ArrayBuffer> | undefined)[];
    }
  /** The model is not wanted any more; it is not answered. */
  | { readonly do: 'drop'; readonly key: string }
  | { readonly do: 'close' };

/** From a worker. */
export type Answer =
  | {
      readonly done: 'load';
      readonly id: number;
      readonly provider: Provider;
      readonly reason: string;
    }
  | {
      readonly done: 'run';
      readonly id: number;
      /** The inputs come back to be filled again. */
      readonly inputs: readonly Tensor[];
      /** Whole batches, or what was made of each row. */
      readonly outputs: readonly Tensor[] | readonly Uint8Array<ArrayBuffer>[];
      /** Time inside the model, in ms. */
      readonly took: number;
    }
  | { readonly done: 'failed'; readonly id: number; readonly message: string };
