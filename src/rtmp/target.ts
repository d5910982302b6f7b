/**
 * Where to send: the URL of an RTMP server, read as both stock sinks read it, and written so that it can be shown.
 *
 * The last part of the path is the stream's key, and whoever knows it can broadcast in its owner's name: it appears in
 * no text of ours. Nor does what stands behind a ?, which is a signature as a rule; where that has a / both stock sinks take
 * what is in front of it for the application, and so do we.
 */
import { TalkError } from '../element/index.js';

export interface Target {
  /** Properties of rtmp2sink. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** For people: the key is ***. */
  readonly shown: string;
  /** What must not be shown, longest first. */
  readonly secrets: readonly string[];
}

const HIDDEN = '***';

/** What librtmp takes behind the URL (`rtmpsink location="rtmp://… app=live"`), as rtmp2sink calls it. */
const OPTIONS: Readonly<Record<string, string>> = {
  app: 'application',
  playpath: 'stream',
  flashver: 'flash-version',
  pubuser: 'username',
  pubpasswd: 'password',
};

const USUAL_PORT = { rtmp: 1935, rtmps: 443 };

/** Reads a location. Throws `resource/settings` with what is wrong with it, never the text itself. */
export function parseTarget(location: string): Target {
  const [url = '', ...options] = location.trim().split(/\s+/);
  if (url === '') throw wrong('but received none');
  const scheme = /^([a-z]+):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== 'rtmp' && scheme !== 'rtmps')
    throw wrong(scheme === undefined ? 'but received no URL' : `but received one of ${scheme}://`);
  const settings: Record<string, string> = {};
  for (const option of options) {
    const [name = '', value = ''] = option.split(/=(.*)/s);
    const property = OPTIONS[name.toLowerCase()];
    if (property !== undefined) settings[property] = value;
  }
  const parts = partsOf(url);
  const application = settings['application'] ?? parts.path.slice(0, -1).join('/');
  const stream = settings['stream'] ?? parts.path.slice(application === '' ? 0 : -1).join('/');
  if (application === '' || stream === '') throw wrong('but received one without an application or a key');
  const { open, hidden } = openPart(application);
  const secrets = [stream, ...hidden, settings['password'] ?? '', parts.password, url, location.trim()];
  return {
    settings: {
      ...{ scheme, host: parts.host, port: Number(parts.port) || USUAL_PORT[scheme] },
      ...(parts.user !== '' && { username: parts.user, password: parts.password }),
      ...settings,
      ...{ application, stream },
    },
    shown: `${scheme}://${parts.host}${parts.port === '' ? '' : `:${parts.port}`}/${open}/${HIDDEN}`,
    secrets: [...new Set(secrets)].filter((text) => text !== '').sort((a, b) => b.length - a.length),
  };
}

/** What of an application may be shown; where a key's signature made it longer, what is before the ? is the key. */
function openPart(application: string): { open: string; hidden: string[] } {
  const [path = '', signature] = application.split(/\?(.*)/s);
  if (signature === undefined) return { open: application, hidden: [] };
  const parts = path.split('/');
  const key = parts.length > 1 ? [parts.pop() ?? ''] : [];
  return { open: [...parts, HIDDEN].join('/'), hidden: [...key, signature] };
}

/** Takes what must not be shown out of a text. */
export function hide(text: string, { secrets }: Target): string {
  return secrets.reduce((out, secret) => out.replaceAll(secret, HIDDEN), text);
}

function partsOf(url: string) {
  const [, authority = '', rest = ''] = /^[a-z]+:\/\/([^/?#\\]*)(.*)$/is.exec(url) ?? [];
  let parsed: URL;
  try {
    // A scheme that URL knows, or it would not take the host apart.
    parsed = new URL(`http://${authority}/`);
  } catch {
    throw wrong('but received one whose host or port cannot be read');
  }
  // As it is written: a key is no address, and URL would cut it at #, write { as %7B and take .. for a step up.
  const path = rest.split('/').filter((part) => part !== '');
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    // URL leaves out the port it thinks is the usual one.
    port: parsed.port || (/:0*80$/.test(authority) ? '80' : ''),
    user: plain(parsed.username),
    password: plain(parsed.password),
    path,
  };
}

function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw wrong('but received one whose user or password has a % without two digits behind it');
  }
}

function wrong(received: string): TalkError {
  return new TalkError(
    'resource/settings',
    `Expected a URL like rtmp://HOST/APPLICATION/KEY or rtmps://… for location, ${received}.`,
  );
}
