/**
 * A short sentence in each voice, for those who choose one.
 *
 * Speech may cost money where a service makes it. So what was said is kept for a while, two who ask for the same wait for one, and there is
 * a limit to how much is made at once, in a minute, and of each.
 */
import { TalkError } from '../element/index.js';
import { WAVE_HEAD, waveHead } from '../element/wave.js';
import { resolveVoice, speak } from '../voice/index.js';

export interface PreviewLimits {
  /** Previews in the making. */
  readonly together: number;
  /** Begun within a minute. */
  readonly perMinute: number;
  /** Of sound; what is longer is cut. */
  readonly seconds: number;
  /** ms a voice may take. */
  readonly patienceMs: number;
  /** Kept at a time, the oldest goes. */
  readonly kept: number;
  /** ms for which they are. */
  readonly keptMs: number;
}

export const PREVIEW_LIMITS: PreviewLimits = {
  together: 2,
  perMinute: 30,
  seconds: 8,
  patienceMs: 20_000,
  kept: 24,
  keptMs: 600_000,
};

const RATE = 24_000;
const MINUTE = 60_000;

/** What is said, by language (the first part of its BCP 47 tag): one sentence, so that a service is asked once. */
const SENTENCES: Readonly<Record<string, string>> = {
  en: 'Hello, this is how I sound.',
  zh: '你好，这就是我的声音。',
  de: 'Hallo, so klinge ich.',
  fr: 'Bonjour, voici ma voix.',
  es: 'Hola, así suena mi voz.',
  ja: 'こんにちは、これが私の声です。',
};

/** Where there is no sentence of that language, the English one. */
const sentenceOf = (language: string): string | undefined =>
  SENTENCES[language.toLowerCase().split('-', 1)[0] ?? ''];

export class Previews {
  readonly #limits: PreviewLimits;
  readonly #kept = new Map<string, { readonly wav: Buffer; readonly until: number }>();
  readonly #making = new Map<string, Promise<Buffer>>();
  /** When those of the last minute began, ms. */
  #begun: number[] = [];
  readonly #end = new AbortController();

  constructor(limits: PreviewLimits = PREVIEW_LIMITS) {
    this.#limits = limits;
  }

  /**
   * A WAV file, 24 kHz.
   * @param voice ENGINE/NAME
   * @param languages what it speaks, then what the listener does; the first with a sentence counts
   * @throws TalkError resource/busy (too many at once) and resource/rate (in a minute) with `retryAfterMs`; what the voice throws
   */
  wav(voice: string, languages: readonly string[]): Promise<Buffer> {
    const text = languages.map(sentenceOf).find((one) => one !== undefined) ?? SENTENCES['en'] ?? '';
    const key = `${voice}\n${text}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > performance.now()) return Promise.resolve(kept.wav);
    const making = this.#making.get(key) ?? this.#begin(key, voice, text);
    return making;
  }

  /** Ends what is in the making. */
  async close(): Promise<void> {
    this.#end.abort();
    await Promise.allSettled(this.#making.values());
    this.#kept.clear();
  }

  #begin(key: string, voice: string, text: string): Promise<Buffer> {
    try {
      this.#admit();
    } catch (error) {
      return Promise.reject(error);
    }
    const made = this.#make(voice, text)
      .then((wav) => {
        this.#keep(key, wav);
        return wav;
      })
      .finally(() => this.#making.delete(key));
    this.#making.set(key, made);
    return made;
  }

  #admit(): void {
    const { together, perMinute } = this.#limits;
    if (this.#making.size >= together) {
      throw new TalkError('resource/busy', `${together} voices are being tried already; try again soon.`, {
        retryable: true,
        details: { retryAfterMs: 2000 },
      });
    }
    const now = performance.now();
    this.#begun = this.#begun.filter((begun) => begun > now - MINUTE);
    const [first] = this.#begun;
    if (first !== undefined && this.#begun.length >= perMinute) {
      throw new TalkError('resource/rate', `Expected at most ${perMinute} voices to be tried in a minute.`, {
        retryable: true,
        details: { retryAfterMs: first + MINUTE - now },
      });
    }
    this.#begun.push(now);
  }

  async #make(name: string, text: string): Promise<Buffer> {
    const late = AbortSignal.timeout(this.#limits.patienceMs);
    const signal = AbortSignal.any([this.#end.signal, late]);
    // Resolved by itself: a comma in its name is no other voice.
    const speech = speak({ text, voice: await resolveVoice(name), rate: RATE, signal });
    const most = this.#limits.seconds * RATE;
    const parts: Int16Array[] = [];
    let count = 0;
    for await (const { samples } of speech) {
      parts.push(samples.subarray(0, most - count));
      count += samples.length;
      if (count >= most) break;
    }
    if (this.#end.signal.aborted) throw new TalkError('resource/busy', 'The server is shutting down.');
    if (late.aborted) {
      const seconds = this.#limits.patienceMs / 1000;
      throw new TalkError(
        'resource/unreachable',
        `The voice ${name} said nothing whole within ${seconds} s.`,
        {
          retryable: true,
        },
      );
    }
    if (speech.failure !== undefined) throw speech.failure;
    return file(parts);
  }

  #keep(key: string, wav: Buffer): void {
    this.#kept.delete(key);
    this.#kept.set(key, { wav, until: performance.now() + this.#limits.keptMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#limits.kept && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function file(parts: readonly Int16Array[]): Buffer {
  const bytes = parts.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  const length = bytes.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([waveHead(RATE, length), ...bytes], WAVE_HEAD + length);
}
