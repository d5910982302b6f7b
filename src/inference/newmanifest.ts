import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Document, isScalar, isSeq, visit } from 'yaml';
import { TalkError } from '../element/error.js';
import { type EncoderFile, parseEncoder } from './encoder.js';
import { type ManifestFile, parseManifest } from './manifest.js';
import { ENCODERS } from './net.js';

/**
 * Writes the `model.yaml` of a new model, with a comment above it. What could not be read back is not written.
 * @throws TalkError resource/settings, resource/write
 */
export async function writeManifest(
  folder: string,
  manifest: ManifestFile | EncoderFile,
  comment: string,
): Promise<void> {
  const file = join(folder, 'model.yaml');
  const encodes = (ENCODERS as readonly string[]).includes(manifest.family);
  (encodes ? parseEncoder : parseManifest)(file, manifest);
  const document = new Document(manifest);
  document.commentBefore = ` ${comment}`;
  // Shapes on one line each.
  visit(document, {
    Seq: (_, node) => {
      if (isSeq(node) && node.items.every((item) => isScalar(item))) node.flow = true;
    },
  });
  await writeFile(file, document.toString({ lineWidth: 0, flowCollectionPadding: false })).catch(
    (cause: unknown) => {
      throw new TalkError('resource/write', `${file} cannot be written.`, { details: { path: file }, cause });
    },
  );
}
