/**
 * A connection that we offer: to a WHIP server, which only receives. Non-trickle: the offer holds all our candidates.
 */
import { readAnswer } from './answer.js';
import type { VideoCodec } from './codecs.js';
import { type Kind, makeConnection, makeOffer } from './connection.js';
import { Link, type LinkOptions } from './link.js';

export interface PushOptions extends LinkOptions {
  /** The codec of the video that is sent. */
  codec: VideoCodec;
  /** What is sent. */
  kinds: readonly Kind[];
}

export class Push extends Link {
  #offer = '';

  /** An offer, and the connection that waits for its answer. Rejects with a TalkError and leaves nothing behind. */
  static async offer(options: PushOptions): Promise<{ push: Push; sdp: string }> {
    const push = new Push(options);
    push.#offer = await push.describe(makeOffer, 'The SDP offer could not be made.');
    return { push, sdp: push.#offer };
  }

  private constructor(options: PushOptions) {
    const { kinds, codec, servers, loss } = options;
    const wanted = {
      ...(kinds.includes('video') ? { video: { clockRate: 90_000 } } : {}),
      ...(kinds.includes('audio') ? { audio: { clockRate: 48_000 } } : {}),
      talks: false,
      brings: [],
    };
    super((id) => makeConnection(wanted, id, { stun: servers?.stun, loss, codecs: [codec] }), options);
  }

  /** Takes the answer; `connected` or `closed` follows. Rejects with `stream/format` when it cannot be used. */
  async accept(answer: unknown): Promise<void> {
    const sdp = readAnswer(answer, this.#offer);
    await this.connection.pc.setRemoteDescription({ type: 'answer', sdp });
  }
}
