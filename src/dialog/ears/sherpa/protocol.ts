import type { SherpaModel } from './files.js';

/** To the thread in which sherpa-onnx runs. */
export type SherpaOrder =
  | { readonly do: 'load'; readonly module: string; readonly model: SherpaModel }
  | { readonly do: 'sound'; readonly turn: number; readonly samples: Float32Array }
  | { readonly do: 'end'; readonly turn: number }
  | { readonly do: 'drop'; readonly turn: number };

/** From it. */
export type SherpaAnswer =
  | { readonly said: 'ready' }
  /** The module is not there, or the model cannot be read. */
  | { readonly said: 'broken'; readonly missing: boolean; readonly message: string }
  | { readonly said: 'partial' | 'final'; readonly turn: number; readonly text: string };
