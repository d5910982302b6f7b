import { LazyFile } from '../file.js';

/** ONNX is protobuf without a magic number: it begins with its version, field 1, or with a text, field 2. */
export async function isOnnx(file: string): Promise<boolean> {
  const lazy = await LazyFile.open(file);
  try {
    const [first] = await lazy.read({ at: 0, bytes: Math.min(1, lazy.size) });
    return first === 0x08 || first === 0x12 || (first !== 0x50 && first !== 0x80 && file.endsWith('.onnx'));
  } finally {
    await lazy.close();
  }
}
