/**
 * Families of lip-sync models: each is a file in src/lipsync/families, named like its family, and nothing else names it.
 *
 * They are read before anything else here is, so that a manifest can be checked at once. A family's file takes no more than
 * types from this room: it would wait for what waits for it.
 */
import { defaultOf, moduleNames } from '../element/modules.js';
import type { Family } from './family.js';

const FOLDER = new URL('../lipsync/families/', import.meta.url);

/** Their names, as `family` in a model.yaml. */
export const FAMILIES: readonly string[] = await moduleNames(FOLDER);

const known: ReadonlyMap<string, Family> = new Map(
  await Promise.all(FAMILIES.map(async (name) => [name, await familyIn(name)] as const)),
);

async function familyIn(name: string): Promise<Family> {
  const found = await defaultOf<Family>(FOLDER, name);
  if (found?.heard !== undefined) return found;
  throw new TypeError(
    `src/lipsync/families/${name}: Expected a Family as default export but received ${typeof found}.`,
  );
}

/** What sets a family apart. @throws TypeError when there is none of that name */
export function familyOf(name: string): Family {
  const found = known.get(name);
  if (found !== undefined) return found;
  throw new TypeError(`Expected one of ${FAMILIES.join(', ')} for a family but received ${name}.`);
}
