/** Finds recognisers by reading the folder `engines/`: a file there is one, its name is the file's name. */
import { TalkError } from '../../element/error.js';
import { defaultOf, moduleNames } from '../../element/modules.js';
import type { Recogniser } from './recogniser.js';

const folder = new URL('./engines/', import.meta.url);
const loaded = new Map<string, Promise<Recogniser>>();

/** Names of all there are, sorted. */
export function recogniserNames(): Promise<string[]> {
  return moduleNames(folder);
}

/** The recogniser of that name. Throws TalkError resource/not-found. */
export async function recogniser(name: string): Promise<Recogniser> {
  const names = await recogniserNames();
  if (!names.includes(name)) {
    throw new TalkError(
      'resource/not-found',
      `There is no speech recogniser "${name}". There are ${names.join(', ')}.`,
      { details: { engine: name, known: names.join(' ') } },
    );
  }
  let one = loaded.get(name);
  if (one === undefined) {
    one = load(name);
    loaded.set(name, one);
    one.catch(() => loaded.delete(name));
  }
  return one;
}

/** Ends the work of all and frees what they hold. */
export async function closeRecognisers(): Promise<void> {
  const all = [...loaded.values()];
  loaded.clear();
  await Promise.all(all.map(async (one) => (await one).close()));
}

async function load(name: string): Promise<Recogniser> {
  const Made = await defaultOf<new () => Recogniser>(folder, name);
  if (Made === undefined) throw new TypeError(`Expected a default export that is a Recogniser in ${name}.`);
  const made = new Made();
  if (made.info.name === name) return made;
  throw new TypeError(`Expected the name ${name} for the recogniser but received ${made.info.name}.`);
}
