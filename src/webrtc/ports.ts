/**
 * UDP ports for viewers: one bound socket per viewer, out of a range, with an honest "full".
 *
 * werift has its own port search, but it binds a port to see if it is free, closes it and binds it again; two peers
 * (or another process) can meet in between, and then the bind error is an 'error' event nobody listens to, which
 * ends the process. When its range is used up it answers an SDP without candidates. So sockets are bound here, once.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { TalkError } from '../element/error.js';

/** A range of UDP ports, both ends included. */
export type PortRange = readonly [first: number, last: number];

/** Parses `40000-40199`; an empty text means any free port. Throws TypeError on anything else. */
export function parsePortRange(text: string): PortRange | undefined {
  if (text.trim() === '') return undefined;
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text.trim());
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || first < 1 || last > 65535 || first > last) {
    throw new TypeError(
      `Expected two ports like 40000-40199 for port-range but received ${JSON.stringify(text)}.`,
    );
  }
  return [first, last];
}

/**
 * Hands out bound UDP sockets. Ports are taken in turn, so that a port just given back rests as long as
 * possible: packets of its last viewer may still be under way.
 */
export class PortPool {
  readonly range: PortRange | undefined;
  readonly #used = new Set<number>();
  #next: number;

  constructor(range?: PortRange) {
    this.range = range;
    this.#next = range?.[0] ?? 0;
  }

  /** Sockets handed out and not closed yet. */
  get used(): number {
    return this.#used.size;
  }

  /**
   * Binds a socket on all addresses.
   * @throws TalkError `resource/busy` (retryable) when every port of the range is in use, by us or by others
   */
  async bind(): Promise<Socket> {
    if (this.range === undefined) return this.#take(await bindPort(0));
    const [first, last] = this.range;
    const size = last - first + 1;
    for (let tried = 0; tried < size; tried++) {
      const port = this.#next;
      this.#next = port === last ? first : port + 1;
      if (this.#used.has(port)) continue;
      this.#used.add(port);
      try {
        return this.#take(await bindPort(port));
      } catch (error) {
        this.#used.delete(port);
        // Somebody else's port, or one we may not have: the next one may do.
        if (!isCode(error, 'EADDRINUSE') && !isCode(error, 'EACCES')) throw error;
      }
    }
    throw new TalkError('resource/busy', `All ${size} UDP ports from ${first} to ${last} are in use.`, {
      retryable: true,
      details: { first, last, used: this.#used.size },
    });
  }

  #take(socket: Socket): Socket {
    const { port } = socket.address();
    this.#used.add(port);
    socket.once('close', () => this.#used.delete(port));
    return socket;
  }
}

async function bindPort(port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', sendBufferSize: 1 << 20, recvBufferSize: 1 << 18 });
  try {
    socket.bind(port);
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
