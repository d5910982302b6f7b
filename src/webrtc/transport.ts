/**
 * Puts our sockets under werift's ICE agent: one socket per peer for all its addresses.
 *
 * werift opens a socket per local address, each on its own port, and always asks a STUN server (Google's when none
 * is configured). All sockets are bound to 0.0.0.0 anyway, so one is enough: its port is advertised once per address.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Candidate,
  candidateFoundation,
  candidatePriority,
  type RTCIceTransport,
  type StunOverTurnProtocol,
  type StunProtocol,
  type TcpPassiveProtocol,
} from 'werift';
import { Guard } from './guard.js';
import type { TurnServer } from './ice.js';
import type { PortPool } from './ports.js';
import { type Address, SocketTransport } from './socket.js';
import { listenTcp } from './tcp.js';
import { Relay, relayCandidate } from './turn.js';

type Protocol = StunProtocol | StunOverTurnProtocol | TcpPassiveProtocol;

/** The members of werift's ICE connection that are overridden or called, private in its types. */
interface ConnectionInside {
  stunServer: Address | undefined;
  generation: number;
  localUsername: string;
  localPassword: string;
  userHistory: Record<string, string>;
  protocols: Protocol[];
  ensureProtocol(protocol: Protocol): void;
  getCandidatePromises(addresses: string[], timeout?: number): Promise<Candidate | undefined>[];
  appendLocalCandidate(candidate: Candidate): void;
}

/** How a peer is reached. */
export interface Reach {
  ports: PortPool;
  /** Addresses to advertise, the first one first. */
  addresses: readonly string[];
  servers: { stun?: string | undefined; turn?: TurnServer | undefined };
  /** Over TCP as well, on the port of the same number. */
  tcp: boolean;
  /** Seconds to wait for STUN and TURN servers before answering without them. */
  gatherTimeout: number;
  /** Called for every datagram that arrives, whatever is in it. */
  heard(): void;
  /** Called when no socket could be bound: werift itself would only answer without a candidate. */
  failed(error: unknown): void;
}

/** What was put under an ICE transport. */
export interface Underlay {
  readonly guard: Guard;
  /** Closes what werift does not know of (a relay still under way). Call it when the connection is closed. */
  close(): Promise<void>;
}

/** Makes an ICE transport use sockets of the pool, guarded. Call before gathering. */
export function useOwnSockets(ice: RTCIceTransport, reach: Reach): Underlay {
  const guard = new Guard(ice.connection);
  const inside = ice.connection as unknown as ConnectionInside;
  if (reach.servers.stun === undefined) inside.stunServer = undefined;
  // werift's 88 bits are less than RFC 8445 5.3 asks for.
  inside.localUsername = randomBytes(4).toString('hex');
  inside.localPassword = randomBytes(16).toString('hex');
  inside.userHistory[inside.localUsername] = inside.localPassword;
  const ensure = inside.ensureProtocol.bind(inside);
  inside.ensureProtocol = (protocol) => {
    ensure(protocol);
    protocol.onRequestReceived.subscribe(reach.heard);
    protocol.onDataReceived.subscribe(reach.heard);
    if ('connectionMade' in protocol && protocol.type === 'stun')
      bindFrom(protocol as StunProtocol, reach, guard);
  };
  const relay = reach.servers.turn === undefined ? undefined : new Relay(reach.servers.turn);
  const gather = inside.getCandidatePromises.bind(inside);
  inside.getCandidatePromises = () => {
    const [first = '127.0.0.1', ...more] = reach.addresses;
    const [host, ...asked] = gather([first], reach.gatherTimeout);
    const hosts = host?.then(async (candidate) => {
      if (candidate?.type !== 'host') return undefined;
      const { port } = candidate;
      for (const address of more) inside.appendLocalCandidate(hostCandidate(inside, address, port));
      if (reach.tcp) await offerTcp(inside, reach, port, guard);
      return candidate;
    });
    if (relay !== undefined) asked.push(allocate(relay, inside));
    const all = hosts === undefined ? asked : [hosts, ...asked];
    return all.map((promise) =>
      Promise.race([promise, sleep(reach.gatherTimeout * 1000, undefined, { ref: false })]),
    );
  };
  return { guard, close: async () => relay?.close() };
}

/** Lets a STUN protocol take its socket from the pool instead of searching a port itself. */
function bindFrom(protocol: StunProtocol, reach: Reach, guard: Guard): void {
  protocol.connectionMade = async () => {
    const socket = await reach.ports.bind().catch((error) => {
      reach.failed(error);
      throw error;
    });
    const transport = new SocketTransport(socket);
    const inward = protocol as unknown as { datagramReceived(data: Buffer, from: Address): void };
    transport.onData = (data, from) => {
      if (guard.admits(data, from)) inward.datagramReceived(data, from);
    };
    protocol.transport = transport as unknown as StunProtocol['transport'];
  };
}

/** Asks for a relayed address and gives it to werift, as its own gathering would. */
async function allocate(relay: Relay, inside: ConnectionInside): Promise<Candidate | undefined> {
  try {
    const protocol = await relay.allocate();
    inside.ensureProtocol(protocol);
    inside.protocols.push(protocol);
    protocol.localCandidate = relayCandidate(protocol, inside.generation, inside.localUsername);
    inside.appendLocalCandidate(protocol.localCandidate);
    return protocol.localCandidate;
  } catch {
    // A viewer that can be reached without it is served all the same; one that cannot fails to connect.
    await relay.close();
    return undefined;
  }
}

/** Listens for those who let no UDP through. Where the port is somebody else's over TCP, it is any other; with a range there is UDP alone. */
async function offerTcp(
  inside: ConnectionInside,
  { addresses, ports }: Reach,
  wanted: number,
  guard: Guard,
): Promise<void> {
  const other = () => (ports.range === undefined ? listenTcp(0, guard) : undefined);
  const protocol = await listenTcp(wanted, guard)
    .catch(other)
    .catch(() => undefined);
  if (protocol === undefined) return;
  const port = protocol.listeningPort;
  inside.ensureProtocol(protocol);
  inside.protocols.push(protocol);
  for (const address of addresses) {
    const candidate = hostCandidate(inside, address, port, 'tcp');
    protocol.localCandidate ??= candidate;
    inside.appendLocalCandidate(candidate);
  }
}

/** An advertised address on the socket of another candidate. */
function hostCandidate(
  inside: ConnectionInside,
  address: string,
  port: number,
  transport: 'udp' | 'tcp' = 'udp',
): Candidate {
  const tcptype = transport === 'tcp' ? 'passive' : undefined;
  return new Candidate(
    candidateFoundation('host', transport, address),
    1,
    transport,
    candidatePriority('host', tcptype === undefined ? { transport } : { transport, tcptype }),
    address,
    port,
    'host',
    undefined,
    undefined,
    tcptype,
    inside.generation,
    inside.localUsername,
  );
}
