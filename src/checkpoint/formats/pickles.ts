import { TalkError } from '../../element/error.js';
import { damaged, type Extent, type LazyFile } from '../file.js';
import { PickleError } from '../pickle/cursor.js';
import { Machine, RefusedName } from '../pickle/machine.js';
import { type Storage, torchNames } from '../pickle/torch.js';
import type { Value } from '../pickle/values.js';

/** Largest pickle: it holds names and shapes, the numbers lie elsewhere. */
export const MOST_PICKLE = 64 << 20;

/** What a pickle of torch holds. */
export interface Unpickled {
  readonly value: Value;
  /** First byte behind it. */
  readonly end: number;
  readonly storages: ReadonlyMap<string, Storage>;
}

/** @throws TalkError stream/format */
export function checkPickleSize(file: LazyFile, bytes: number): void {
  if (bytes <= MOST_PICKLE) return;
  throw damaged(file.path, `its pickle has ${bytes} bytes; names and shapes take at most ${MOST_PICKLE}.`);
}

/**
 * Reads the pickle that begins at byte `at` of `bytes`.
 * @throws TalkError stream/wrong-type for a name that is not on the allow-list, stream/format for what is damaged
 */
export function runPickle(
  file: LazyFile,
  bytes: Uint8Array,
  at: number,
  locate: (storage: Omit<Storage, 'extent'>) => Extent,
): Unpickled {
  const names = torchNames(locate);
  const machine = new Machine(bytes, names, at);
  try {
    const value = machine.run();
    return { value, end: machine.cursor.at, storages: names.storages };
  } catch (error) {
    if (error instanceof RefusedName) throw refused(file, error);
    if (!(error instanceof PickleError)) throw error;
    throw damaged(file.path, `its pickle cannot be read: ${error.message}.`);
  }
}

function refused({ path }: LazyFile, { refused: name }: RefusedName): TalkError {
  return new TalkError(
    'stream/wrong-type',
    `${path} is refused: it calls for ${name}, and only tensors and plain values are read from a checkpoint. ` +
      'If you trust the file and it holds a whole model, save its weights in Python: torch.save(model.state_dict(), "weights.pth").',
    { details: { path, name } },
  );
}
