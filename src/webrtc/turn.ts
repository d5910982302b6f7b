/**
 * A relayed address from a TURN server, with an end.
 *
 * werift's own gathering leaves the socket open when the server does not answer, and its refresh timer keeps the
 * process alive for ten minutes after the connection was closed. So the client is made here, from werift's parts.
 */
import {
  Candidate,
  candidateFoundation,
  candidatePriority,
  Message,
  StunOverTurnProtocol,
  TcpTransport,
  TlsTransport,
  TurnProtocol,
} from 'werift';
import type { TurnServer } from './ice.js';
import { PortPool } from './ports.js';
import { SocketTransport } from './socket.js';

/** Seconds an allocation lives unless refreshed (RFC 8656 3.2). */
const LIFETIME_S = 600;

/** Method and class numbers of a STUN refresh request (RFC 8656 17). */
const REFRESH = 4;
const REQUEST = 0;

interface Link {
  close(): Promise<void>;
}

/** An allocation under way or made. */
export class Relay {
  readonly #server: TurnServer;
  #link: Link | undefined;
  #turn: TurnProtocol | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(server: TurnServer) {
    this.#server = server;
  }

  /** Asks for a relayed address. Rejects when the server refuses, is not there, or {@link close} was called. */
  async allocate(): Promise<StunOverTurnProtocol> {
    const { host, port, username, credential } = this.#server;
    const address = [host, port] as const;
    const link = await this.#connect(address);
    const turn = new TurnProtocol(
      address,
      username,
      credential,
      LIFETIME_S,
      link as TurnProtocol['transport'],
    );
    this.#turn = turn;
    (turn as unknown as { refresh(seconds: number): void }).refresh = (seconds) => this.#keep(turn, seconds);
    await turn.connectionMade();
    if (this.#closed) throw new Error('closed while asking for a relayed address');
    const protocol = new StunOverTurnProtocol(turn);
    const closeProtocol = protocol.close.bind(protocol);
    protocol.close = async () => {
      await this.close();
      await closeProtocol();
    };
    return protocol;
  }

  /** Gives up the allocation and its socket. The server forgets it by itself. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const transaction of Object.values(this.#turn?.transactions ?? {})) transaction.cancel();
    await this.#link?.close();
  }

  async #connect(address: readonly [string, number]): Promise<Link> {
    const { transport, secure } = this.#server;
    if (transport === 'udp') {
      const link = new SocketTransport(await new PortPool().bind());
      this.#link = link;
      if (this.#closed) await link.close();
      return link;
    }
    // The public way, TcpTransport.init, gives nothing to close before the connection stands.
    const link = Reflect.construct(secure ? TlsTransport : TcpTransport, [address, {}]);
    this.#link = link;
    await (link as unknown as { init(): Promise<void> }).init();
    return link;
  }

  /** Refreshes the allocation at five sixths of its life, as long as it is wanted. */
  #keep(turn: TurnProtocol, seconds: number): void {
    if (this.#closed) return;
    const refresh = async (): Promise<void> => {
      const request = new Message(REFRESH, REQUEST);
      request.setAttribute('LIFETIME', seconds);
      // A refused or lost refresh ends the relay, and with it the viewer: by silence, as any lost connection.
      await turn.requestWithRetry(request, turn.server).catch(() => {});
      this.#keep(turn, seconds);
    };
    this.#timer = setTimeout(() => void refresh(), ((seconds * 5) / 6) * 1000);
  }
}

/** The candidate that advertises a relayed address. */
export function relayCandidate(
  protocol: StunOverTurnProtocol,
  generation: number,
  username: string,
): Candidate {
  const { relayedAddress, mappedAddress } = protocol.turn;
  return new Candidate(
    candidateFoundation('relay', 'udp', relayedAddress[0]),
    1,
    'udp',
    candidatePriority('relay'),
    relayedAddress[0],
    relayedAddress[1],
    'relay',
    mappedAddress[0],
    mappedAddress[1],
    undefined,
    generation,
    username,
  );
}
