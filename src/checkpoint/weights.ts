import { damaged, LazyFile } from './file.js';
import { isSafetensors, readSafetensors } from './formats/safetensors.js';
import { isTorchLegacy, readTorchLegacy } from './formats/torch-legacy.js';
import { readTorchZip } from './formats/torch-zip.js';
import { renamed, stateDict } from './statedict.js';
import { readFloats, type Tensor } from './tensor.js';

/** The weights of a checkpoint. They stay in the file until they are asked for. */
export class Weights {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly #file: LazyFile;

  private constructor(file: LazyFile, tensors: ReadonlyMap<string, Tensor>) {
    this.path = file.path;
    this.#file = file;
    this.tensors = tensors;
  }

  /**
   * Opens a torch checkpoint of either format (`.pth`, `.pt`, `.ckpt`, `pytorch_model.bin`) or a safetensors file; which
   * it is says its content. Nothing in it is executed.
   *
   * @throws TalkError resource/not-found, resource/read; stream/format for what is damaged or no checkpoint;
   *   stream/wrong-type for one that calls for anything but tensors and plain values
   */
  static async open(path: string): Promise<Weights> {
    const file = await LazyFile.open(path);
    try {
      return new Weights(file, await readTensors(file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The numbers of one tensor as floats. @throws TalkError stream/format */
  async floats(name: string): Promise<Float32Array<ArrayBuffer>> {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw damaged(this.path, `it has no ${name}.`);
    return readFloats(this.#file, name, tensor);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function readTensors(file: LazyFile): Promise<Map<string, Tensor>> {
  const head = await file.read({ at: 0, bytes: Math.min(file.size, 16) });
  const starts = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);
  if (starts(0x50, 0x4b)) return stateDict(file.path, await readTorchZip(file));
  if (isTorchLegacy(head)) return stateDict(file.path, await readTorchLegacy(file));
  if (isSafetensors(head)) return renamed(file.path, await readSafetensors(file));
  throw damaged(file.path, `this is no checkpoint: ${guess(head, file.size)}.`);
}

function guess(head: Uint8Array, size: number): string {
  const text = Buffer.from(head).toString('latin1');
  if (size === 0) return 'the file is empty';
  if (text.startsWith('version https://'))
    return 'it is the pointer of Git LFS, not the file itself ("git lfs pull" fetches it)';
  if (/^\s*<(!|html)/i.test(text))
    return 'it is a web page, perhaps the answer of a site that asks for a login';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'it is packed with gzip; unpack it first';
  if (text.startsWith('\x80')) return 'it is a pickle, but not one that torch wrote';
  return 'neither a torch archive, nor torch’s older format, nor safetensors';
}
