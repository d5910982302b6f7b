/**
 * A voice behind HTTP: one request for each sentence, its sound decoded as it arrives.
 *
 * An engine says what it asks (`call`) and what bare samples of its are (`bare`); everything else is here: settings, kept
 * connections, what a refusal means, decoding, and a closed connection as soon as nobody listens.
 */
import { TalkError } from '../../element/error.js';
import { type Answer, beginning, type Call, HttpClient } from '../../service/http.js';
import type { SpeechPiece, SynthesisRequest, VoiceOptions } from '../engine.js';
import { decodeStream, type PcmFormat } from '../stream/index.js';
import { type Ask, RemoteEngine, type RemoteOptions } from './engine.js';
import { type Party, wrongType } from './refusal.js';

export { bearer, form, json } from '../../service/body.js';

const SOUND = /^(audio|video)\/|octet-stream$|^application\/(ogg|x-ogg)$|^$/;

export abstract class HttpEngine<T extends RemoteOptions> extends RemoteEngine<T> {
  protected readonly http = new HttpClient();

  /** What to ask for one sentence. */
  protected abstract call(ask: Ask<T>): Call | Promise<Call>;

  /** What bytes without a header are; undefined where the service always sends one. */
  protected bare(_ask: Ask<T>, _answer: Answer): PcmFormat | undefined {
    return undefined;
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechPiece, void, undefined> {
    const ask = this.ask(request);
    const { party, signal } = ask;
    const answer = await this.http.open(await this.call(ask), party, signal);
    try {
      yield* this.sound(ask, answer);
    } catch (cause) {
      if (!signal.aborted) throw named(cause, party);
    } finally {
      answer.close();
    }
  }

  /** The sound of an answer. Throws TalkError for one that has none. */
  protected async *sound(ask: Ask<T>, answer: Answer): AsyncIterable<SpeechPiece> {
    const { party, signal } = ask;
    if (!SOUND.test(answer.type)) throw wrongType(party, answer.type, await beginning(answer.body));
    const pcm = this.bare(ask, answer);
    yield* decodeStream(answer.body, { signal, ...(pcm !== undefined && { pcm }) });
  }

  override expect(options: VoiceOptions = {}): void {
    if (this.lacks() !== undefined) return;
    try {
      const signal = AbortSignal.abort();
      this.http.expect(this.server(this.ask({ text: '', signal, options }).settings));
    } catch {
      // What is set wrongly is told when it is asked to speak.
    }
  }

  override async close(): Promise<void> {
    this.http.close();
  }
}

/** A decoder knows what is wrong, and not whose sound it was. */
export function named(cause: unknown, { engine, host }: Party): unknown {
  if (!(cause instanceof TalkError) || cause.details['engine'] !== undefined) return cause;
  return new TalkError(cause.code, `The voice ${engine} at ${host}: ${cause.message}`, {
    cause,
    debug: cause.debug,
    retryable: cause.retryable,
    details: { ...cause.details, engine, host },
  });
}
