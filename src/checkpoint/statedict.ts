import { damaged } from './file.js';
import { TENSOR } from './pickle/torch.js';
import { Made, type Value } from './pickle/values.js';
import { some } from './some.js';
import type { Tensor } from './tensor.js';

/** Under which keys training scripts keep the weights; optimizer, epoch and the like lie beside them. */
const WRAPPERS = [
  'state_dict',
  'model_state_dict',
  'model',
  'net',
  'generator',
  'params_ema',
  'params',
  'module',
];

/**
 * The weights of a checkpoint by key: of a state dictionary, or of one that lies in a dictionary beside other things.
 * `module.` is taken out of the keys wherever it stands, as LiveTalking does (DataParallel puts it there).
 *
 * @throws TalkError stream/format saying what there was instead
 */
export function stateDict(path: string, content: Value): Map<string, Tensor> {
  if (!(content instanceof Map)) throw damaged(path, `it holds ${kindOf(content)}, not weights by name.`);
  const tensors = tensorsOf(content);
  if (tensors.size > 0) return renamed(path, tensors);
  for (const key of WRAPPERS) {
    const inner = content.get(key);
    const found = inner instanceof Map ? tensorsOf(inner) : tensors;
    if (found.size > 0) return renamed(path, found);
  }
  // Texts alone: a key may be a list of lists of itself, which as text would have no end.
  const keys = [...content.keys()].filter((key) => typeof key === 'string').map((key) => key.slice(0, 40));
  throw damaged(path, `it holds no weights: its keys are ${some(keys) || 'none'}.`);
}

/** The same of tensors that have names already. */
export function renamed(path: string, tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const [key, tensor] of tensors) {
    const name = key.replaceAll('module.', '');
    if (found.has(name)) throw damaged(path, `it holds ${name} twice, with and without "module.".`);
    found.set(name, tensor);
  }
  return found;
}

function tensorsOf(map: Map<Value, Value>): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const [key, value] of map) {
    if (typeof key === 'string' && value instanceof Made && value.kind === TENSOR) {
      found.set(key, value.value as Tensor);
    }
  }
  return found;
}

function kindOf(value: Value): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Made) return value.kind;
  return value === null ? 'nothing' : `a ${typeof value}`;
}
