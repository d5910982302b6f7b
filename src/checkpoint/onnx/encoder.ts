/**
 * Which family of encoders an ONNX file belongs to that somebody else exported, told by what it takes and gives.
 */
import type { Declared, DeclaredPort, EncoderFamily } from '../../inference/index.js';

type Open = readonly (number | 'any')[];

/** What is found out about an encoder. */
export interface EncoderContract {
  readonly family: EncoderFamily;
  /** For people. */
  readonly title: string;
  /** 1 where the file is made for one row. */
  readonly batch: 1 | undefined;
  readonly inputs: Readonly<Record<string, Open>>;
  readonly outputs: Readonly<Record<string, Open>>;
  /** Our names to the file's, where they differ. */
  readonly names: Readonly<Record<string, string>>;
  readonly constants: Readonly<Record<string, number>>;
}

const FLOATS = ['float32', 'float16'];
/** What wenet's caches and its place in the stream are before anything was heard, as Ultralight fills them. */
const WENET_START: Readonly<Record<string, number>> = { offset: 100, att_cache: 0, cnn_cache: 0 };

/**
 * The encoder that an ONNX file is, or undefined when it looks like none.
 * @throws RangeError for one that cannot be used as it is, with how to export it
 */
export function encoderOf(declared: Declared): EncoderContract | undefined {
  const heard = declared.inputs.filter(({ type }) => FLOATS.includes(type));
  const wenet = heard.find(({ shape }) => ends(shape, 67, 80));
  if (wenet !== undefined) return wenetOf(declared, wenet);
  const [input, ...rest] = declared.inputs;
  if (input === undefined || !FLOATS.includes(input.type)) return undefined;
  if (rest.length > 0) {
    if (!rest.some(({ name }) => /mask/.test(name))) return undefined;
    throw new RangeError(
      `It wants ${rest.map(({ name }) => name).join(', ')} beside ${input.name}; export it with ${input.name} alone.`,
    );
  }
  const { shape } = input;
  if (shape.length === 4 && ends(shape, 80, 16)) return aveOf(declared, input);
  if (shape.length === 3 && shape[1] === 80) return whisperOf(declared, input);
  if (shape.length === 2) return hubertOf(declared, input);
  return undefined;
}

function wenetOf({ inputs, outputs }: Declared, chunk: DeclaredPort): EncoderContract {
  const others = inputs.filter((port) => port !== chunk).map(({ name }) => name);
  const strange = others.find((name) => WENET_START[name] === undefined);
  if (strange !== undefined) {
    throw new RangeError(
      `Nothing fills its input ${strange}; a wenet encoder has offset, att_cache, cnn_cache.`,
    );
  }
  const hidden = outputs.find(({ shape, type }) => FLOATS.includes(type) && shape.length === 3);
  if (hidden === undefined) throw new RangeError(`It gives ${list(outputs)}; wenet gives [1,16,512].`);
  return {
    family: 'wenet',
    title: 'wenet encoder',
    // Its caches are made for one.
    batch: others.length > 0 ? 1 : batchOf(chunk),
    inputs: { chunk: [1, 67, 80] },
    outputs: { hidden: [16, 512] },
    names: renamed({ chunk: chunk.name, hidden: hidden.name }),
    constants: Object.fromEntries(others.map((name) => [name, WENET_START[name] ?? 0])),
  };
}

function aveOf({ outputs }: Declared, mel: DeclaredPort): EncoderContract | undefined {
  const [hidden] = outputs;
  // A picture would be a lip-sync model that is not known.
  if (hidden === undefined || outputs.length > 1 || hidden.shape[1] !== 512) return undefined;
  return {
    family: 'ave',
    title: 'audio visual encoder',
    batch: batchOf(mel),
    inputs: { mel: [1, 80, 16] },
    outputs: { hidden: open(hidden) },
    names: renamed({ mel: mel.name, hidden: hidden.name }),
    constants: {},
  };
}

function whisperOf({ outputs }: Declared, mel: DeclaredPort): EncoderContract {
  const length = typeof mel.shape[2] === 'number' ? mel.shape[2] : 'any';
  if (length !== 'any' && length !== 3000) {
    throw new RangeError(`It hears ${length} mel frames; Whisper's encoder hears 3000, or any number.`);
  }
  const common = {
    family: 'whisper',
    batch: batchOf(mel),
    inputs: { mel: [80, length] as Open },
    constants: {},
  } as const;
  const stacked = outputs.find(({ shape }) => shape.length === 4);
  if (stacked !== undefined) {
    const [layers, width] = numbers(stacked, 2);
    return {
      ...common,
      title: `Whisper encoder, ${layers} layers of ${width}`,
      outputs: { hidden: [rows(length), layers ?? 0, width ?? 0] },
      names: renamed({ mel: mel.name, hidden: stacked.name }),
    };
  }
  const layers = outputs
    .filter(({ name, shape }) => shape.length === 3 && /hidden_states?\D*\d+$/.test(name))
    .sort((a, b) => numberIn(a.name) - numberIn(b.name));
  if (layers.length < 2) {
    throw new RangeError(
      `It gives ${list(outputs)}, but every layer of Whisper is heard: import model.safetensors, pytorch_model.bin or tiny.pt instead, or export it with output_hidden_states=True.`,
    );
  }
  return {
    ...common,
    title: `Whisper encoder, ${layers.length} layers of ${numbers(layers[0] as DeclaredPort, 2)[0]}`,
    outputs: Object.fromEntries(
      layers.map((port, i) => [`hidden.${i}`, [rows(length), ...numbers(port, 2)]]),
    ),
    names: renamed({
      mel: mel.name,
      ...Object.fromEntries(layers.map(({ name }, i) => [`hidden.${i}`, name])),
    }),
  };
}

function hubertOf({ outputs }: Declared, audio: DeclaredPort): EncoderContract | undefined {
  const hidden =
    outputs.find(({ name }) => name === 'last_hidden_state') ??
    outputs.find(({ shape }) => shape.length === 3);
  if (hidden === undefined || hidden.shape.length !== 3) return undefined;
  if (typeof audio.shape[1] === 'number') {
    throw new RangeError(
      `It hears exactly ${audio.shape[1]} samples; export it with any number of them: dynamic_axes={"${audio.name}": {0: "batch", 1: "samples"}}.`,
    );
  }
  const [width] = numbers(hidden, 2);
  return {
    family: 'hubert',
    title: `HuBERT encoder, vectors of ${width}`,
    batch: batchOf(audio),
    inputs: { audio: ['any'] },
    outputs: { hidden: ['any', width ?? 0] },
    names: renamed({ audio: audio.name, hidden: hidden.name }),
    constants: {},
  };
}

const rows = (length: number | 'any') => (length === 'any' ? 'any' : length / 2);
const numberIn = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? 0);

function ends(shape: DeclaredPort['shape'], ...tail: number[]): boolean {
  return tail.every((dim, i) => shape[shape.length - tail.length + i] === dim);
}

/** The dimensions from the `from`th on, which must be known. */
function numbers({ name, shape }: DeclaredPort, from: number): number[] {
  return shape.slice(from).map((dim) => {
    if (typeof dim === 'number') return dim;
    throw new RangeError(
      `Its output ${name} is [${shape.join()}]; how wide a vector is must be in the file.`,
    );
  });
}

function open({ shape }: DeclaredPort): Open {
  return shape.slice(1).map((dim) => (typeof dim === 'number' ? dim : 1));
}

function batchOf({ name, shape: [batch] }: DeclaredPort): 1 | undefined {
  if (typeof batch !== 'number') return undefined;
  if (batch === 1) return 1;
  throw new RangeError(
    `${name} takes exactly ${batch} rows at a time; export it with one, or with any number.`,
  );
}

function renamed(names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).filter(([name, own]) => name !== own));
}

function list(ports: readonly DeclaredPort[]): string {
  return ports.map(({ name, shape }) => `${name} [${shape.join()}]`).join('; ');
}
