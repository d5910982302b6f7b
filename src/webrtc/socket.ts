/** A bound UDP socket as werift's ICE takes it. */
import type { Socket } from 'node:dgram';

export type Address = readonly [host: string, port: number];

/** What werift's STUN and TURN protocols need of a UDP transport. */
export class SocketTransport {
  readonly type = 'udp';
  readonly socketType = 'udp4';
  readonly socket: Socket;
  closed = false;
  onData: (data: Buffer, address: Address) => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (data, from) => {
      try {
        this.onData(data, [from.address, from.port]);
      } catch {
        // Anybody may send anything to an open port: what cannot be read is nobody's error.
      }
    });
    // A socket error (an unreachable network) is not the end of a viewer: consent or the watchdog decides that.
    socket.on('error', () => {});
  }

  get address(): ReturnType<Socket['address']> {
    return this.socket.address();
  }

  send = async (data: Buffer, address: Address): Promise<void> => {
    if (!this.closed) this.socket.send(data, address[1], address[0]);
  };

  close = (): Promise<void> =>
    new Promise((resolve) => {
      if (this.closed) return resolve();
      this.closed = true;
      this.socket.close(() => resolve());
    });
}
