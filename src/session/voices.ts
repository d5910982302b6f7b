/** Which voices may be asked for over the network. */

/** Engines whose "voice" is a file of this machine. */
const LOCAL_FILES = new Set(['file']);

/** False for voices one of which would read a file of the server: a request must never name a path. Empty is the default. */
export function mayAskFor(voices: string): boolean {
  // Several stand with commas between them, each behind its engine.
  return voices
    .split(',')
    .every((voice) => !LOCAL_FILES.has((voice.split('/', 1)[0] ?? '').trim().toLowerCase()));
}
