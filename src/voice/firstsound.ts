/** How long engines take to their first sound: for those who watch the process. */

/** @param ms from the request to the first piece of sound */
export type OnFirstSound = (engine: string, ms: number) => void;

const listeners = new Set<OnFirstSound>();

/** Hears of every request that an engine has answered with sound from now on. Returns what ends that. */
export function onFirstSound(listener: OnFirstSound): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function tellFirstSound(engine: string, ms: number): void {
  for (const tell of listeners) tell(engine, ms);
}
