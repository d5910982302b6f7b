import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { TalkError } from '../element/error.js';
import type { Manifest } from '../inference/manifest.js';

const numbers = z.array(z.number());
const alphabet = z.record(z.string(), z.string());

/** The file a model's manifest names under `visemes`. */
const schema = z.object({
  /** Names of the numbers that are a mouth, in the order of the model's input `mouth`. */
  params: z.array(z.string()).min(1),
  /** How far a sound reaches into its neighbours: standard deviation per number, ms. */
  sigma_ms: numbers,
  /** A mouth for each viseme, and how hard it pulls: a closure has heavy weights, /h/ light ones. */
  visemes: z.record(z.string(), z.object({ target: numbers, weight: numbers })),
  /** CMU phonemes in lower case, as flite names them, to visemes in order. */
  flite: alphabet,
});

/** Which sounds look like what. */
export interface Visemes {
  readonly params: readonly string[];
  readonly sigmas: readonly number[];
  /** Target and weight of a viseme, both as long as `params`. */
  readonly shapes: ReadonlyMap<
    string,
    { readonly target: readonly number[]; readonly weight: readonly number[] }
  >;
  /** Visemes of a phoneme, in order. */
  readonly phones: ReadonlyMap<string, readonly string[]>;
}

/** What is seen where nothing is said. */
export const SILENCE = 'sil';

/**
 * The table of a model, where its phonemes are what moves the mouth; undefined where that is the sound.
 * @throws TalkError library/settings when `drive` is phonemes and the model cannot be told any; as `readVisemes`
 */
export async function visemesFor(
  { name, visemes }: Pick<Manifest, 'name' | 'visemes'>,
  drive: 'auto' | 'audio' | 'phonemes',
): Promise<Visemes | undefined> {
  if (drive === 'audio') return undefined;
  if (visemes !== undefined) return readVisemes(visemes);
  if (drive === 'auto') return undefined;
  throw new TalkError(
    'library/settings',
    `The model ${name} hears its mouths and cannot be told them: drive=phonemes needs a model with "visemes" in its model.yaml, such as tinylip.`,
  );
}

/**
 * Reads the table of a model.
 * @throws TalkError resource/read when it is not there, resource/settings when it is not such a table
 */
export async function readVisemes(file: string): Promise<Visemes> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TalkError('resource/read', `The table of visemes ${file} cannot be read.`, { cause });
  });
  const wrong = (what: string) =>
    new TalkError('resource/settings', `The table of visemes ${file} is not right: ${what}`, {
      details: { file },
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong((error as Error).message);
  }
  const read = schema.safeParse(json);
  if (!read.success)
    throw wrong(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const { params, sigma_ms: sigmas, visemes, flite } = read.data;
  const shapes = new Map(Object.entries(visemes));
  if (sigmas.length !== params.length) throw wrong(`sigma_ms: expected ${params.length} numbers`);
  for (const [name, { target, weight }] of shapes)
    if (target.length !== params.length || weight.length !== params.length)
      throw wrong(`visemes.${name}: expected ${params.length} numbers in target and in weight`);
  if (!shapes.has(SILENCE)) throw wrong(`visemes: expected one called ${SILENCE}`);
  const phones = new Map(Object.entries(flite).map(([phone, names]) => [phone, names.split(' ')] as const));
  for (const [phone, names] of phones) {
    const unknown = names.find((name) => !shapes.has(name));
    if (unknown !== undefined) throw wrong(`flite.${phone}: there is no viseme ${unknown}`);
  }
  return { params, sigmas, shapes, phones };
}
