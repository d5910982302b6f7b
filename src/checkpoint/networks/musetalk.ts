/**
 * MuseTalk: a UNet that paints the mouth into the latent of a face in one step, from what Whisper hears, and the
 * autoencoder whose latents these are. Both files of a model are made here: the one that talks, and the one that makes
 * latents of an avatar's faces.
 */
import { TalkError } from '../../element/error.js';
import type { Flow, GraphBuilder } from '../onnx/graph.js';
import type { Keys } from './keys.js';
import type { Network, NetworkOptions } from './network.js';
import { unet, unetEnds } from './unet.js';
import { decoder, encoder, isVae, LATENT_CHANNELS } from './vae.js';

/** Side of the face, pixels. */
const SIZE = 256;
/** Pixels along one side for each cell of a latent. */
const CELL = 8;
/** Vectors of a window: ten moments of 20 ms, the embedding and four layers of each. */
const HEARD = 50;
/** Two video frames before its own: as trained, and as MuseTalk feeds it. */
const OFFSET_MS = -80;

/** The network of MuseTalk that has these keys, if one has; the same for versions 1 and 1.5. */
export function findMuseTalk(keys: Keys, { size = SIZE }: NetworkOptions): Network | undefined {
  const ends = unetEnds(keys);
  if (ends === undefined) return isVae(keys) ? refuseVae(keys.weights.path) : undefined;
  const { asks, takes, gives } = ends;
  if (takes !== 2 * LATENT_CHANNELS || gives !== LATENT_CHANNELS) {
    throw new RangeError(
      `This UNet takes ${takes} channels and gives ${gives}: it belongs to another diffusion model, MuseTalk's takes 8 and gives 4.`,
    );
  }
  if (size !== SIZE) throw new RangeError(`MuseTalk takes faces of ${SIZE} pixels, not of ${size}.`);
  return {
    title: 'MuseTalk',
    family: 'musetalk',
    size,
    features: 'whisper',
    windowOffsetMs: OFFSET_MS,
    licence:
      'not stated in the files; MuseTalk: "for any purpose, even commercially" (its README), sd-vae-ft-mse and Whisper: MIT',
    colour: 'RGB',
    quantise: 'round',
    beside: 'vae',
    build: (g, all, vae) => build(g, all, vae, asks),
  };
}

function refuseVae(path: string): never {
  throw new TalkError(
    'stream/format',
    `${path} is the autoencoder that belongs to a MuseTalk: import unet.pth and say where this one is, "models import unet.pth --vae ${path} --name NAME".`,
    { details: { path } },
  );
}

/** Inputs `latent` and `audio`, outputs `out` (0..1, RGB) and `rgb` (bytes). */
function build(g: GraphBuilder, keys: Keys, vae: Keys | undefined, asks: number): void {
  if (vae === undefined) throw new RangeError('A MuseTalk is not whole without its autoencoder.');
  const side = SIZE / CELL;
  const latent: Flow = { name: 'latent', shape: [2 * LATENT_CHANNELS, side, side] };
  g.inputs.push({ name: 'latent', type: 'float32', shape: latent.shape });
  g.inputs.push({ name: 'audio', type: 'float32', shape: [HEARD, asks] });
  const placed = g.node('Add', [inNet(g, 'audio'), g.once('places', [HEARD, asks], places(asks))]);
  const painted = unet(
    g,
    keys,
    { ...latent, name: inNet(g, 'latent') },
    { name: placed, shape: [HEARD, asks] },
  );
  keys.end('MuseTalk');
  picture(g, decoder(g, vae, painted));
  vae.end('the autoencoder of Stable Diffusion');
}

/** Sines and cosines of a vector's place, waves from 1 to 1/10000 (MuseTalk's `PositionalEncoding`). */
function places(width: number): number[] {
  return Array.from({ length: HEARD * width }, (_, i) => {
    const [place, at] = [Math.floor(i / width), i % width];
    const angle = place * 10000 ** (-(at - (at % 2)) / width);
    return at % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

function picture(g: GraphBuilder, x: Flow): void {
  const { shape } = x;
  const raw = g.precision === 'float32' ? x.name : g.node('Cast', [x.name], { to: 1 });
  g.named('out', 'Clip', [raw, g.once('black', [], [0], 'float32'), g.once('white', [], [1], 'float32')]);
  // To the nearest level, of two equally near ones to the even one, as numpy rounds.
  const levels = g.node('Round', [g.node('Mul', ['out', g.once('levels', [], [255], 'float32')])]);
  g.named('rgb', 'Transpose', [g.node('Cast', [levels], { to: 2 })], { perm: [0, 2, 3, 1] });
  g.outputs.push({ name: 'out', type: 'float32', shape });
  g.outputs.push({ name: 'rgb', type: 'uint8', shape: [shape[1], shape[2], shape[0]] });
}

/**
 * The file that makes latents: input `face`, [256, 256, 3] bytes, BGR; output `latent`, [8, 32, 32]: of the face with its
 * lower half black, then of the whole one. Means of what the encoder gives, where MuseTalk draws at random around them: the
 * same picture makes the same latent.
 */
export function buildLatents(g: GraphBuilder, vae: Keys): void {
  g.inputs.push({ name: 'face', type: 'uint8', shape: [SIZE, SIZE, 3] });
  const planes = g.node('Transpose', ['face'], { perm: [0, 3, 1, 2] });
  const rgb = g.node('Gather', [planes, g.shared([2, 1, 0])], { axis: 1 });
  const levels = g.node('Div', [g.node('Cast', [rgb], { to: 1 }), g.once('middle', [], [127.5], 'float32')]);
  const whole = g.node('Sub', [levels, g.once('white', [], [1], 'float32')]);
  const upper = g.node('Slice', [whole, g.shared([0]), g.shared([SIZE / 2]), g.shared([2])]);
  const below = [0, 0, 0, 0, 0, 0, SIZE / 2, 0];
  const masked = g.node('Pad', [upper, g.shared(below), g.once('black', [], [-1], 'float32')]);
  // Both through the net as rows of one batch.
  const both = g.node('Concat', [masked, whole], { axis: 0 });
  const { name, shape } = encoder(g, vae, { name: inNet(g, both), shape: [3, SIZE, SIZE] });
  const raw = g.precision === 'float32' ? name : g.node('Cast', [name], { to: 1 });
  const halves = g.reshape(raw, 2, -1, ...shape);
  const [first, second] = [0, 1].map((i) => {
    const half = g.node('Slice', [halves, g.shared([i]), g.shared([i + 1]), g.shared([0])]);
    return g.reshape(half, -1, ...shape);
  }) as [string, string];
  g.named('latent', 'Concat', [first, second], { axis: 1 });
  g.outputs.push({ name: 'latent', type: 'float32', shape: [2 * shape[0], shape[1], shape[2]] });
  vae.end('the autoencoder of Stable Diffusion');
}

function inNet(g: GraphBuilder, name: string): string {
  return g.precision === 'float32' ? name : g.node('Cast', [name], { to: 10 });
}
