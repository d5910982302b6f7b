/**
 * The networks of a MuseTalk as ONNX files that somebody else exported, told by what they take and give, and by how they
 * begin and end: what one export leaves to its caller another does inside.
 */
import type { DeclaredPort } from '../../inference/index.js';
import { HEARD, SIDE, SIZE } from '../networks/musetalk-ends.js';
import { LATENT_CHANNELS } from '../networks/vae.js';
import type { Look, SeenNode } from './look.js';

/** The network that paints. */
export interface UNetFile {
  readonly latent: DeclaredPort;
  readonly audio: DeclaredPort;
  /** Numbers of a vector that it hears. */
  readonly asks: number;
  /** The moment of diffusion, where it takes one. */
  readonly moment: DeclaredPort | undefined;
  readonly out: DeclaredPort;
  /** It adds the places of the vectors itself. */
  readonly places: boolean;
  /** It gives a picture: the decoder is part of it. */
  readonly whole: boolean;
}

/** A half of the autoencoder. */
export interface VaeFile {
  readonly input: DeclaredPort;
  readonly output: DeclaredPort;
  /** Latents are scaled inside. */
  readonly scaled: boolean;
  /** Its pictures are 0 to 1, not -1 to 1. */
  readonly unit: boolean;
}

const FLOATS = ['float32', 'float16'];
/** Steps that change nothing that matters here. */
const THROUGH = ['Cast', 'Identity'];

/** The UNet that a file is, if it looks like one. @throws RangeError for one of another model */
export function unetOf(look: Look): UNetFile | undefined {
  const { inputs, outputs } = look;
  const floats = (rank: number) =>
    inputs.filter(({ type, shape }) => FLOATS.includes(type) && shape.length === rank);
  const [[latent, ...more], [audio, ...others]] = [floats(4), floats(3)];
  const [moment, ...rest] = inputs.filter((port) => port !== latent && port !== audio);
  const out = outputs.find(({ type, shape }) => FLOATS.includes(type) && shape.length === 4);
  if (latent === undefined || audio === undefined || out === undefined) return undefined;
  if (more.length + others.length + rest.length > 0 || (moment?.shape.length ?? 0) > 1) return undefined;
  fits(latent, [2 * LATENT_CHANNELS, SIDE, SIDE], 'MuseTalk paints into');
  const [, , asks = 384] = audio.shape;
  fits(audio, [HEARD, 384], 'MuseTalk hears');
  const whole = out.shape[1] === 3 || out.shape[2] === SIZE;
  fits(out, whole ? [3, SIZE, SIZE] : [LATENT_CHANNELS, SIDE, SIDE], 'MuseTalk gives');
  const hears = consumers(look, audio.name);
  const places = hears.length > 0 && hears.every(({ op }) => op === 'Add');
  return { latent, audio, asks: typeof asks === 'number' ? asks : 384, moment, out, places, whole };
}

/** The decoder that a file is. @throws RangeError for what is none, or does something to latents that is not known */
export function decoderOf(look: Look): VaeFile {
  const [input, output] = onlyEnds(look, 'decoder', '[batch,4,32,32] latents and gives [batch,3,256,256]');
  fits(input, [LATENT_CHANNELS, SIDE, SIDE], 'the decoder of a MuseTalk takes');
  fits(output, [3, SIZE, SIZE], 'the decoder of a MuseTalk gives');
  const begins = consumers(look, input.name).map(({ op }) => op);
  const scaled = begins.length > 0 && begins.every((op) => op === 'Mul' || op === 'Div');
  if (!scaled && begins.some((op) => op !== 'Conv')) {
    throw new RangeError(
      `it begins with ${begins.join(', ')}, which is not known; export what vae.decode does.`,
    );
  }
  return { input, output, scaled, unit: clipped(look, output.name) };
}

/** The encoder that a file is. @throws RangeError for what is none, or does something to pictures that is not known */
export function encoderOf(look: Look): VaeFile {
  const [input, output] = onlyEnds(
    look,
    'encoder',
    '[batch,3,256,256] and gives [batch,4,32,32] or [batch,8,32,32]',
  );
  fits(input, [3, SIZE, SIZE], 'the encoder of a MuseTalk takes');
  const [, channels] = output.shape;
  fits(
    output,
    [channels === 2 * LATENT_CHANNELS ? channels : LATENT_CHANNELS, SIDE, SIDE],
    'the encoder of a MuseTalk gives',
  );
  const begins = consumers(look, input.name).map(({ op }) => op);
  const unit = begins.length > 0 && begins.every((op) => op === 'Sub' || op === 'Mul' || op === 'Div');
  if (!unit && begins.some((op) => op !== 'Conv')) {
    throw new RangeError(
      `it begins with ${begins.join(', ')}, which is not known; export what vae.encode does.`,
    );
  }
  const ends = producer(look, output.name)?.op;
  return { input, output, scaled: ends === 'Mul' || ends === 'Div', unit };
}

/** True for a half of an autoencoder. */
export function isHalf({ inputs, outputs }: Look): 'decoder' | 'encoder' | undefined {
  const [input, ...more] = inputs;
  const output = outputs[0];
  if (input?.shape.length !== 4 || more.length > 0 || output?.shape.length !== 4) return undefined;
  const [, from] = input.shape;
  if (from === LATENT_CHANNELS || (typeof from === 'string' && output.shape[1] === 3)) return 'decoder';
  return from === 3 && (output.shape[1] === 4 || output.shape[1] === 8) ? 'encoder' : undefined;
}

function onlyEnds({ inputs, outputs }: Look, what: string, want: string): [DeclaredPort, DeclaredPort] {
  const [input, ...more] = inputs;
  const output = outputs.find(({ type, shape }) => FLOATS.includes(type) && shape.length === 4);
  if (input !== undefined && more.length === 0 && FLOATS.includes(input.type) && output !== undefined) {
    return [input, output];
  }
  const list = (ports: readonly DeclaredPort[]) => ports.map(shapeOf).join('; ') || 'nothing';
  throw new RangeError(
    `it takes ${list(inputs)} and gives ${list(outputs)}; the ${what} of a MuseTalk takes ${want}.`,
  );
}

/** Makes sure that what a file says of a port is so; what it leaves open fits. */
function fits(port: DeclaredPort, want: readonly number[], whose: string): void {
  const rest = port.shape.slice(1);
  if (rest.length === want.length && rest.every((dim, i) => typeof dim === 'string' || dim === want[i]))
    return;
  throw new RangeError(`${shapeOf(port)}; ${whose} [batch,${want.join()}].`);
}

function shapeOf({ name, type, shape }: DeclaredPort): string {
  return `${name} is ${type} [${shape.map((dim) => (typeof dim === 'number' ? dim : dim || 'any')).join()}]`;
}

/** The steps that a value goes into, past those that change nothing. */
function consumers({ nodes }: Look, value: string): SeenNode[] {
  return nodes
    .filter(({ inputs }) => inputs.includes(value))
    .flatMap((node) =>
      THROUGH.includes(node.op) ? consumers({ nodes } as Look, node.outputs[0] ?? '') : [node],
    );
}

function producer(look: Look, value: string): SeenNode | undefined {
  const node = look.nodes.find(({ outputs }) => outputs.includes(value));
  return node !== undefined && THROUGH.includes(node.op) ? producer(look, node.inputs[0] ?? '') : node;
}

/** A picture was held between two ends, which are 0 and 1 then. */
export function clipped(look: Look, value: string): boolean {
  const op = producer(look, value)?.op;
  return op === 'Clip' || op === 'Min' || op === 'Max' || op === 'Sigmoid';
}
