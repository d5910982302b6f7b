/**
 * What `talkgraph avatar create` is told.
 */
import type { CreateOptions } from '../avatar/create/index.js';
import { didYouMean } from '../graph/similar.js';
import { UsageError } from './exit.js';
import { noMoreThan, readOptions } from './options.js';

export const help = `
talkgraph avatar create FILE --id ID [options]

Makes an avatar of a video or a photo of a person: any format GStreamer can decode. It is brought to 25 pictures a second,
the face is found and followed, and the calmest stretch is looped there and back. Record ten seconds or more of
somebody who listens: lips closed, face to the camera, light from the front, without a cut.

  --id ID            what it will be called: --id anna, then avatar=anna
  --name TEXT        what people call it
  --licence TEXT     who may use its pictures for what
  --consent TEXT     who agreed, and to what; kept in avatar.yaml
  --start SECONDS    leave out the beginning
  --read SECONDS     look at so much of it (120)
  --length SECONDS   the loop lasts at most so long, one way (12)
  --crop X,Y,W,H     use this part of the picture, pixels
  --size PIXELS      the longer side, at most (1280)
  --loop MODE        there-and-back, or forward
  --mouth MODE       close: lips that are a little apart are brought together; keep: they are left as they are
  --detector FILE    a YuNet as ONNX, for small or turned faces
  --folder FOLDER    where avatars live, instead of data/avatars
  --force            takes the place of an avatar of that name
  --json             what was made and found, as JSON; progress as JSON lines on standard error

What is wrong with a video is said by time. Exit codes: 0 made, 1 nothing of it can be used or it cannot be read,
2 the command line is wrong, 130 interrupted; nothing is left behind then.
`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const TEXTS = ['id', 'name', 'licence', 'consent', 'detector', 'folder'] as const;

/** Reads the command line. @throws UsageError */
export function createOptions(args: readonly string[]): { options: CreateOptions; json: boolean } {
  const { values, positionals } = readOptions(args, {
    ...{ id: text, name: text, licence: text, consent: text, detector: text, folder: text },
    ...{ start: text, read: text, length: text, size: text, crop: text, loop: text, mouth: text },
    ...{ force: flag, json: flag },
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
      replace: values.force === true,
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
