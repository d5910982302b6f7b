/** Sound for a session to say, sent while it is made: a WebSocket of samples. */

/** What the server tells of it. */
export type PcmTold =
  | { readonly type: 'started'; readonly id: string }
  | { readonly type: 'dropped'; readonly reason: string };

/** The part of a WebSocket that is needed; the package `ws` has it where there is no global one. */
export interface SocketLike {
  readonly bufferedAmount: number;
  send(data: string | Uint8Array): void;
  close(code?: number): void;
  addEventListener(
    type: string,
    listener: (event: { data?: unknown; code?: number; reason?: string }) => void,
  ): void;
}
export type SocketClass = new (url: string) => SocketLike;

export class PcmSocket {
  readonly #socket: SocketLike;
  /** Resolves when it is closed, with the code and the reason. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  private constructor(socket: SocketLike, told: (message: PcmTold) => void) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code = 1006, reason = '' }) =>
        resolve({ code, reason: String(reason) }),
      );
    });
    socket.addEventListener('message', ({ data }) => told(JSON.parse(String(data)) as PcmTold));
  }

  /** Resolves when samples may be sent. Throws Error when the server cannot be reached, or refuses. */
  static async open(Socket: SocketClass, url: string, told: (message: PcmTold) => void): Promise<PcmSocket> {
    const socket = new Socket(url);
    const pcm = new PcmSocket(socket, told);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      // The address has the token: it is no part of the message.
      socket.addEventListener('error', () => reject(new Error('The socket for sound could not be opened.')));
    });
    return pcm;
  }

  /** Begins an utterance with a caption. Samples alone begin one without. */
  start(text = ''): void {
    this.#socket.send(JSON.stringify({ type: 'start', text }));
  }

  /** Samples, interleaved; or, where the socket was opened for `opus`, one packet. What is not heard yet waits at the server, 5 s at most, then here: see `waiting`. */
  send(samples: Int16Array | Uint8Array): void {
    this.#socket.send(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  /** Bytes that wait to be sent: whoever makes sound faster than it is heard makes none while this grows. */
  get waiting(): number {
    return this.#socket.bufferedAmount;
  }

  /** The utterance is complete. */
  end(): void {
    this.#socket.send('{"type":"end"}');
  }

  /** Ends the utterance, and closes. */
  close(): void {
    this.#socket.close();
  }
}
