/** To the process in which sherpa-onnx speaks. */
export type VoiceOrder =
  | { readonly do: 'load'; readonly module: string; readonly config: Readonly<Record<string, unknown>> }
  | {
      readonly do: 'say';
      readonly id: number;
      readonly text: string;
      /** Number of the speaker, from 0. */
      readonly speaker: number;
      readonly speed: number;
    };

/** From it. */
export type VoiceAnswer =
  | { readonly said: 'ready'; readonly speakers: number }
  /** The module is not there, or the model cannot be read. */
  | { readonly said: 'broken'; readonly missing: boolean; readonly message: string }
  | { readonly said: 'sound'; readonly id: number; readonly samples: Int16Array; readonly rate: number }
  | { readonly said: 'failed'; readonly id: number; readonly message: string };
