import { damaged } from '../file.js';
import type { GraphBuilder, Tokens } from '../onnx/graph.js';
import type { Keys } from './keys.js';
import { type Linear, linear } from './layers.js';

/** Where an attention has its four linear maps. */
export interface AttentionMaps {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly out: Linear;
}

/**
 * Multi-head attention: each vector of `x` asks those of `from`, by softmax(q k / sqrt(width of a head)).
 * @throws TalkError stream/format for a width that the heads do not divide
 */
export function attention(
  g: GraphBuilder,
  keys: Keys,
  x: Tokens,
  from: Tokens,
  { query, key, value, out }: AttentionMaps,
  heads: number,
): Tokens {
  const all = keys.shape(`${query.name}.weight`)[0] ?? 0;
  if (all % heads !== 0) {
    throw damaged(keys.weights.path, `${query.name} gives ${all} numbers, which are not ${heads} heads.`);
  }
  const each = all / heads;
  // By heads: [batch, heads, vectors, each], and for keys the last two the other way round.
  const split = (tokens: Tokens, perm: readonly number[]) =>
    g.node('Transpose', [g.reshape(tokens.name, 0, 0, heads, each)], { perm });
  const q = split(linear(g, keys, x, { ...query, scale: each ** -0.5 }), [0, 2, 1, 3]);
  const k = split(linear(g, keys, from, key), [0, 2, 3, 1]);
  const v = split(linear(g, keys, from, value), [0, 2, 1, 3]);
  const share = g.node('Softmax', [g.node('MatMul', [q, k])], { axis: -1 });
  const seen = g.node('Transpose', [g.node('MatMul', [share, v])], { perm: [0, 2, 1, 3] });
  return linear(g, keys, { name: g.reshape(seen, 0, 0, all), shape: [x.shape[0], all] }, out);
}
