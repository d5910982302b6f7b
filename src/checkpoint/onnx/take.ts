/**
 * ONNX files of others, taken as they are, with the files that hold their weights.
 */
import { constants } from 'node:fs';
import { copyFile, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import { writeError } from '../../element/fileerror.js';
import type { Look } from './look.js';
import { hashOf } from './write.js';

/** A file that was copied, named from the folder of the model. */
export interface Taken {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Files with its weights. */
  readonly weights?: Omit<Taken, 'weights'>[];
}

/** Files that hold the weights of one model, at most: some exports write one for each tensor. */
const MOST = 4096;

/**
 * Copies an ONNX file and its weights, which it finds by their names beside it.
 * @param root folder of the model
 * @param as where in it, such as `unet/unet.onnx`
 * @throws RangeError for weights that are missing or lie elsewhere; TalkError resource/no-space, resource/write
 */
export async function takeFile(
  from: string,
  { beside }: Pick<Look, 'beside'>,
  root: string,
  as: string,
): Promise<Taken> {
  if (beside.length > MOST) {
    throw new RangeError(
      `its weights lie in ${beside.length} files; export them to one (all_tensors_to_one_file=True).`,
    );
  }
  const weights: Taken[] = [];
  for (const name of beside) {
    const source = await besideIt(from, name);
    weights.push(await copied(source, root, posix.join(posix.dirname(as), name)));
  }
  const file = await copied(from, root, as);
  return weights.length === 0 ? file : { ...file, weights };
}

/** Where weights are, which must be a file in the folder of the model or below. */
async function besideIt(from: string, name: string): Promise<string> {
  const folder = await realpath(dirname(from));
  const path = join(folder, name);
  const found = await realpath(path).catch(() => undefined);
  const inside = (at: string) => {
    const way = relative(folder, at);
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
  };
  if (name === '' || name.includes('\0') || !inside(path) || (found !== undefined && !inside(found))) {
    throw new RangeError(`its weights lie in "${name}", which is outside of its folder; that is not read.`);
  }
  if (found === undefined || !(await stat(found)).isFile()) {
    throw new RangeError(`its weights lie in ${name} beside it, which is not there; put it there, too.`);
  }
  return found;
}

async function copied(from: string, root: string, as: string): Promise<Taken> {
  const to = join(root, as);
  try {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new RangeError(`two of its files would be called ${as}.`);
    }
    throw writeError(cause, to);
  }
  return { file: as, sha256: await hashOf(to), bytes: (await stat(to)).size };
}
