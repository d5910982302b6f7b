import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { standIn, standInManifest } from './onnx.js';

/** Puts the stand-in model into `folder`/standin and returns `folder`, fit for TALKGRAPH_MODELS. */
export function putStandIn(folder: string, size = 16, extra = ''): string {
  const onnx = standIn(size);
  mkdirSync(join(folder, 'standin'), { recursive: true });
  writeFileSync(join(folder, 'standin', 'standin.onnx'), onnx);
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  writeFileSync(join(folder, 'standin', 'model.yaml'), standInManifest(size, sha256, extra));
  return folder;
}
