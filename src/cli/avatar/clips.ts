/**
 * `talkgraph avatar clips`.
 */
import { clipId, listClips, readActions, readAvatar } from '../../avatar/index.js';
import { type ImportedClip, importClips } from '../../avatar/making.js';
import { TalkError } from '../../element/error.js';
import { EXIT, UsageError } from '../exit.js';
import { noMoreThan, readOptions } from '../options.js';
import type { Terminal } from '../terminal.js';
import { work } from '../work.js';

/** Lists the clips of an avatar, or makes some of LiveTalking's custom actions. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, {
    replace: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  noMoreThan(2, positionals);
  const [id, file] = positionals;
  if (id === undefined) throw new UsageError('whose clips?');
  const clips =
    file === undefined ? await known(id) : await makeClips(terminal, id, file, values.replace === true);
  if (values.json === true) terminal.out(`${JSON.stringify(clips, null, 2)}\n`);
  else if (clips.length === 0) terminal.out(`${id} has no clips.\n`);
  else for (const clip of clips) terminal.out(`${clipLine(clip)}\n`);
  return EXIT.ok;
}

/** What is said of a clip. */
export function clipLine({ name, frames, width, height, sound }: Omit<ImportedClip, 'folder'>): string {
  return `clip ${name}: ${frames} pictures of ${width}x${height}, ${sound ? 'with sound' : 'silent'}`;
}

async function known(id: string): Promise<ImportedClip[]> {
  const { folder } = await readAvatar(id);
  return await Promise.all(
    (await listClips(folder)).map(async (name) => {
      const clip = await readAvatar(clipId(id, name));
      const { width, height, frames, sound } = clip.manifest;
      return { name, folder: clip.folder, width, height, frames, sound: sound !== undefined };
    }),
  );
}

/** Imports what a file of LiveTalking's custom actions names. */
async function makeClips(
  terminal: Terminal,
  id: string,
  file: string,
  replace: boolean,
): Promise<ImportedClip[]> {
  const actions = await readActions(file);
  const total = actions.reduce((sum, { images }) => sum + images.length, 0);
  return await work(terminal, 'Importing', ({ tick, signal }) =>
    importClips(id, actions, { replace, signal, progress: (done) => tick(done, total) }),
  ).catch((error: unknown) => {
    if (error instanceof TalkError && error.code === 'resource/settings') throw new UsageError(error.message);
    throw error;
  });
}
