import { WorkerPool } from './pool.js';

export { latencyOf, readProviders } from './choice.js';
export { type Declared, type DeclaredPort, describeFile } from './describe.js';
export {
  type Encoder,
  type EncoderFile,
  findEncoder,
  hasEncoder,
  isEncoder,
  netOf,
  readEncoder,
  readModel,
} from './encoder.js';
export * from './engine.js';
export { FAMILIES, familyOf } from './families.js';
export { type FaceLayout, type Family, FEATURES, type Features } from './family.js';
export { isModelName, listModels, modelFolders } from './folders.js';
export { toHalves } from './half.js';
export { isListener, LISTENERS, type Listener, readListener } from './listener.js';
export { type LoadProgress, type OnLoad, toldBy } from './loading.js';
export {
  type Manifest,
  type ManifestFile,
  readManifest,
} from './manifest.js';
export { isMissable } from './missable.js';
export { Misses } from './misses.js';
export { ENCODERS, type EncoderFamily, type Net } from './net.js';
export { writeManifest } from './newmanifest.js';
export { type PoolOptions, WorkerPool } from './pool.js';
export { verifyWeights } from './weights.js';

let shared: WorkerPool | undefined;

/** The pool of this process, made when first asked for. It keeps no process alive by itself. */
export function sharedPool(): WorkerPool {
  shared ??= new WorkerPool();
  return shared;
}

/** Ends the pool of this process; the next `sharedPool()` makes a new one. */
export async function closeSharedPool(): Promise<void> {
  const pool = shared;
  shared = undefined;
  await pool?.close();
}
