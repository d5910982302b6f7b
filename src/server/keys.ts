/** Tokens of a server: which there are, and whose a given one is. Comparing takes the same time whatever is wrong. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { TalkError } from '../element/index.js';

/** A token, and what it is called where it must not be shown. */
export interface Key {
  readonly name: string;
  readonly secret: string;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Takes the same time whatever is wrong with what was given, its length too. */
export function same(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

/** What a log may show of a token: enough to tell it from another, and no way back. */
export const markOf = (token: string): string => digest(token).toString('hex').slice(0, 8);

/** Something that nobody guesses. */
export const freshSecret = (): string => randomBytes(32).toString('base64url');

export class Keys {
  #open: readonly Key[] = [];
  #admin: readonly Key[] = [];

  /**
   * @param open tokens that open the server
   * @param admin tokens that open everything; where there is one, what shows all sessions needs it
   */
  constructor(open: readonly Key[], admin: readonly Key[] = []) {
    this.replace(open, admin);
  }

  /** From now on these and no others. One without a token is not what it was before: throws resource/settings. */
  replace(open: readonly Key[], admin: readonly Key[] = []): void {
    if (open.length === 0 && this.#open.length > 0)
      throw new TalkError(
        'resource/settings',
        'Expected a token but there is none any more; the old ones stay.',
      );
    this.#open = open;
    this.#admin = admin;
  }

  /** Requests need one. */
  get any(): boolean {
    return this.#open.length > 0;
  }

  /** Some see more than others. */
  get ranked(): boolean {
    return this.#admin.length > 0;
  }

  /** Whose token this is. All are compared, so that nobody learns by the time which one was close. */
  find(given: string): { readonly name: string; readonly admin: boolean } | undefined {
    let found: { name: string; admin: boolean } | undefined;
    for (const { name, secret } of this.#open) if (same(given, secret)) found = { name, admin: false };
    for (const { name, secret } of this.#admin) if (same(given, secret)) found = { name, admin: true };
    return found;
  }
}

/** Tokens of a file: one a line, a name before it if it has one; `#` begins a remark. Throws resource/settings. */
export function readKeys(text: string): Key[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = 'token', secret = ''] = /^(?:(\S+)\s+)?(\S+)$/.exec(line) ?? [];
      // Not the line itself: it is secret.
      if (secret === '')
        throw new TalkError('resource/settings', 'Expected one token a line, with at most a name before it.');
      return { name, secret };
    });
}
