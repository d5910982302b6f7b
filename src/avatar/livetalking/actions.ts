import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
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
  const actions = parse(await text(file), file);
  const twice = actions.find(({ audiotype }, i) => actions.findIndex((a) => a.audiotype === audiotype) < i);
  if (twice !== undefined) throw wrong(file, `audiotype ${twice.audiotype} comes twice.`);
  return await Promise.all(
    actions.map(async ({ audiotype, imgpath, audiopath }) => ({
      name: audiotype === IDLE_TYPE ? 'idle' : String(audiotype),
      images: await numberedImages(await find(file, imgpath, 'folder')),
      sound: audiopath ? await soundOf(file, audiopath) : undefined,
    })),
  );
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

async function soundOf(file: string, named: string): Promise<string> {
  if (SOUND.includes(extname(named).toLowerCase())) return await find(file, named, 'file');
  throw wrong(file, `expected sound in a file that ends in ${SOUND.join(', ')} but received ${named}.`);
}

async function find(file: string, named: string, what: 'file' | 'folder'): Promise<string> {
  const beside = dirname(resolve(file));
  const places = [beside, dirname(beside), process.cwd()].map((place) => resolve(place, named));
  for (const place of places) {
    const found = await stat(place).catch(() => undefined);
    if (what === 'file' ? found?.isFile() : found?.isDirectory()) return place;
  }
  throw new TalkError(
    'resource/not-found',
    `${file} names the ${what} ${named}, which is none of ${[...new Set(places)].join(', ')}.`,
    { details: { file, missing: named } },
  );
}

function wrong(file: string, problem: string): TalkError {
  return new TalkError('stream/format', `${file}: ${problem}`, { details: { file } });
}
