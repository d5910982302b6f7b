/** The first order to a process of sherpa-onnx; what else it is told belongs to who runs it. */
export interface LoadOrder {
  readonly do: 'load';
  /** What is imported as the library. */
  readonly module: string;
  readonly config: unknown;
}

/** What it answers to that. */
export type LoadAnswer<Facts> =
  | { readonly said: 'ready'; readonly facts: Facts }
  /** The module is not there, or the model cannot be read. */
  | { readonly said: 'broken'; readonly missing: boolean; readonly message: string };
