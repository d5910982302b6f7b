/** Which voices may be asked for over the network. */

/** Engines whose "voice" is a file of this machine. */
const LOCAL_FILES = new Set(['file']);

/** False for a voice that would read a file of the server: a request must never name a path. Empty is the default. */
export function mayAskFor(voice: string): boolean {
  const engine = voice.split('/', 1)[0] ?? '';
  return !LOCAL_FILES.has(engine.trim().toLowerCase());
}
