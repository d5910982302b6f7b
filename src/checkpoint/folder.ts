import { hasEncoder } from '../inference/index.js';
import { type Imported, type ImportOptions, importModel } from './import.js';
import { findLayout } from './layout.js';

/** What a MuseTalk's encoder is called when it comes along. */
const WHISPER = 'whisper';

/**
 * Makes models of what lies at a path: of a file one; of a folder laid out as LiveTalking's the MuseTalk in it, and the
 * encoder that it hears with unless there is one already.
 *
 * @throws TalkError as `importModel`, resource/not-found for a folder that lacks a file
 */
export async function importModels(path: string, options: ImportOptions): Promise<Imported[]> {
  const layout = await findLayout(path);
  if (layout === undefined) return [await importModel(path, options)];
  const { whisper, unet, ...halves } = layout;
  const face = await importModel(unet, { ...halves, ...options });
  const { folder } = options;
  const heard = await hasEncoder(WHISPER, folder === undefined ? undefined : [folder]);
  if (whisper === undefined || heard) return [face];
  // In full: a CPU hears no faster with half of it, and it is small.
  const where = folder === undefined ? {} : { folder };
  return [face, await importModel(whisper, { name: WHISPER, ...where })];
}
