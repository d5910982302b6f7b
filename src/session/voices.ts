/** Which voices may be asked for over the network. */
import { isLocal } from '../voice/index.js';

/**
 * False for voices one of which would read a file of the server, or sets something behind a `?`: a request must never name a path,
 * or an address. Empty is the default.
 */
export async function mayAskFor(voices: string): Promise<boolean> {
  return voices === '' || (!voices.includes('?') && !(await isLocal(voices)));
}
