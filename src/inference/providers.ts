/**
 * Which execution providers can run here, without making a session.
 */
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Names as `provider=` takes them (`cpu`, `cuda`, …), in ONNX Runtime's order. CUDA and TensorRT are known to every
 * build for Linux, but their libraries are fetched on request; without them they are left out.
 */
export async function listProviders(): Promise<string[]> {
  const { listSupportedBackends } = await import('onnxruntime-node');
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const folder = join(dirname(main), '..', 'bin');
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const here = files.filter((file) => file.includes(process.platform) && file.includes(process.arch));
  return listSupportedBackends()
    .map(({ name }) => name)
    .filter(
      (name) => !/^(cuda|tensorrt)$/.test(name) || here.some((file) => file.includes(`providers_${name}`)),
    );
}
