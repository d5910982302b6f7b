import { damaged } from '../file.js';
import { some } from '../some.js';
import type { Weights } from '../weights.js';
import { findAve } from './ave.js';
import { Keys } from './keys.js';
import { findMuseTalk } from './musetalk.js';
import type { EncoderNetwork, Network, NetworkOptions } from './network.js';
import { findUltralight } from './ultralight.js';
import { findWav2Lip } from './wav2lip.js';
import { findWhisper } from './whisper.js';

/** Each says whether the keys are its own. */
const NETWORKS = [findWav2Lip, findUltralight, findMuseTalk];

/**
 * The network a checkpoint holds the weights of, told by its keys and shapes.
 * @throws TalkError stream/format naming the keys that nothing is known about, RangeError for options that do not fit
 */
export function recognise(weights: Weights, options: NetworkOptions = {}): Network {
  const keys = new Keys(weights);
  for (const find of NETWORKS) {
    const found = find(keys, options);
    if (found !== undefined) return found;
  }
  throw damaged(
    weights.path,
    `unknown architecture: these keys belong to no network that is known: ${some([...weights.tensors.keys()])}.`,
    'docs/models.md lists what is imported, and how to export the rest.',
  );
}

/** The encoder a checkpoint holds the weights of, if it holds one's. */
export function recogniseEncoder(weights: Weights): EncoderNetwork | undefined {
  const keys = new Keys(weights);
  return findWhisper(keys) ?? findAve(keys);
}
