/** The tokens of the server, as the environment says: one in a variable, or several in a file that is read again on SIGHUP. */
import { readFileSync } from 'node:fs';
import { type Key, Keys, readKeys } from '../../server/keys.js';
import { UsageError } from '../exit.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** `TALKGRAPH_TOKEN`, `TALKGRAPH_ADMIN_TOKEN`; and files that are named by these with `_FILE`. Throws UsageError. */
export class ServerKeys {
  readonly #env: Environment;
  readonly keys: Keys;

  constructor(env: Environment) {
    this.#env = env;
    this.keys = new Keys(
      this.#read('TALKGRAPH_TOKEN', 'token'),
      this.#read('TALKGRAPH_ADMIN_TOKEN', 'admin'),
    );
  }

  /** True where there is a file that may say something else by now. */
  get mayChange(): boolean {
    return ['TALKGRAPH_TOKEN_FILE', 'TALKGRAPH_ADMIN_TOKEN_FILE'].some(
      (name) => (this.#env[name] ?? '') !== '',
    );
  }

  /** Reads the files again. Throws what is wrong with them; the tokens stay as they were then. */
  renew(): void {
    this.keys.replace(this.#read('TALKGRAPH_TOKEN', 'token'), this.#read('TALKGRAPH_ADMIN_TOKEN', 'admin'));
  }

  #read(variable: string, name: string): Key[] {
    const [secret, file] = [this.#env[variable] ?? '', this.#env[`${variable}_FILE`] ?? ''];
    const own = secret === '' ? [] : [{ name, secret }];
    if (file === '') return own;
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      throw new UsageError(`${variable}_FILE names ${file}, which cannot be read.`);
    }
    const keys = readKeys(text);
    // A lock that is meant to be there and opens to everybody would be worse than none.
    if (keys.length === 0)
      throw new UsageError(`${variable}_FILE names ${file}, in which there is no token.`);
    return [...own, ...keys];
  }
}
