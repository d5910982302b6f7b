/**
 * `talkgraph avatar import`.
 */
import { readActions, unknownUse } from '../../avatar/index.js';
import { importClips, importLiveTalking, KINDS, type Kind, type NewAvatar } from '../../avatar/making.js';
import { TalkError } from '../../element/error.js';
import { didYouMean } from '../../graph/similar.js';
import { EXIT, UsageError } from '../exit.js';
import { noMoreThan, readOptions } from '../options.js';
import type { Terminal } from '../terminal.js';
import { work } from '../work.js';
import { clipLine } from './clips.js';

/** Imports one folder of LiveTalking. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, {
    id: { type: 'string' },
    model: { type: 'string' },
    name: { type: 'string' },
    licence: { type: 'string' },
    consent: { type: 'string' },
    framerate: { type: 'string' },
    store: { type: 'string' },
    clips: { type: 'string' },
    replace: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  noMoreThan(1, positionals);
  const [folder] = positionals;
  if (folder === undefined) throw new UsageError('which folder should be imported?');
  const { id, name, licence, consent } = values;
  if (id === undefined) throw new UsageError('what should the avatar be called?', '"--id ID" says it.');
  const model = oneOf('--model', values.model, KINDS);
  const store = oneOf('--store', values.store, ['pictures', 'film'] as const);
  const options = {
    id,
    replace: values.replace === true,
    ...(model && { model: model satisfies Kind }),
    ...(store && { store: store satisfies NewAvatar['store'] }),
    ...(name && { name }),
    ...(licence && { licence }),
    ...(consent && { consent }),
    ...(values.framerate && { framerate: rate(values.framerate) }),
  };
  // What is wrong with it is said before anything is made.
  const actions = values.clips === undefined ? [] : await readActions(values.clips);
  const shown = actions.reduce((sum, { images }) => sum + images.length, 0);
  const made = await work(terminal, 'Importing', async ({ tick, signal }) => {
    let total = 0;
    const avatar = await importLiveTalking(folder, {
      ...options,
      signal,
      begins: (count) => {
        total = count + shown;
      },
      progress: (done) => tick(done, total),
    });
    const clips = await importClips(id, actions, {
      replace: true,
      signal,
      progress: (done) => tick(avatar.frames + done, total),
    });
    return { ...avatar, ...(actions.length > 0 && { clips }) };
  }).catch((error: unknown) => {
    // An id that is taken is the command line's fault, not the folder's.
    if (error instanceof TalkError && error.code === 'resource/settings') throw new UsageError(error.message);
    throw error;
  });
  if (values.json === true) {
    terminal.out(`${JSON.stringify(made, null, 2)}\n`);
    return EXIT.ok;
  }
  const { width, height, frames, notes, network } = made;
  terminal.out(`${id}: ${frames} pictures of ${width}x${height} for ${made.model}, in ${made.folder}\n`);
  for (const note of notes) terminal.out(`${note}\n`);
  for (const clip of made.clips ?? []) terminal.out(`${clipLine(clip)}\n`);
  const talks = network ?? (made.model === 'wav2lip' ? 'YOUR-MODEL' : 'MODEL');
  terminal.out(
    `It talks:  talkgraph launch graphs/render.yaml avatar=${id} model=${talks} text="Hello" location=hello.mp4\n`,
  );
  const unknown = unknownUse({ licence, consent });
  if (unknown !== undefined) terminal.out(`${unknown}\n`);
  return EXIT.ok;
}

function oneOf<T extends string>(
  option: string,
  text: string | undefined,
  known: readonly T[],
): T | undefined {
  if (text === undefined || (known as readonly string[]).includes(text)) return text as T | undefined;
  throw new UsageError(`${option} is ${known.join(' or ')}, not "${text}"${didYouMean(text, known)}`);
}

function rate(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number <= 120) return number;
  throw new UsageError(`--framerate takes a whole number up to 120, not "${text}"`);
}
