/**
 * What `talkgraph avatar create` is told.
 */
import type { CreateOptions } from '../../avatar/create/index.js';
import { didYouMean } from '../../graph/similar.js';
import { UsageError } from '../exit.js';
import { noMoreThan, readOptions } from '../options.js';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const TEXTS = ['id', 'name', 'licence', 'consent', 'detector', 'folder'] as const;

/** Reads the command line. @throws UsageError */
export function createOptions(args: readonly string[]): { options: CreateOptions; json: boolean } {
  const { values, positionals } = readOptions(args, {
    ...{ id: text, name: text, licence: text, consent: text, detector: text, folder: text },
    ...{
      start: text,
      read: text,
      length: text,
      size: text,
      crop: text,
      loop: text,
      mouth: text,
      store: text,
    },
    ...{ replace: flag, json: flag, still: flag },
  });
  noMoreThan(1, positionals);
  const [source] = positionals;
  if (source === undefined) throw new UsageError('which video or photo should it be made of?');
  const { id } = values;
  if (id === undefined) throw new UsageError('what should the avatar be called?', '"--id ID" says it.');
  const start = number('--start', values.start, 0, 86_400);
  const read = number('--read', values.read, 1, 1800);
  const length = number('--length', values.length, 1, 1800);
  const size = number('--size', values.size, 64, 4096);
  const crop = values.crop === undefined ? undefined : window(values.crop);
  const loop = word('--loop', values.loop, ['there-and-back', 'forward'] as const);
  const mouth = word('--mouth', values.mouth, ['close', 'keep'] as const);
  const store = word('--store', values.store, ['pictures', 'film'] as const);
  return {
    json: values.json === true,
    options: {
      source,
      id,
      ...Object.fromEntries(TEXTS.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]]))),
      ...(start !== undefined && { start }),
      ...(read !== undefined && { read }),
      ...(length !== undefined && { length }),
      ...(size !== undefined && { size }),
      ...(crop && { crop }),
      ...(loop && { loop }),
      ...(mouth && { mouth }),
      ...(store && { store }),
      still: values.still === true,
      replace: values.replace === true,
    },
  };
}

function number(option: string, given: string | undefined, least: number, most: number): number | undefined {
  if (given === undefined) return undefined;
  const value = /^\d{1,6}(\.\d{1,3})?$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a number from ${least} to ${most}, not "${given}"`);
}

function window(given: string): [number, number, number, number] {
  if (/^\d{1,5}(,\d{1,5}){3}$/.test(given))
    return given.split(',').map(Number) as [number, number, number, number];
  throw new UsageError(`--crop takes X,Y,WIDTH,HEIGHT in pixels, not "${given}"`);
}

function word<T extends string>(
  option: string,
  given: string | undefined,
  words: readonly T[],
): T | undefined {
  if (given === undefined) return undefined;
  const found = words.find((one) => one === given);
  if (found === undefined)
    throw new UsageError(`${option} takes ${words.join(' or ')}, not "${given}"${didYouMean(given, words)}`);
  return found;
}
