/**
 * `talkgraph avatar preview`.
 */
import { findAvatar } from '../../avatar/index.js';
import { avatarSheet } from '../../avatar/making.js';
import { readManifest } from '../../inference/index.js';
import { EXIT, UsageError } from '../exit.js';
import { run as launch } from '../launch.js';
import { noMoreThan, readOptions } from '../options.js';
import type { Terminal } from '../terminal.js';

/** About five seconds. */
const TEXT = 'Hello. This is what I look like when I speak: plums, feathers, and a yellow bow.';

/** Draws a contact sheet, or has the avatar say something. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, {
    sheet: { type: 'string' },
    video: { type: 'string' },
    text: { type: 'string' },
    model: { type: 'string' },
  });
  noMoreThan(1, positionals);
  const [id] = positionals;
  if (id === undefined) throw new UsageError('which avatar should be shown?');
  await findAvatar(id);
  const { video, text = TEXT, model } = values;
  const sheet = values.sheet ?? (video === undefined ? `${id.replace(/.*[\\/]/, '')}.png` : undefined);
  if (sheet !== undefined) {
    const crop = model === undefined ? '' : (await readManifest(model)).crop;
    await avatarSheet(id, sheet, { crop });
    terminal.out(`${sheet}\n`);
  }
  if (video === undefined) return EXIT.ok;
  const words = [`avatar=${id}`, `text=${text}`, `location=${video}`, ...(model ? [`model=${model}`] : [])];
  const exit = await launch(['--quiet', 'graphs/render.yaml', ...words], terminal);
  if (exit === EXIT.ok) terminal.out(`${video}\n`);
  return exit;
}
