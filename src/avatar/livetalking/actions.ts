import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, extname, resolve, sep } from 'node:path';
import { z } from 'zod';
import { TalkError } from '../../element/error.js';
import { numberedImages } from './images.js';

/** One of LiveTalking's custom actions, everything it names found. */
export interface Action {
  /** What the clip is called: `idle` for audiotype 1, the number for others. */
  readonly name: string;
  /** Its pictures in order. */
  readonly images: readonly string[];
  readonly sound: string | undefined;
}

/** LiveTalking's number of the action that is shown while nobody speaks. */
const IDLE_TYPE = 1;

/** What a list is called that came with a request. */
const FOREIGN = 'custom_config';

/** Sound that an avatar's manifest may name. */
const SOUND = ['.wav', '.flac', '.ogg', '.opus', '.mp3', '.m4a'];

const Actions = z
  .array(
    z.object({
      audiotype: z.int().min(IDLE_TYPE).max(1_000_000),
      imgpath: z.string().min(1),
      audiopath: z.string().nullish(),
    }),
  )
  .min(1);

/**
 * Reads LiveTalking's `customvideo_config`: `[{"audiotype": 2, "imgpath": FOLDER, "audiopath": FILE}]`. Paths are looked up
 * beside the file, in the folder above it (LiveTalking's own, where the file lies in `data`) and in the working folder.
 *
 * @throws TalkError resource/not-found for what is not there; stream/format for another kind of file, a number that
 *   comes twice, pictures without numbers, sound that is none
 */
export async function readActions(file: string): Promise<Action[]> {
  const beside = dirname(resolve(file));
  const places = [beside, dirname(beside), process.cwd()];
  return await actionsOf(await text(file), file, (named, what) => find(file, places, named, what));
}

/**
 * Reads such a list that somebody sent: what it names must lie in one of the folders, whatever links and dots it has on the
 * way; what lies elsewhere is told as what is not there.
 *
 * @param places where relative paths may begin
 * @throws as `readActions`, with `custom_config` in the place of the file
 */
export async function readForeignActions(
  json: string,
  folders: readonly string[],
  places: readonly string[],
): Promise<Action[]> {
  const roots = await Promise.all(folders.map((folder) => realpath(folder).catch(() => resolve(folder))));
  return await actionsOf(json, FOREIGN, async (named, what) => {
    for (const place of places) {
      const real = await realpath(resolve(place, named)).catch(() => undefined);
      const inside = roots.some((root) => real?.startsWith(root + sep) === true);
      if (real !== undefined && inside && (await is(real, what))) return real;
    }
    const shown = named.slice(0, 80);
    throw new TalkError(
      'resource/not-found',
      `${FOREIGN} names the ${what} ${shown}, which is not among the custom actions of this server.`,
      { details: { missing: shown } },
    );
  });
}

type Find = (named: string, what: 'file' | 'folder') => Promise<string>;

async function actionsOf(json: string, label: string, find: Find): Promise<Action[]> {
  const actions = parse(json, label);
  const twice = actions.find(({ audiotype }, i) => actions.findIndex((a) => a.audiotype === audiotype) < i);
  if (twice !== undefined) throw wrong(label, `audiotype ${twice.audiotype} comes twice.`);
  const made: Action[] = [];
  for (const { audiotype, imgpath, audiopath } of actions) {
    made.push({
      name: audiotype === IDLE_TYPE ? 'idle' : String(audiotype),
      images: await imagesOf(imgpath, await find(imgpath, 'folder')),
      sound: audiopath ? await soundOf(label, audiopath, find) : undefined,
    });
  }
  return made;
}

async function text(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TalkError('resource/not-found', `${file} cannot be read.`, { details: { file }, cause });
  });
}

function parse(json: string, file: string): z.infer<typeof Actions> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw wrong(file, `it is no JSON: ${(error as Error).message}.`);
  }
  const read = Actions.safeParse(value);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw wrong(
    file,
    `expected a list of {"audiotype": N, "imgpath": FOLDER, "audiopath": FILE}, N from 1; ${path.join('.') || 'it'}: ${message}.`,
  );
}

async function soundOf(label: string, named: string, find: Find): Promise<string> {
  if (SOUND.includes(extname(named).toLowerCase())) return await find(named, 'file');
  throw wrong(label, `expected sound in a file that ends in ${SOUND.join(', ')} but received ${named}.`);
}

/** Complaints name the folder as the list does: who sent it is told no path of this machine. */
async function imagesOf(named: string, folder: string): Promise<string[]> {
  return await numberedImages(folder).catch((error: TalkError) => {
    throw new TalkError(error.code, error.message.replaceAll(folder, named), { cause: error });
  });
}

async function is(path: string, what: 'file' | 'folder'): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return (what === 'file' ? found?.isFile() : found?.isDirectory()) === true;
}

async function find(
  file: string,
  from: readonly string[],
  named: string,
  what: 'file' | 'folder',
): Promise<string> {
  const places = from.map((place) => resolve(place, named));
  for (const place of places) if (await is(place, what)) return place;
  throw new TalkError(
    'resource/not-found',
    `${file} names the ${what} ${named}, which is none of ${[...new Set(places)].join(', ')}.`,
    { details: { file, missing: named } },
  );
}

function wrong(file: string, problem: string): TalkError {
  return new TalkError('stream/format', `${file}: ${problem}`, { details: { file } });
}
