/** To the process in which sherpa-onnx speaks. */
export interface VoiceOrder {
  readonly do: 'say';
  readonly id: number;
  readonly text: string;
  /** Number of the speaker, from 0. */
  readonly speaker: number;
  readonly speed: number;
}

/** What it says of its model. */
export interface VoiceFacts {
  readonly speakers: number;
}

/** From it. */
export type VoiceAnswer =
  | { readonly said: 'sound'; readonly id: number; readonly samples: Int16Array; readonly rate: number }
  | { readonly said: 'failed'; readonly id: number; readonly message: string };
