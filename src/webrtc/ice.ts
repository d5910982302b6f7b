/** STUN and TURN servers, as the user writes them and as they are used. */

/** Servers that help a viewer behind a router to reach us. */
export interface IceServers {
  /** `stun:host:port` */
  stun?: string;
  turn?: TurnServer;
}

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
  /^(turns?):([^:@/]+):([^@/]+)@([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i;

/** Reads `stun:host:port` (`host:port` is enough); an empty text is no server. Throws TypeError on anything else. */
export function parseStun(text: string): string | undefined {
  const url = text.trim().replace('://', ':');
  if (url === '') return undefined;
  const full = /^stuns?:/i.test(url) ? url : `stun:${url}`;
  if (STUN.test(full)) return full;
  throw new TypeError(`Expected stun:host:port for stun-server but received ${JSON.stringify(text)}.`);
}

/**
 * Reads `turn:user:password@host:port`, `turns:` and `?transport=tcp` too; an empty text is no server.
 * Throws TypeError without repeating the text: it holds a password.
 */
export function parseTurn(text: string): TurnServer | undefined {
  const url = text.trim().replace('://', ':');
  if (url === '') return undefined;
  const [, scheme, user, password, host, port, transport] = TURN.exec(url) ?? [];
  if (user === undefined || password === undefined || host === undefined) {
    throw new TypeError('Expected turn:user:password@host:port for turn-server but received another form.');
  }
  const secure = scheme?.toLowerCase() === 'turns';
  return {
    host,
    port: Number(port ?? (secure ? 5349 : 3478)),
    transport: secure || transport?.toLowerCase() === 'tcp' ? 'tcp' : 'udp',
    secure,
    username: decodeURIComponent(user),
    credential: decodeURIComponent(password),
  };
}

/** The servers of two properties. Throws TypeError. */
export function iceServers(stunServer: string, turnServer: string): IceServers {
  const [stun, turn] = [parseStun(stunServer), parseTurn(turnServer)];
  return { ...(stun === undefined ? {} : { stun }), ...(turn === undefined ? {} : { turn }) };
}
