/** When this process lets go of its connections: the moment the socket is destroyed, not the one in which the other side has noticed. */
import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

export class Hangups {
  /** Times of `performance.now()`, by the port on the other side. */
  readonly #times = new Map<number, number[]>();
  readonly #sockets = new Set<Socket>();
  readonly #see = (message: unknown): void => this.#watch((message as { socket: Socket }).socket);

  constructor() {
    diagnostics.subscribe('net.client.socket', this.#see);
  }

  /** Of the connections to this port that were let go, in order. */
  at(url: string): readonly number[] {
    return this.#times.get(portOf(url)) ?? [];
  }

  /** Of all connections. */
  get count(): number {
    return [...this.#times.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Connections to this port that stand. */
  open(url: string): number {
    return [...this.#sockets].filter(({ remotePort }) => remotePort === portOf(url)).length;
  }

  end(): void {
    diagnostics.unsubscribe('net.client.socket', this.#see);
  }

  #watch(socket: Socket): void {
    const destroy = socket.destroy.bind(socket);
    this.#sockets.add(socket);
    socket.destroy = (...args) => {
      const { remotePort = 0 } = socket;
      if (this.#sockets.delete(socket)) {
        this.#times.set(remotePort, [...(this.#times.get(remotePort) ?? []), performance.now()]);
      }
      return destroy(...args);
    };
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
