/**
 * A bad line between a viewer and the sink, of our own: a UDP relay that loses, delays, and carries no more than its rate with a
 * short queue in front. The viewer is told the relay's address alone, so that nothing goes past it.
 *
 *   const relay = await Relay.open({ loss: 0.03, delay: 20 });
 *   const answer = relay.between((await sink.answer(relay.hidden(offer))).sdp);
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface LineOptions {
  /** Fraction of the datagrams that are lost, both ways. */
  loss?: number;
  /** ms that each is under way, both ways. */
  delay?: number;
  /** What it carries towards the viewer, bit/s, and how long its queue may be, ms. Past that the newest is lost. */
  rate?: number;
  queue?: number;
}

/** UDP and IP headers, which a line carries, too. */
const HEADERS = 28;

/** The line as arithmetic; times in ms on any clock. */
export class BadLine {
  options: LineOptions;
  readonly #random: () => number;
  /** When all that is in the queue has left. */
  #free = 0;

  constructor(options: LineOptions = {}, random: () => number = Math.random) {
    this.options = options;
    this.#random = random;
  }

  /** ms until a datagram arrives that is sent now, or undefined when it is lost. */
  pass(bytes: number, now: number): number | undefined {
    const { delay = 0, rate, queue = 200 } = this.options;
    if (this.lost()) return undefined;
    if (rate === undefined) return delay;
    const begins = Math.max(now, this.#free);
    if (begins - now > queue) return undefined;
    this.#free = begins + ((bytes + HEADERS) * 8000) / rate;
    return this.#free - now + delay;
  }

  lost(): boolean {
    return this.#random() < (this.options.loss ?? 0);
  }
}

export class Relay {
  readonly #front: Socket;
  readonly #line: BadLine;
  /** A socket for each address of the viewer: the sink tells them apart, as it would without us. */
  readonly #backs = new Map<string, Socket>();
  #port = 0;
  #closed = false;

  private constructor(front: Socket, line: BadLine) {
    this.#front = front;
    this.#line = line;
    front.on('message', (data, from) => this.#up(data, from));
  }

  static async open(options: LineOptions = {}): Promise<Relay> {
    const front = createSocket('udp4');
    front.bind(0, '127.0.0.1');
    await once(front, 'listening');
    return new Relay(front, new BadLine(options));
  }

  /** What the line is like from now on. */
  set line(options: LineOptions) {
    this.#line.options = options;
  }

  /** An offer without the viewer's own addresses: the sink is to know it by what comes through here. */
  hidden(offer: string): string {
    return offer.replace(/^a=candidate:.*\r?\n/gm, '');
  }

  /** An answer with this relay's address in place of the sink's. */
  between(answer: string): string {
    const own = /^a=candidate:(\S+) 1 udp (\d+) 127\.0\.0\.1 (\d+) typ host.*$/im.exec(answer);
    if (own === null) throw new Error('the sink offers no address of this machine');
    this.#port = Number(own[3]);
    const { port } = this.#front.address();
    const ours = `a=candidate:${own[1]} 1 udp ${own[2]} 127.0.0.1 ${port} typ host`;
    return answer.replace(/^a=candidate:.*$/gm, ours);
  }

  close(): void {
    this.#closed = true;
    for (const socket of [this.#front, ...this.#backs.values()]) socket.close();
  }

  #up(data: Buffer, from: RemoteInfo): void {
    const key = `${from.address} ${from.port}`;
    const back = this.#backs.get(key) ?? createSocket('udp4');
    if (!this.#backs.has(key)) {
      this.#backs.set(key, back);
      back.on('message', (answer) => {
        const after = this.#line.pass(answer.length, performance.now());
        if (after !== undefined) this.#later(after, () => this.#front.send(answer, from.port, from.address));
      });
    }
    if (this.#line.lost()) return;
    this.#later(this.#line.options.delay ?? 0, () => back.send(data, this.#port, '127.0.0.1'));
  }

  #later(ms: number, send: () => void): void {
    if (ms === 0) send();
    else setTimeout(() => this.#closed || send(), ms);
  }
}
