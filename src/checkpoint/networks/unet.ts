/**
 * The UNet of Stable Diffusion 1 as diffusers keeps it (`UNet2DConditionModel`), at the one moment that MuseTalk uses.
 *
 * How many levels, blocks and channels there are say its keys and shapes. What no key tells is as in MuseTalk's
 * musetalk.json: 8 heads, 32 groups, epsilon 1e-5, the sinusoid of the moment with cosines first.
 */
import { damaged } from '../file.js';
import type { Flow, GraphBuilder, Tokens } from '../onnx/graph.js';
import { attention } from './attention.js';
import { add, concat, conv } from './blocks.js';
import type { Keys } from './keys.js';
import { gelu, groupNorm, layerNorm, linear, silu, sum, toFlow, toTokens } from './layers.js';
import { GROUPS, POINT, type ResnetStyle, resnet, SAME, upsample } from './resnet.js';

const HEADS = 8;
const EPSILON = 1e-5;
/** Of the norm in front of a transformer. */
const FINE = 1e-6;

/** Width of the vectors that a UNet's cross attention asks, its input and output channels; undefined where these are no UNet's keys. */
export function unetEnds(keys: Keys): { asks: number; takes: number; gives: number } | undefined {
  const asked = 'mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight';
  if (
    ![asked, 'conv_in.weight', 'conv_out.weight', 'time_embedding.linear_1.weight'].every((key) =>
      keys.has(key),
    )
  )
    return undefined;
  const [asks, takes, gives] = [
    keys.shape(asked)[1],
    keys.shape('conv_in.weight')[1],
    keys.shape('conv_out.weight')[0],
  ];
  return { asks: asks ?? 0, takes: takes ?? 0, gives: gives ?? 0 };
}

/** What the UNet makes of a picture and of vectors that its cross attention asks. @throws TalkError stream/format */
export function unet(g: GraphBuilder, keys: Keys, from: Flow, heard: Tokens): Flow {
  const style: ResnetStyle = { epsilon: EPSILON, moment: momentZero(keys) };
  const seen: Flow[] = [];
  const keep = (x: Flow): Flow => {
    seen.push(x);
    return x;
  };
  const block = (x: Flow, level: string, i: number): Flow => {
    const y = resnet(g, keys, x, `${level}.resnets.${i}`, style);
    const attends = `${level}.attentions.${i}`;
    return keys.has(`${attends}.norm.weight`) ? transformer(g, keys, y, attends, heard) : y;
  };
  const blocks = (level: string) => numbered((i) => keys.has(`${level}.resnets.${i}.conv1.weight`));
  const levels = (name: string) =>
    numbered((i) => keys.has(`${name}.${i}.resnets.0.conv1.weight`)).map((i) => `${name}.${i}`);

  let x = keep(conv(g, keys, from, { conv: 'conv_in' }, SAME));
  for (const level of levels('down_blocks')) {
    for (const i of blocks(level)) x = keep(block(x, level, i));
    const down = `${level}.downsamplers.0.conv`;
    if (keys.has(`${down}.weight`)) x = keep(conv(g, keys, x, { conv: down }, { ...SAME, stride: 2 }));
  }
  x = resnet(g, keys, block(x, 'mid_block', 0), 'mid_block.resnets.1', style);
  for (const level of levels('up_blocks')) {
    for (const i of blocks(level)) {
      const before = seen.pop();
      if (before === undefined)
        throw damaged(keys.weights.path, `${level} has more blocks than the way down.`);
      x = block(concat(g, x, before), level, i);
    }
    const up = `${level}.upsamplers.0.conv`;
    if (keys.has(`${up}.weight`)) x = upsample(g, keys, x, up);
  }
  if (seen.length > 0) throw damaged(keys.weights.path, `up_blocks has ${seen.length} blocks too few.`);
  const even = groupNorm(g, keys, x, 'conv_norm_out', { groups: GROUPS, epsilon: EPSILON });
  return conv(g, keys, silu(g, even), { conv: 'conv_out' }, SAME);
}

/** A transformer over the pixels, through 1x1 convolutions, added to what it was given (`Transformer2DModel`). */
function transformer(g: GraphBuilder, keys: Keys, x: Flow, prefix: string, heard: Tokens): Flow {
  const even = groupNorm(g, keys, x, `${prefix}.norm`, { groups: GROUPS, epsilon: FINE });
  let t = toTokens(g, conv(g, keys, even, { conv: `${prefix}.proj_in` }, POINT));
  for (const i of numbered((i) => keys.has(`${prefix}.transformer_blocks.${i}.norm1.weight`))) {
    t = layer(g, keys, t, `${prefix}.transformer_blocks.${i}`, heard);
  }
  const back = toFlow(g, t, x.shape[1], x.shape[2]);
  return add(g, conv(g, keys, back, { conv: `${prefix}.proj_out` }, POINT), x);
}

/** Attention among the pixels, attention to what is heard, a gated net of two layers; each added (`BasicTransformerBlock`). */
function layer(g: GraphBuilder, keys: Keys, from: Tokens, prefix: string, heard: Tokens): Tokens {
  const maps = (name: string) => ({
    query: { name: `${prefix}.${name}.to_q`, bias: false },
    key: { name: `${prefix}.${name}.to_k`, bias: false },
    value: { name: `${prefix}.${name}.to_v`, bias: false },
    out: { name: `${prefix}.${name}.to_out.0` },
  });
  const first = layerNorm(g, keys, from, `${prefix}.norm1`);
  let x = sum(g, attention(g, keys, first, first, maps('attn1'), HEADS), from);
  const second = layerNorm(g, keys, x, `${prefix}.norm2`);
  x = sum(g, attention(g, keys, second, heard, maps('attn2'), HEADS), x);
  const wide = linear(g, keys, layerNorm(g, keys, x, `${prefix}.norm3`), { name: `${prefix}.ff.net.0.proj` });
  const half = wide.shape[1] / 2;
  const part = (a: number, b: number) =>
    g.node('Slice', [wide.name, g.shared([a]), g.shared([b]), g.shared([2])]);
  const gated = g.node('Mul', [part(0, half), gelu(g, part(half, 2 * half))]);
  const narrow = linear(g, keys, { name: gated, shape: [x.shape[0], half] }, { name: `${prefix}.ff.net.2` });
  return sum(g, narrow, x);
}

/**
 * What moment 0 adds in each block: time_emb_proj(silu(linear_2(silu(linear_1(sinusoid))))). The sinusoid of 0 is ones,
 * then zeros.
 */
function momentZero(keys: Keys): NonNullable<ResnetStyle['moment']> {
  const [hidden = 0, waves = 0] = keys.shape('time_embedding.linear_1.weight');
  const width = keys.shape('time_embedding.linear_2.weight')[0] ?? 0;
  const maps = [
    {
      weight: keys.take('time_embedding.linear_1.weight', hidden, waves),
      bias: keys.take('time_embedding.linear_1.bias', hidden),
    },
    {
      weight: keys.take('time_embedding.linear_2.weight', width, hidden),
      bias: keys.take('time_embedding.linear_2.bias', width),
    },
  ];
  let known: Promise<Float64Array> | undefined;
  const embedding = async () => {
    let x = Float64Array.from({ length: waves }, (_, i) => (i < waves / 2 ? 1 : 0));
    for (const { weight, bias } of maps)
      x = mapped(await weight(), await bias(), x).map((one) => one / (1 + Math.exp(-one)));
    return x;
  };
  return (prefix, channels) => {
    const name = `${prefix}.time_emb_proj`;
    const weight = keys.take(`${name}.weight`, channels, width);
    const bias = keys.take(`${name}.bias`, channels);
    return async () => {
      known ??= embedding();
      return Float32Array.from(mapped(await weight(), await bias(), await known));
    };
  };
}

/** weight x + bias in float64. */
function mapped(weight: Float32Array, bias: Float32Array, x: Float64Array): Float64Array {
  return Float64Array.from(bias, (start, row) =>
    x.reduce((total, one, i) => total + one * (weight[row * x.length + i] ?? 0), start),
  );
}

/** 0, 1, … as long as there is one. */
function numbered(there: (i: number) => boolean): number[] {
  const found: number[] = [];
  while (there(found.length)) found.push(found.length);
  return found;
}
