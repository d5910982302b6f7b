/**
 * What goes between the ONNX files of a MuseTalk that others exported: places, scales, pixels, and the types of numbers that
 * each file wants.
 */
import type { DeclaredPort } from '../../inference/index.js';
import { facePixels, HEARD, LATENT, picture, placedIn, SIDE, SIZE } from '../networks/musetalk-ends.js';
import { LATENT_CHANNELS, LATENT_SCALE } from '../networks/vae.js';
import type { Flow, GraphBuilder } from './graph.js';
import type { UNetFile, VaeFile } from './latentface.js';
import type { ElementType } from './model.js';

/** What the UNet gives. */
export const PAINTED: Flow['shape'] = [LATENT_CHANNELS, SIDE, SIDE];
const PICTURE: Flow['shape'] = [3, SIZE, SIZE];
/** Numbers of the types of TensorProto that files may want. */
const NUMBERS: Readonly<Record<string, number>> = { float32: 1, int32: 6, int64: 7, float16: 10 };

/** From what the model is given to what the UNet takes: `shown`, `heard`, and `moment` where that is one for each row. */
export function begin(g: GraphBuilder, unet: UNetFile): void {
  g.inputs.push({ name: 'latent', type: 'float32', shape: LATENT });
  g.inputs.push({ name: 'audio', type: 'float32', shape: [HEARD, unet.asks] });
  gives(g, 'shown', 'latent', unet.latent, LATENT);
  const heard = unet.places ? 'audio' : placedIn(g, 'audio', unet.asks);
  gives(g, 'heard', heard, unet.audio, [HEARD, unet.asks]);
  if (unet.moment === undefined || !isOpen(unet.moment)) return;
  const rows = g.node('Slice', [g.node('Shape', ['latent']), g.shared([0]), g.shared([1])]);
  gives(g, 'moment', g.node('Expand', [g.once('zero', [1], [0]), rows]), unet.moment, []);
}

/** True for a moment of each row; else it is one for all of them. */
export function isOpen({ shape }: DeclaredPort): boolean {
  return shape.length === 1 && typeof shape[0] !== 'number';
}

/** From `painted` to what the decoder takes, `scaled`. */
export function between(g: GraphBuilder, unet: UNetFile, decoder: VaeFile): void {
  const x = takes(g, 'painted', unet.out, PAINTED);
  const scaled = decoder.scaled ? x : g.node('Div', [x, g.once('scale', [], [LATENT_SCALE])]);
  gives(g, 'scaled', scaled, decoder.input, PAINTED);
}

/** From what a file calls a picture to `out` and `rgb`. `unit`: it is 0 to 1 already. */
export function end(g: GraphBuilder, name: string, port: DeclaredPort, unit: boolean): void {
  const x = takes(g, name, port, PICTURE);
  const half = g.once('half', [], [0.5]);
  picture(g, { name: unit ? x : g.node('Add', [g.node('Mul', [x, half]), half]), shape: PICTURE });
}

/** From `face` to what the encoder takes, twice: `masked`, `whole`. */
export function faces(g: GraphBuilder, { input, unit }: VaeFile): void {
  for (const [i, pixels] of facePixels(g).entries()) {
    const half = g.once('half', [], [0.5]);
    const shown = unit ? g.node('Add', [g.node('Mul', [pixels, half]), half]) : pixels;
    gives(g, i === 0 ? 'masked' : 'whole', shown, input, PICTURE);
  }
}

/** From what the encoder gave for both, `first` and `second`, to `latent`. */
export function latents(g: GraphBuilder, { output, scaled }: VaeFile): void {
  const channels = output.shape[1] === 2 * LATENT_CHANNELS ? 2 * LATENT_CHANNELS : LATENT_CHANNELS;
  const means = ['first', 'second'].map((name) => {
    const x = takes(g, name, output, [channels, SIDE, SIDE]);
    // Of mean and variance, one behind the other, the mean.
    return g.node('Slice', [x, g.shared([0]), g.shared([LATENT_CHANNELS]), g.shared([1])]);
  });
  const both = g.node('Concat', means, { axis: 1 });
  g.named('latent', 'Mul', [both, g.once('scale', [], [scaled ? 1 : LATENT_SCALE])]);
  g.outputs.push({ name: 'latent', type: 'float32', shape: LATENT });
}

/** Latents that were painted, as floats, for what is made of a checkpoint. */
export function painted(g: GraphBuilder, unet: UNetFile): Flow {
  return { name: takes(g, 'painted', unet.out, PAINTED), shape: PAINTED };
}

/** An input as some file gave it, as float32. */
function takes(g: GraphBuilder, name: string, { type }: DeclaredPort, shape: readonly number[]): string {
  g.inputs.push({ name, type: type as ElementType, shape });
  return type === 'float32' ? name : g.node('Cast', [name], { to: 1 });
}

/** An output as a file wants it. */
function gives(
  g: GraphBuilder,
  name: string,
  value: string,
  port: Pick<DeclaredPort, 'name' | 'type'>,
  shape: readonly number[],
): void {
  const to = NUMBERS[port.type];
  if (to === undefined)
    throw new RangeError(`its input ${port.name} is of type ${port.type}, which is not fed here.`);
  g.named(name, 'Cast', [value], { to });
  g.outputs.push({ name, type: port.type as ElementType, shape });
}
