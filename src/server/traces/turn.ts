/**
 * One turn as a trace: somebody asks, by voice or in writing, and is answered aloud.
 *
 *     turn ─┬─ listen    somebody speaks
 *           ├─ decide    silence, until their turn counts as over
 *           ├─ asr       until their words are there
 *           ├─ llm       from the question to the last word of the answer; event `first token`
 *           ├─ tts       from the first sentence asked of a voice to its first sound
 *           ├─ mouth     from there to the first mouth
 *           ├─ speech    what is heard, from the moment its first sample leaves
 *           └─ cut       from an interruption to silence
 *
 * What was not part of it is not there: a text that is said has no `listen`, one without a model no `llm`. Nothing of what somebody said stands in it.
 */
import { type Attributes, type Span, spanId, traceId } from './span.js';

export type Part = 'listen' | 'decide' | 'asr' | 'llm' | 'tts' | 'mouth' | 'speech' | 'cut';

interface Piece {
  begin: number;
  end?: number;
  error?: string;
  attributes: Record<string, string | number | boolean>;
  readonly events: { at: number; name: string; attributes: Attributes }[];
}

/** Events of one part: tools that are called again and again are no more than that. */
const MOST_EVENTS = 64;

export class Turn {
  readonly #parts = new Map<Part, Piece>();
  readonly #attributes: Record<string, string | number | boolean>;
  /** When it was asked for, where that is known; ms since 1970 as all times here. */
  asked: number | undefined;
  error: string | undefined;

  constructor(attributes: Attributes) {
    this.#attributes = { ...attributes };
  }

  has(part: Part): boolean {
    return this.#parts.has(part);
  }

  /** A part begins. What has begun goes on. */
  begin(part: Part, at: number): void {
    if (!this.#parts.has(part)) this.#parts.set(part, { begin: at, attributes: {}, events: [] });
  }

  /** It begins again: what was of it before was taken back. */
  restart(part: Part, at: number): void {
    this.#parts.delete(part);
    this.begin(part, at);
  }

  /** It ends, once; one that never began is none. */
  end(part: Part, at: number, attributes: Attributes = {}, error?: string): void {
    const piece = this.#parts.get(part);
    if (piece === undefined || piece.end !== undefined) return;
    piece.end = Math.max(at, piece.begin);
    Object.assign(piece.attributes, attributes);
    if (error !== undefined) piece.error = error;
  }

  during(part: Part, begin: number, end: number, attributes: Attributes = {}): void {
    this.begin(part, begin);
    this.end(part, end, attributes);
  }

  event(part: Part, at: number, name: string, attributes: Attributes = {}): void {
    const { events } = this.#parts.get(part) ?? {};
    if (events !== undefined && events.length < MOST_EVENTS) events.push({ at, name, attributes });
  }

  endOf(part: Part): number | undefined {
    return this.#parts.get(part)?.end;
  }

  /** Its spans, the turn first. What has not ended by `now` ends there, unfinished. */
  spans(now: number): Span[] {
    const parts = [...this.#parts];
    const begin = Math.min(this.asked ?? now, ...parts.map(([, piece]) => piece.begin));
    const [trace, root] = [traceId(), spanId()];
    const speech = this.#parts.get('speech');
    // Who speaks waits from the end of their speech on, who writes from when it was sent.
    const waited = speech && speech.begin - (this.endOf('listen') ?? begin);
    const children = parts.map(
      ([name, { begin: from, end = now, error, attributes, events }]): Span => ({
        ...{ trace, id: spanId(), parent: root, name, begin: from, end: Math.max(from, end), events },
        attributes:
          this.#parts.get(name)?.end === undefined
            ? { ...attributes, 'talkgraph.unfinished': true }
            : attributes,
        ...(error !== undefined && { error }),
      }),
    );
    return [
      {
        ...{ trace, id: root, name: 'turn', begin, end: Math.max(now, begin) },
        attributes: {
          ...this.#attributes,
          'talkgraph.from': this.has('listen') ? 'voice' : 'text',
          ...(waited !== undefined && { 'talkgraph.first_sound_ms': Math.round(waited) }),
        },
        ...(this.error !== undefined && { error: this.error }),
      },
      ...children,
    ];
  }
}
