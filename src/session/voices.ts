/** Which voices may be asked for over the network. */

/** Engines whose voices are files of this machine, or sounds that others brought. */
const LOCAL_FILES = new Set(['file', 'pcm']);

/**
 * False for voices one of which would read a file of the server, or sets something behind a `?`: a request must never name a path,
 * or an address. Empty is the default.
 */
export function mayAskFor(voices: string): boolean {
  if (voices.includes('?')) return false;
  // Several stand with commas between them, each behind its engine.
  return voices.split(',').every((voice) => {
    const [engine = '', ...name] = voice.split('/');
    return !LOCAL_FILES.has(engine.trim().toLowerCase()) && !isPath(name.join('/'));
  });
}

/** A voice that is cloned is named by a recording: its engine reads it where it lies. */
const isPath = (name: string): boolean => /^\s*[/~]|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(name);
