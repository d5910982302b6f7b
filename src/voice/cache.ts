/**
 * Keeps what was said lately, so that a greeting said to every visitor is made once.
 *
 * Bounded by bytes of sound; when full the longest unused goes. Only whole, successful requests of engines that always give the
 * same samples are kept, and nothing longer than an eighth of the whole, which would only push out what is worth keeping.
 */
import type { SpeechPiece, SynthesisRequest, VoiceEngine } from './engine.js';

/** A bounded store of finished requests. */
export class SpeechCache {
  readonly #limit: number;
  readonly #entries = new Map<string, { pieces: readonly SpeechPiece[]; bytes: number }>();
  #bytes = 0;

  /** `limit`: bytes of samples kept; 0 keeps nothing. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of samples held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Pieces of an equal request, newest use noted; undefined when there was none. The samples are shared: read them only. */
  get(key: string): readonly SpeechPiece[] | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.pieces;
  }

  /** Whether something of this size would be kept at all. */
  fits(bytes: number): boolean {
    return bytes <= this.#limit / 8;
  }

  set(key: string, pieces: readonly SpeechPiece[]): void {
    const bytes = pieces.reduce((sum, piece) => sum + piece.samples.byteLength, 0);
    if (!this.fits(bytes)) return;
    this.#drop(key);
    this.#entries.set(key, { pieces, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#limit) break;
      this.#drop(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

/** Everything about a request that its samples depend on. */
export function cacheKey(engine: VoiceEngine, request: SynthesisRequest): string {
  const options = Object.entries(request.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([engine.name, request.voice, request.text, request.rate, request.pause, options]);
}
