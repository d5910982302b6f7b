/**
 * The connections of one who asks: kept for a while after an answer, and opened ahead where it is known that one will be needed.
 *
 * Opening takes one way to the host and back, and two more for TLS; what is asked meanwhile waits for it. Nothing is sent over one that
 * was opened ahead: whoever asks first gets it, and one that nobody needs is closed.
 */
import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, Socket } from 'node:net';

/** Idle connections kept per host, and for how long, ms: shorter than servers keep them. */
const KEPT = { keepAlive: true, maxFreeSockets: 4, timeout: 4000 };
/** ms that one which was opened ahead waits to be asked over; servers wait longer for a first request. */
const AHEAD = 15_000;

export class Connections {
  readonly #http = new HttpAgent(KEPT);
  readonly #https = new HttpsAgent(KEPT);
  /** Opened ahead, one for each host and port; and those that were asked over since. */
  readonly #ahead = new Map<string, Socket>();
  readonly #used = new WeakSet<object>();

  constructor() {
    for (const agent of [this.#http, this.#https]) {
      const make = agent.createConnection.bind(agent);
      agent.createConnection = (options, done) => this.#take(options) ?? make(options, done);
    }
  }

  /** The agent that a request to `url` is made with. */
  for(url: URL): HttpAgent {
    return url.protocol === 'https:' ? this.#https : this.#http;
  }

  /** Opens one to the host of `url`, unless one is there already. What fails fails again when it is needed, and is told then. */
  open(url: URL): void {
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const place = { host, port: Number(url.port) || (secure ? 443 : 80) };
    const [agent, key] = [this.for(url), keyOf(place)];
    if (this.#ahead.has(key) || Object.keys(agent.freeSockets).some((name) => name.startsWith(`${key}:`)))
      return;
    // As the agent itself would.
    const tls = secure && { servername: isIP(host) > 0 ? '' : host };
    const socket = agent.createConnection({ ...place, ...tls });
    if (!(socket instanceof Socket)) return;
    this.#ahead.set(key, socket);
    const gone = (): void => {
      if (this.#ahead.get(key) === socket) this.#ahead.delete(key);
    };
    // Nobody has to stay for it.
    socket.unref();
    socket.setNoDelay(true);
    socket.setTimeout(AHEAD, () => this.#ahead.get(key) === socket && socket.destroy());
    socket.on('error', gone);
    socket.on('close', gone);
  }

  /** True for one that was opened ahead: the other side may have closed it since. */
  opened(socket: object | null): boolean {
    return socket !== null && this.#used.has(socket);
  }

  /** Closes all. */
  close(): void {
    for (const socket of this.#ahead.values()) socket.destroy();
    this.#ahead.clear();
    this.#http.destroy();
    this.#https.destroy();
  }

  #take(options: ClientRequestArgs): Socket | undefined {
    const key = keyOf(options);
    const socket = this.#ahead.get(key);
    if (socket === undefined) return undefined;
    this.#ahead.delete(key);
    if (socket.destroyed) return undefined;
    this.#used.add(socket);
    socket.ref();
    socket.setTimeout(0);
    return socket;
  }
}

const keyOf = ({ host, port }: ClientRequestArgs): string => `${host}:${port}`;
