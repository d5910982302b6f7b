/**
 * Where to send: the address of a WHIP endpoint and the token it wants, and how the address can be shown.
 *
 * The last part of the path and the query name the stream, and whoever knows them may broadcast in its owner's name: they appear in
 * no text of ours, nor does the token.
 */
import { TalkError } from '../element/index.js';

export interface Target {
  readonly url: URL;
  /** Sent as a bearer token; empty: none. */
  readonly token: string;
  /** For people. */
  readonly shown: string;
  /** What must not be shown, longest first. */
  readonly secrets: readonly string[];
}

const HIDDEN = '***';

/** Reads an address. Throws `resource/settings` with what is wrong with it, never the text itself. */
export function parseTarget(location: string, token: string): Target {
  const text = location.trim();
  if (text === '') throw wrong('location', 'none');
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== 'http' && scheme !== 'https')
    throw wrong('location', scheme === undefined ? 'no URL' : `one of ${scheme}://`);
  if (!URL.canParse(text)) throw wrong('location', 'one whose host or port cannot be read');
  if (/[^\x21-\x7e]/.test(token)) throw wrong('token', 'one with blanks or letters that no header can hold');
  const url = new URL(text);
  if (!isEncoded(url.username) || !isEncoded(url.password))
    throw wrong('location', 'one whose user or password has a % without two digits behind it');
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const key = parts.at(-1) ?? '';
  const secrets = [
    key,
    url.search.slice(1),
    ...url.searchParams.values(),
    url.password,
    token,
    url.href,
    text,
  ];
  return {
    url,
    token,
    shown: [url.origin, ...parts.slice(0, -1), HIDDEN].join('/'),
    secrets: [...new Set(secrets)].filter((one) => one !== '').sort((a, b) => b.length - a.length),
  };
}

function isEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
}

/** Takes what must not be shown out of a text of others. */
export function hide(text: string, { secrets }: Target): string {
  return secrets.reduce((out, secret) => out.replaceAll(secret, HIDDEN), text);
}

function wrong(property: string, received: string): TalkError {
  return new TalkError(
    'resource/settings',
    property === 'token'
      ? `Expected a token of printable ASCII but received ${received}.`
      : `Expected a URL like https://HOST/PATH for location but received ${received}.`,
  );
}
