import { listModels, readManifest } from '../inference/index.js';

/** A finding for a task whose avatar has no latents, because nobody here can make them. */
export const NO_PAINTER = {
  kind: 'no-latents',
  level: 'warning',
  from: 0,
  to: 0,
  text: 'There is no MuseTalk model with an encoder here, so the avatar has no latents: "talkgraph models import" one, then "talkgraph avatar latents ID --model NAME".',
} as const;

/** The name of the first model here that paints in latents and can make them; undefined where there is none. */
export async function painter(): Promise<string | undefined> {
  for (const name of await listModels()) {
    const found = await readManifest(name).catch(() => undefined);
    if (found?.family === 'musetalk' && found.latents !== undefined) return name;
  }
  return undefined;
}
