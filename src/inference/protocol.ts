import type { Provider } from './engine.js';

/** One tensor of a batch; `data` travels by transfer, never by copy. */
export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** To a worker. */
export type Order =
  | {
      readonly do: 'load';
      readonly id: number;
      readonly key: string;
      readonly path: string;
      readonly providers: readonly Provider[];
      readonly threads: number;
      readonly outputs: readonly string[];
      /** Shapes the manifest promises, without the batch dimension. */
      readonly inputs: Readonly<Record<string, readonly number[]>>;
    }
  | { readonly do: 'run'; readonly id: number; readonly key: string; readonly inputs: readonly Tensor[] }
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
      readonly outputs: readonly Tensor[];
      /** Time inside the model, in ms. */
      readonly took: number;
    }
  | { readonly done: 'failed'; readonly id: number; readonly message: string };
