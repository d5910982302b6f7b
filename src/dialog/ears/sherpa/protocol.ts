/** To the process in which sherpa-onnx hears. */
export type HearOrder =
  /** 16 kHz; at most `LONGEST_PIECE` samples. */
  | { readonly do: 'sound'; readonly turn: number; readonly samples: Int16Array }
  | { readonly do: 'end'; readonly turn: number }
  /** Last order of every turn, whether it was heard to its end or not. */
  | { readonly do: 'drop'; readonly turn: number };

/** From it. */
export type HearAnswer =
  | { readonly said: 'partial' | 'final'; readonly turn: number; readonly text: string }
  | { readonly said: 'failed'; readonly turn: number; readonly message: string }
  | { readonly said: 'dropped'; readonly turn: number };

/** Samples of one order: a second, 32 kB. */
export const LONGEST_PIECE = 16_000;
