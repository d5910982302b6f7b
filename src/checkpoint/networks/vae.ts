/**
 * The autoencoder of Stable Diffusion as diffusers keeps it (`AutoencoderKL`): pictures to latents an eighth as wide, and
 * back. Keys of its attention as they are now and as they were before diffusers 0.15 (those of sd-vae-ft-mse).
 */
import { damaged } from '../file.js';
import type { Flow, GraphBuilder } from '../onnx/graph.js';
import { attention } from './attention.js';
import { add, conv } from './blocks.js';
import type { Keys } from './keys.js';
import { groupNorm, silu, toFlow, toTokens } from './layers.js';
import { GROUPS, POINT, resnet, SAME, upsample } from './resnet.js';

/** By which latents are multiplied before anything else sees them. */
export const LATENT_SCALE = 0.18215;
/** Channels of a latent. */
export const LATENT_CHANNELS = 4;
const STYLE = { epsilon: 1e-6 };

/** True for keys of such an autoencoder. */
export function isVae(keys: Keys): boolean {
  return [
    'decoder.conv_in.weight',
    'encoder.conv_in.weight',
    'quant_conv.weight',
    'post_quant_conv.weight',
  ].every((key) => keys.has(key));
}

/** Latents, scaled as they are, to pictures of 0 to 1, which may be overstepped. The rest of the keys is the encoder's. */
export function decoder(g: GraphBuilder, keys: Keys, latent: Flow): Flow {
  const unscaled = { weight: (numbers: Float32Array) => numbers.map((one) => one / LATENT_SCALE) };
  let x = conv(g, keys, latent, { conv: 'post_quant_conv' }, { ...POINT, change: unscaled });
  x = middle(g, keys, conv(g, keys, x, { conv: 'decoder.conv_in' }, SAME), 'decoder.mid_block');
  for (let level = 0; keys.has(`decoder.up_blocks.${level}.resnets.0.conv1.weight`); level++) {
    x = blocks(g, keys, x, `decoder.up_blocks.${level}`);
    const up = `decoder.up_blocks.${level}.upsamplers.0.conv`;
    if (keys.has(`${up}.weight`)) x = upsample(g, keys, x, up);
  }
  // From -1 … 1 to 0 … 1.
  const change = {
    weight: (numbers: Float32Array) => numbers.map((one) => one / 2),
    bias: (numbers: Float32Array) => numbers.map((one) => one / 2 + 0.5),
  };
  const out = conv(g, keys, last(g, keys, x, 'decoder'), { conv: 'decoder.conv_out' }, { ...SAME, change });
  keys.ignore('encoder.');
  keys.ignore('quant_conv.');
  return out;
}

/** Pictures of -1 to 1 to the means of their latents, scaled. The rest of the keys is the decoder's. */
export function encoder(g: GraphBuilder, keys: Keys, picture: Flow): Flow {
  let x = conv(g, keys, picture, { conv: 'encoder.conv_in' }, SAME);
  for (let level = 0; keys.has(`encoder.down_blocks.${level}.resnets.0.conv1.weight`); level++) {
    x = blocks(g, keys, x, `encoder.down_blocks.${level}`);
    const down = `encoder.down_blocks.${level}.downsamplers.0.conv`;
    // Padded on the right and below alone.
    if (keys.has(`${down}.weight`)) {
      x = conv(g, keys, x, { conv: down }, { kernel: 3, stride: 2, pad: [0, 0, 1, 1] });
    }
  }
  x = last(g, keys, middle(g, keys, x, 'encoder.mid_block'), 'encoder');
  const scaled = (numbers: Float32Array) => numbers.map((one) => one * LATENT_SCALE);
  const moments = conv(
    g,
    keys,
    conv(g, keys, x, { conv: 'encoder.conv_out' }, SAME),
    { conv: 'quant_conv' },
    {
      ...POINT,
      change: { weight: scaled, bias: scaled },
    },
  );
  // Mean and logarithm of the variance, one behind the other.
  const mean = g.node('Slice', [moments.name, g.shared([0]), g.shared([LATENT_CHANNELS]), g.shared([1])]);
  keys.ignore('decoder.');
  keys.ignore('post_quant_conv.');
  return { name: mean, shape: [LATENT_CHANNELS, moments.shape[1], moments.shape[2]] };
}

function blocks(g: GraphBuilder, keys: Keys, from: Flow, level: string): Flow {
  let x = from;
  for (let i = 0; keys.has(`${level}.resnets.${i}.conv1.weight`); i++) {
    x = resnet(g, keys, x, `${level}.resnets.${i}`, STYLE);
  }
  return x;
}

function last(g: GraphBuilder, keys: Keys, x: Flow, half: string): Flow {
  return silu(g, groupNorm(g, keys, x, `${half}.conv_norm_out`, { groups: GROUPS, ...STYLE }));
}

/** A block, attention of each pixel to all others, a block. */
function middle(g: GraphBuilder, keys: Keys, from: Flow, prefix: string): Flow {
  const x = resnet(g, keys, from, `${prefix}.resnets.0`, STYLE);
  const attends = `${prefix}.attentions.0`;
  const [q, k, v, o] = namesOf(keys, attends);
  const even = toTokens(g, groupNorm(g, keys, x, `${attends}.group_norm`, { groups: GROUPS, ...STYLE }));
  const maps = { query: { name: q }, key: { name: k }, value: { name: v }, out: { name: o } };
  const told = toFlow(g, attention(g, keys, even, even, maps, 1), x.shape[1], x.shape[2]);
  return resnet(g, keys, add(g, told, x), `${prefix}.resnets.1`, STYLE);
}

function namesOf(keys: Keys, prefix: string): [string, string, string, string] {
  for (const names of [
    ['to_q', 'to_k', 'to_v', 'to_out.0'],
    ['query', 'key', 'value', 'proj_attn'],
  ]) {
    const [q, k, v, o] = names.map((name) => `${prefix}.${name}`) as [string, string, string, string];
    if (keys.has(`${q}.weight`)) return [q, k, v, o];
  }
  throw damaged(keys.weights.path, `it has neither ${prefix}.to_q nor ${prefix}.query.`);
}
