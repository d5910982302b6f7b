/** A stream published to a WHIP server: offered, answered, sent, and offered again when it was lost. */
import { TalkError, toTalkError } from '../element/index.js';
import { Publishing } from '../publish/publishing.js';
import type { Kind } from '../webrtc/connection.js';
import type { CloseReason } from '../webrtc/link.js';
import { Push, type PushOptions } from '../webrtc/push.js';
import { aloneBounds, RateControl } from '../webrtc/rate.js';
import { post, remove, type Session } from './endpoint.js';
import { hide, type Target } from './target.js';

/** ms between two looks at what the server can take. */
const CONTROL = 1000;

const WHY: Readonly<Record<CloseReason, string>> = {
  closed: 'it was ended',
  left: 'it has closed the connection',
  silent: 'it has not been heard of for 5 s',
  timeout: 'it answered, but no packet finds its way',
  failed: 'it answered, but no packet finds its way',
  codec: 'it takes another codec',
};

export interface WhipOptions extends PushOptions {
  /** Bitrate that the video may have, bit/s. Where given, `rate` events say when the server cannot take it. */
  bitrate?: number;
}

/** One connection to a WHIP server. */
class WhipConnection {
  readonly #target: Target;
  readonly #options: WhipOptions;
  readonly #abort = new AbortController();
  #push: Push | undefined;
  #session: Session | undefined;
  #failure: TalkError | undefined;
  #stop: () => void = () => undefined;

  constructor(target: Target, options: WhipOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** Resolves when packets can leave. */
  async open(): Promise<Push> {
    const { push, sdp } = await Push.offer(this.#options);
    this.#push = push;
    const { signal } = this.#abort;
    if (signal.aborted) throw this.#told('it was ended');
    const connected = new Promise<void>((resolve, reject) => {
      push.once('connected', resolve);
      push.once('closed', (reason) => reject(this.#told(WHY[reason])));
    });
    // It may close while the answer is still waited for.
    connected.catch(() => undefined);
    this.#session = await post(this.#target, sdp, signal);
    await push.accept(this.#session.answer);
    await connected;
    return push;
  }

  /** Resolves when it is to end; rejects when it is lost. */
  lasts(push: Push): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stop = resolve;
      const over = (reason: CloseReason) => reject(this.#failure ?? this.#told(WHY[reason]));
      if (push.state === 'closed') over('left');
      else push.once('closed', over);
    });
  }

  /** It is to end. */
  stop(): void {
    this.#stop();
  }

  fail(reason: unknown): void {
    this.#failure ??= this.#told(toTalkError(reason).message);
    this.#abort.abort();
    void this.#push?.close();
  }

  async close(): Promise<void> {
    const url = this.#session?.url;
    if (url !== undefined) await remove(this.#target, url);
    await this.#push?.close();
  }

  #told(why: string): TalkError {
    const { shown } = this.#target;
    const text = hide(why, this.#target).replace(/\.$/, '');
    return new TalkError('resource/unreachable', `No connection to ${shown}: ${text}.`, { retryable: true });
  }
}

export class WhipPublisher extends Publishing<WhipConnection> {
  readonly #target: Target;
  readonly #options: WhipOptions;
  #connection: WhipConnection | undefined;
  /** The connection that stands. */
  #push: Push | undefined;
  #rate: RateControl | undefined;

  constructor(target: Target, options: WhipOptions) {
    super();
    this.#target = target;
    this.#options = options;
    if (options.bitrate !== undefined) this.#rate = new RateControl(aloneBounds(options.bitrate));
  }

  /** Another bitrate is wanted; the encoder has it already. */
  set bitrate(bitrate: number) {
    if (this.#rate !== undefined) this.#rate = new RateControl(aloneBounds(bitrate));
  }

  /** A packet that is due. Dropped while there is no connection. */
  write(kind: Kind, packet: Buffer): void {
    this.#push?.write(kind, packet);
  }

  protected override begin(): WhipConnection {
    this.#connection = new WhipConnection(this.#target, this.#options);
    return this.#connection;
  }

  protected override async run(connection: WhipConnection): Promise<void> {
    const push = await connection.open();
    const control = setInterval(() => this.#control(push), CONTROL);
    try {
      push.on('key-frame', () => this.askForKey());
      this.#push = push;
      this.established();
      if (!this.ended) await connection.lasts(push);
    } finally {
      clearInterval(control);
      this.#push = undefined;
      this.#rate?.forget('server');
    }
  }

  protected override stopped(): void {
    this.#connection?.stop();
  }

  #control(push: Push): void {
    const { loss, estimate, bitrate: sent, rtt } = push.stats();
    this.#rate?.report('server', { loss, estimate, sent, rtt });
    const change = this.#rate?.change();
    if (change !== undefined) this.emit('rate', change);
  }
}
