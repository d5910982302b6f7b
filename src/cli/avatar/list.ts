/**
 * `talkgraph avatar list`.
 */
import { listAvatars, readAvatar } from '../../avatar/index.js';
import { TalkError } from '../../element/error.js';
import { EXIT } from '../exit.js';
import { noMoreThan, readOptions } from '../options.js';
import type { Terminal } from '../terminal.js';

interface Overview {
  readonly id: string;
  readonly name?: string;
  readonly width?: number;
  readonly height?: number;
  /** Length, s. */
  readonly seconds?: number;
  /** Families of models it has boxes of their own for, besides the default one's. */
  readonly crops?: readonly string[];
  readonly licence?: string;
  readonly folder?: string;
  /** Why it cannot be used. */
  readonly problem?: string;
}

/** Lists all avatars. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, { json: { type: 'boolean' } });
  noMoreThan(0, positionals);
  const found = await Promise.all((await listAvatars()).map(overview));
  const width = Math.max(0, ...found.map(({ id }) => id.length)) + 2;
  terminal.out(
    values.json === true
      ? `${JSON.stringify(found, null, 2)}\n`
      : found.map((one) => line(one, width, terminal)).join(''),
  );
  return EXIT.ok;
}

async function overview(id: string): Promise<Overview> {
  try {
    const { folder, manifest } = await readAvatar(id);
    const { name, width, height, frames, framerate, crops, licence } = manifest;
    const [num = 25, den = 1] = framerate.split('/').map(Number);
    const seconds = Math.round((10 * frames * den) / num) / 10;
    return {
      id,
      name,
      width,
      height,
      seconds,
      crops: Object.keys(crops),
      ...(licence && { licence }),
      folder,
    };
  } catch (error) {
    if (!(error instanceof TalkError)) throw error;
    return { id, problem: error.message };
  }
}

function line(one: Overview, width: number, terminal: Terminal): string {
  const label = terminal.paint('name', one.id.padEnd(width), 'out');
  if (one.problem !== undefined) return `${label}${terminal.paint('warning', one.problem, 'out')}\n`;
  const { name, seconds, crops = [], licence = 'licence not stated' } = one;
  const also = crops.length === 0 ? '' : `, also for ${crops.join(', ')}`;
  return `${label}${name}: ${one.width}x${one.height}, ${seconds} s${also}; ${licence}\n`;
}
