/**
 * The encoder of Whisper: two convolutions over mel frames and a row of transformer layers. Keys as transformers has them
 * (`model.encoder.` or `encoder.` in front, or nothing) and as OpenAI has them. All sizes are read from the weights.
 */
import { damaged } from '../file.js';
import type { GraphBuilder, Tokens } from '../onnx/graph.js';
import { attention } from './attention.js';
import type { Keys } from './keys.js';
import { gelu, layerNorm, linear, sum } from './layers.js';
import type { EncoderNetwork } from './network.js';

/** Width of a head in every Whisper; no key tells it. */
const HEAD = 64;
const SIZES: Readonly<Record<number, string>> = {
  384: 'tiny',
  512: 'base',
  768: 'small',
  1024: 'medium',
  1280: 'large',
};

/** Where the parts of the encoder are; those of a layer behind `layer`. */
interface Names {
  readonly prefix: string;
  readonly positions: string;
  readonly layer: (i: number) => string;
  readonly maps: readonly [query: string, key: string, value: string, out: string];
  readonly norms: readonly [first: string, second: string, last: string];
  readonly net: readonly [string, string];
}

const TRANSFORMERS: Omit<Names, 'prefix'> = {
  positions: 'embed_positions.weight',
  layer: (i) => `layers.${i}`,
  maps: ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.out_proj'],
  norms: ['self_attn_layer_norm', 'final_layer_norm', 'layer_norm'],
  net: ['fc1', 'fc2'],
};

const OPENAI: Names = {
  prefix: 'encoder.',
  positions: 'positional_embedding',
  layer: (i) => `blocks.${i}`,
  maps: ['attn.query', 'attn.key', 'attn.value', 'attn.out'],
  norms: ['attn_ln', 'mlp_ln', 'ln_post'],
  net: ['mlp.0', 'mlp.2'],
};

/** The encoder of Whisper that has these keys, if one has. */
export function findWhisper(keys: Keys): EncoderNetwork | undefined {
  const names = [
    ...['model.encoder.', 'encoder.', ''].map((prefix) => ({ prefix, ...TRANSFORMERS })),
    OPENAI,
  ];
  const found = names.find(({ prefix, layer, maps }) =>
    [`${layer(0)}.${maps[0]}`, 'conv2'].every((name) => keys.has(`${prefix}${name}.weight`)),
  );
  if (found === undefined) return undefined;
  const { prefix } = found;
  const [width = 0, bands = 0] = keys.shape(`${prefix}conv1.weight`);
  let layers = 0;
  while (keys.has(`${prefix}${found.layer(layers)}.${found.maps[0]}.weight`)) layers++;
  return {
    title: `Whisper encoder (${SIZES[width] ?? `${width} wide`})`,
    family: 'whisper',
    licence: 'not stated in the file; the weights of OpenAI are MIT',
    inputs: { mel: [bands, 'any'] },
    outputs: { hidden: ['any', layers + 1, width] },
    build: (g, all) => build(g, all, found, { width, bands, layers }),
  };
}

interface Sizes {
  readonly width: number;
  readonly bands: number;
  readonly layers: number;
}

/**
 * Input `mel`, [bands, T] float32 of 100 frames a second; output `hidden`, [T/2, layers + 1, width] float32: the
 * embedding and what each layer gives, the last behind the last norm. The T may be any up to twice the places there are.
 */
function build(g: GraphBuilder, keys: Keys, names: Names, { width, bands, layers }: Sizes): void {
  const { prefix } = names;
  g.inputs.push({ name: 'mel', type: 'float32', shape: [bands, 'frames'] });
  const half = g.precision === 'float16';
  let rows = half ? g.node('Cast', ['mel'], { to: 10 }) : 'mel';
  rows = gelu(g, row(g, keys, rows, `${prefix}conv1`, [width, bands, 1]));
  rows = gelu(g, row(g, keys, rows, `${prefix}conv2`, [width, width, 2]));
  const vectors = g.node('Transpose', [rows], { perm: [0, 2, 1] });
  const count = g.node('Gather', [g.node('Shape', [vectors]), g.shared([1])], { axis: 0 });
  const places = keys.take(`${prefix}${names.positions}`, undefined, width);
  const all = keys.shape(`${prefix}${names.positions}`);
  const table = g.weights('places', [all[0] ?? 0, width], places);
  const near = g.node('Slice', [table, g.shared([0]), count, g.shared([0])]);
  let x: Tokens = { name: g.node('Add', [vectors, near]), shape: [-1, width] };
  const states = [x];
  for (let i = 0; i < layers; i++) {
    x = layer(g, keys, x, `${prefix}${names.layer(i)}`, names);
    states.push(x);
  }
  states[layers] = layerNorm(g, keys, x, `${prefix}${names.norms[2]}`);
  const side = states.map(({ name }) => g.reshape(name, 0, 0, 1, width));
  const stacked = half ? g.node('Concat', side, { axis: 2 }) : undefined;
  if (stacked === undefined) g.named('hidden', 'Concat', side, { axis: 2 });
  else g.named('hidden', 'Cast', [stacked], { to: 1 });
  g.outputs.push({ name: 'hidden', type: 'float32', shape: ['vectors', layers + 1, width] });
  // Hearing takes the encoder alone.
  for (const rest of ['model.decoder.', 'decoder.', 'proj_out.']) keys.ignore(rest);
  keys.end('the encoder of Whisper');
}

function layer(
  g: GraphBuilder,
  keys: Keys,
  from: Tokens,
  prefix: string,
  { maps, norms, net }: Names,
): Tokens {
  const width = from.shape[1];
  if (width % HEAD !== 0) {
    throw damaged(keys.weights.path, `${prefix} is ${width} wide, which are no heads of ${HEAD}.`);
  }
  const [q, k, v, o] = maps.map((name) => `${prefix}.${name}`) as [string, string, string, string];
  const heard = { query: { name: q }, key: { name: k, bias: false }, value: { name: v }, out: { name: o } };
  const even = layerNorm(g, keys, from, `${prefix}.${norms[0]}`);
  const x = sum(g, attention(g, keys, even, even, heard, width / HEAD), from);
  const wide = linear(g, keys, layerNorm(g, keys, x, `${prefix}.${norms[1]}`), {
    name: `${prefix}.${net[0]}`,
  });
  return sum(g, linear(g, keys, { ...wide, name: gelu(g, wide.name) }, { name: `${prefix}.${net[1]}` }), x);
}

/** A convolution of three frames along time. */
function row(
  g: GraphBuilder,
  keys: Keys,
  x: string,
  name: string,
  [out, channels, stride]: readonly [number, number, number],
): string {
  const inputs = [
    x,
    g.weights(`${name}.w`, [out, channels, 3], keys.take(`${name}.weight`, out, channels, 3)),
    g.weights(`${name}.b`, [out], keys.take(`${name}.bias`, out)),
  ];
  return g.node('Conv', inputs, { kernel_shape: [3], strides: [stride], pads: [1, 1] });
}
