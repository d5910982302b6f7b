/**
 * ICE over TCP (RFC 6544), for viewers whose network lets no UDP through: a listener of its own beside a peer's UDP socket, on the port of
 * the same number. Each datagram is a frame behind its length (RFC 4571).
 *
 * werift's listener takes any number of connections, and keeps in memory whatever a connection does not take. So strangers have a limit
 * and a time to prove themselves, and what a full connection does not take is lost, as on UDP: the adaptation sees it.
 *
 * A browser comes to each of our addresses at once and keeps the connection it likes best, which werift need not know: it nominates one
 * pair for good, and closes all others. Here they stay, and what would go over one that the browser has closed goes over the one it uses.
 */
import type { Socket } from 'node:net';
import { encodeTcpFrame, TcpPassiveProtocol } from 'werift';
import type { Guard } from './guard.js';
import type { Address } from './socket.js';

/** Connections at a time: a browser tries one or two for each of our addresses. */
const MOST = 8;
/** ms that one may take to prove that it is of our viewer. */
const PATIENCE = 5000;
/** Bytes that wait for a connection beyond what the system holds of it; some .7 s of picture and voice. */
const BACKLOG = 128 << 10;

/** The members of werift's listener that are overridden or called, private in its types. */
interface ListenerInside {
  registerSocket(socket: Socket, from?: Address): unknown;
  handleFrame(data: Buffer, from: Address): void;
  sendFrame(data: Buffer, to: Address): Promise<void>;
  getSocket(to: Address): Promise<{ socket: Socket }>;
  pruneForSelection(kept?: Address): Promise<void>;
}

/** Listens on a port of all addresses. Rejects when the port is somebody else's. `patience` in ms. */
export async function listenTcp(
  port: number,
  guard: Pick<Guard, 'admits'>,
  patience = PATIENCE,
): Promise<TcpPassiveProtocol> {
  const protocol = new TcpPassiveProtocol();
  const inside = protocol as unknown as ListenerInside;
  /** Of the connection over which something came last. */
  let used: Address | undefined;
  /** Of who is not proven yet, by address. */
  const strangers = new Map<string, NodeJS.Timeout>();
  const proven = (key: string): void => {
    clearTimeout(strangers.get(key));
    strangers.delete(key);
  };
  const register = inside.registerSocket.bind(inside);
  inside.registerSocket = (socket, from) => {
    if (from === undefined || protocol.activeSocketCount >= MOST) return socket.destroy();
    const key = from.join(' ');
    socket.setNoDelay(true);
    socket.once('close', () => proven(key));
    strangers.set(
      key,
      setTimeout(() => socket.destroy(), patience),
    );
    return register(socket, from);
  };
  const handle = inside.handleFrame.bind(inside);
  inside.handleFrame = (data, from) => {
    if (!guard.admits(data, from)) return;
    proven(from.join(' '));
    used = from;
    handle(data, from);
  };
  inside.sendFrame = async (data, to) => {
    const { socket } = await inside.getSocket(to).catch((gone: unknown) => {
      if (used === undefined) throw gone;
      return inside.getSocket(used);
    });
    if (socket.writableLength < BACKLOG) socket.write(encodeTcpFrame(data));
  };
  const close = protocol.close.bind(protocol);
  const closeAll = inside.pruneForSelection.bind(inside);
  inside.pruneForSelection = async () => undefined;
  protocol.close = async () => {
    await closeAll();
    await close();
  };
  await protocol.connectionMade('0.0.0.0', [port, port]);
  return protocol;
}
