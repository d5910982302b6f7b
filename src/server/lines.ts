/**
 * What a session tells as LiveTalking's lines. There a text that is queued has a `start` and an `end`, both with its text and with what the
 * request said as `tts`; of an answer each sentence is such a text.
 */
import type { Session } from '../session/session.js';
import type { LiveTalkingEvent, SessionEvent } from './contract/events.js';
import type { Human } from './contract/livetalking.js';

/** What a request said of how a text is to be spoken. */
type Wishes = Human['tts'];

/** Utterances of a session whose wishes are kept: more do not wait. */
const KEPT = 64;

/** What was wished for, by utterance. */
export class Wished {
  readonly #all = new WeakMap<Session, Map<string, Wishes>>();

  note(session: Session, id: string, tts: Wishes): void {
    if (Object.keys(tts).length === 0) return;
    const own = this.#all.get(session) ?? new Map<string, Wishes>();
    this.#all.set(session, own.set(id, tts));
    if (own.size > KEPT) own.delete(own.keys().next().value ?? id);
  }

  of(session: Session, id = ''): { readonly tts?: Wishes } {
    const tts = this.#all.get(session)?.get(id);
    return tts === undefined ? {} : { tts };
  }
}

type More = (id: string | undefined) => { readonly tts?: Wishes };

/** One reader's lines. */
export class Lines {
  readonly #more: More;
  /** The text that has begun and not ended, for who has come in time to know it. */
  #text: string | undefined;

  /** @param more what else is said of an utterance */
  constructor(more: More) {
    this.#more = more;
  }

  /** The event's lines; none for one that LiveTalking's clients do not know. */
  of(event: SessionEvent): LiveTalkingEvent[] {
    const { id, type } = event;
    if (type === 'speech.start') return [this.#begin(event.text, id)];
    if (type === 'speech.end') return [this.#end(id)];
    const line = lineOf(event);
    if (line === undefined) return [];
    // A client that waits for the end of what it began must not wait for ever.
    if (type === 'interrupted') return this.#text === undefined ? [line] : [line, this.#end(id)];
    if (type !== 'sentence' || this.#text === undefined || has(this.#text, event.text)) return [line];
    return [this.#end(id), this.#begin(event.text, id), line];
  }

  #begin(text: string, id: string | undefined): LiveTalkingEvent {
    this.#text = text;
    return { status: 'start', text, ...this.#more(id) };
  }

  #end(id: string | undefined): LiveTalkingEvent {
    const text = this.#text;
    this.#text = undefined;
    return { status: 'end', ...(text === undefined ? {} : { text }), ...this.#more(id) };
  }
}

/** True for a text in which a sentence is; it may be said without its signs. */
function has(text: string, sentence: string): boolean {
  const words = (one: string): string => one.replace(/[^\p{L}\p{N}]/gu, '');
  return words(text).includes(words(sentence));
}

/** Events that are ours have words of their own. */
function lineOf(event: SessionEvent): LiveTalkingEvent | undefined {
  switch (event.type) {
    case 'sentence':
      return { status: 'sentence', text: event.text };
    case 'interrupted':
      return { status: 'interrupted', heard: event.heardMs, text: event.heard };
    case 'transcript.partial':
    case 'transcript.final':
      return { status: 'transcript', text: event.text, final: event.type === 'transcript.final' };
    case 'turn':
      return { status: 'turn', state: event.state, ...(event.why !== undefined && { why: event.why }) };
    case 'error':
    case 'warning':
      return { status: event.type, message: event.message };
    default:
      return undefined;
  }
}
