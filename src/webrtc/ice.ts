/**
 * STUN and TURN servers, as the user writes them and as they are used.
 *
 * A relay knows its users by a name and a password that are ours alone, or by a secret that we share with it: then each
 * connection gets a name that ends by itself and a password made of it, which may be told to a viewer, too (coturn's
 * `use-auth-secret`, draft-uberti-behave-turn-rest-00).
 */
import { createHmac } from 'node:crypto';

/** Servers that help a viewer behind a router to reach us. */
export interface IceServers {
  /** `stun:host:port` */
  stun?: string;
  turn?: TurnServer | SharedTurn;
}

/** A relay that we share a secret with: its user for a connection of this name. */
export type SharedTurn = (connection: string) => TurnServer;

/** A server that a viewer is told of. */
export interface ToldServer {
  readonly url: string;
  readonly username?: string;
  readonly credential?: string;
}

/** Seconds until a name ends: longer than any session, because a relay may ask for it again when it is refreshed. */
const LIFETIME_S = 86_400;

export interface TurnServer {
  host: string;
  port: number;
  transport: 'udp' | 'tcp';
  /** TLS over TCP. */
  secure: boolean;
  username: string;
  credential: string;
}

const STUN = /^stun:(?:\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i;
const TURN =
  /^(turns?):(?:([^:@/]+):([^@/]+)@)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i;

/** Reads `stun:host:port` (`host:port` is enough); an empty text is no server. Throws TypeError on anything else. */
export function parseStun(text: string): string | undefined {
  const url = text.trim().replace('://', ':');
  if (url === '') return undefined;
  const full = /^stuns?:/i.test(url) ? url : `stun:${url}`;
  if (STUN.test(full)) return full;
  throw new TypeError(`Expected stun:host:port for stun-server but received ${JSON.stringify(text)}.`);
}

/**
 * Reads `turn:user:password@host:port`, `turns:` and `?transport=tcp` too; an empty text is no server. With a secret it has
 * no user. Throws TypeError without repeating the text: it holds a password.
 */
export function parseTurn(text: string, secret = ''): TurnServer | SharedTurn | undefined {
  const url = text.trim().replace('://', ':');
  if (url === '') return undefined;
  const [, scheme, user, password, host, port, transport] = TURN.exec(url) ?? [];
  if (host === undefined || (user === undefined) !== (secret !== '')) {
    const expected =
      secret === '' ? 'turn:user:password@host:port' : 'turn:host:port (turn-secret names the users)';
    throw new TypeError(`Expected ${expected} for turn-server but received another form.`);
  }
  const secure = scheme?.toLowerCase() === 'turns';
  const server = {
    host,
    port: Number(port ?? (secure ? 5349 : 3478)),
    transport: secure || transport?.toLowerCase() === 'tcp' ? 'tcp' : 'udp',
    secure,
  } as const;
  if (secret !== '')
    return (connection) => ({ ...server, ...turnUser(secret, connection, Date.now() / 1000) });
  return {
    ...server,
    username: decodeURIComponent(user ?? ''),
    credential: decodeURIComponent(password ?? ''),
  };
}

/** The user of a connection at a relay that knows the secret. @param now Unix time in seconds */
export function turnUser(
  secret: string,
  connection: string,
  now: number,
): Pick<TurnServer, 'username' | 'credential'> {
  const username = `${Math.floor(now) + LIFETIME_S}:${connection}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

/** The relay for a connection of this name. */
export function turnOf({ turn }: IceServers, connection: string): TurnServer | undefined {
  return typeof turn === 'function' ? turn(connection) : turn;
}

/** What a viewer may know: a relay only with a user of its own. */
export function toldServers({ stun, turn }: IceServers, connection: string): ToldServer[] {
  const told: ToldServer[] = stun === undefined ? [] : [{ url: stun }];
  if (typeof turn !== 'function') return told;
  const { host, port, transport, secure, username, credential } = turn(connection);
  const url = `${secure ? 'turns' : 'turn'}:${host}:${port}?transport=${transport}`;
  return [...told, { url, username, credential }];
}

/** The servers of the properties. Throws TypeError. */
export function iceServers(stunServer: string, turnServer: string, turnSecret = ''): IceServers {
  if (turnSecret !== '' && turnServer.trim() === '')
    throw new TypeError('Expected turn:host:port for turn-server beside turn-secret but received none.');
  const [stun, turn] = [parseStun(stunServer), parseTurn(turnServer, turnSecret)];
  return { ...(stun === undefined ? {} : { stun }), ...(turn === undefined ? {} : { turn }) };
}
