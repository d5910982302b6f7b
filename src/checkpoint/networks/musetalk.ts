/**
 * MuseTalk: a UNet that paints the mouth into the latent of a face in one step, from what Whisper hears, and the
 * autoencoder whose latents these are. Both files of a model are made here: the one that talks, and the one that makes
 * latents of an avatar's faces.
 */
import { TalkError } from '../../element/error.js';
import type { GraphBuilder } from '../onnx/graph.js';
import type { Keys } from './keys.js';
import { facePixels, HEARD, inNet, LATENT, picture, placedIn, SIZE } from './musetalk-ends.js';
import type { Network, NetworkOptions } from './network.js';
import { unet, unetEnds } from './unet.js';
import { decoder, encoder, isVae, LATENT_CHANNELS } from './vae.js';

/** Two video frames before its own: as trained, and as MuseTalk feeds it. */
export const OFFSET_MS = -80;
/** What is known about who may use such weights. */
export const LICENCE =
  'not stated in the files; MuseTalk: "for any purpose, even commercially" (its README), sd-vae-ft-mse and Whisper: MIT';

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
    licence: LICENCE,
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
  g.inputs.push({ name: 'latent', type: 'float32', shape: LATENT });
  g.inputs.push({ name: 'audio', type: 'float32', shape: [HEARD, asks] });
  const placed = placedIn(g, inNet(g, 'audio'), asks);
  const painted = unet(
    g,
    keys,
    { name: inNet(g, 'latent'), shape: LATENT },
    { name: placed, shape: [HEARD, asks] },
  );
  keys.end('MuseTalk');
  picture(g, decoder(g, vae, painted));
  vae.end('the autoencoder of Stable Diffusion');
}

/**
 * The file that makes latents: input `face`, [256, 256, 3] bytes, BGR; output `latent`, [8, 32, 32]: of the face with its
 * lower half black, then of the whole one. Means of what the encoder gives, where MuseTalk draws at random around them: the
 * same picture makes the same latent.
 */
export function buildLatents(g: GraphBuilder, vae: Keys): void {
  const [masked, whole] = facePixels(g);
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
