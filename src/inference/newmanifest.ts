import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Document, isSeq, visit } from 'yaml';
import { TalkError } from '../element/error.js';
import { type ManifestFile, parseManifest } from './manifest.js';

/**
 * Writes the `model.yaml` of a new model, with a comment above it. What could not be read back is not written.
 * @throws TalkError resource/settings, resource/write
 */
export async function writeManifest(folder: string, manifest: ManifestFile, comment: string): Promise<void> {
  const file = join(folder, 'model.yaml');
  parseManifest(file, manifest);
  const document = new Document(manifest);
  document.commentBefore = ` ${comment}`;
  // Shapes on one line each.
  visit(document, {
    Seq: (_, node) => {
      if (isSeq(node)) node.flow = true;
    },
  });
  await writeFile(file, document.toString({ lineWidth: 0, flowCollectionPadding: false })).catch(
    (cause: unknown) => {
      throw new TalkError('resource/write', `${file} cannot be written.`, { details: { path: file }, cause });
    },
  );
}
