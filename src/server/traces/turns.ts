/** The turns of one session, read off what its graph posts and what it is asked for. */
import type { Ns } from '../../element/index.js';
import type { PostedMark } from '../../session/marks.js';
import type { Span } from './span.js';
import { Turn } from './turn.js';

/** Turns that are followed at a time: drafts that were dropped and texts that wait are forgotten, the oldest first. */
const MOST = 64;

interface Heard {
  readonly begin: number;
  end: number;
  decided: number;
}

export class Turns {
  readonly #session: string;
  readonly #finished: (trace: Span[]) => void;
  /** By what the answer is called. */
  readonly #turns = new Map<string, Turn>();
  /** What somebody says, by the number of their turn. */
  readonly #heard = new Map<number, Heard>();
  /** When silence was wanted. */
  #cut: number | undefined;

  /** @param finished gets the spans of each turn that is over */
  constructor(session: string, finished: (trace: Span[]) => void) {
    this.#session = session;
    this.#finished = finished;
  }

  /** It was asked for something. @param at ms since 1970 */
  asked(name: 'say' | 'ask' | 'cut', id: string, at: number): void {
    if (name === 'cut') this.#silence(at);
    else this.#of(id).asked ??= at;
  }

  /** Its graph posted something. @param at ms since 1970 @param running the graph's running time of that moment */
  posted({ name, fields }: PostedMark, at: number, running: Ns): void {
    const id = String(fields['id'] ?? '');
    /** When something was in the world that has this media time. */
    const then = (pts: unknown): number => Math.min(at, at - (running - Number(pts)) / 1e6) || at;
    const turn = Number(fields['turn']);
    switch (name) {
      case 'turn-start':
        keep(this.#heard, turn, { begin: then(fields['pts']), end: at, decided: at });
        return;
      case 'turn-end': {
        const heard = this.#heard.get(turn) ?? { begin: then(fields['pts']), end: at, decided: at };
        keep(this.#heard, turn, Object.assign(heard, { end: then(fields['end']), decided: at }));
        return;
      }
      case 'turn-nothing':
        this.#heard.delete(turn);
        return;
      case 'asr-failed':
        if (fields['again'] !== true) this.#misheard(turn, at, String(fields['code']));
        return;
      case 'transcript.final':
        this.#understood(turn, this.#of(id), at);
        return;
      case 'answer-asked':
        this.#of(id).begin('llm', at);
        return;
      case 'voice-begun': {
        const ms = Number(fields['ms']) || 0;
        this.#of(id).during('tts', at - ms, at, { 'talkgraph.voice.engine': String(fields['engine']) });
        return;
      }
      case 'utterance-start':
        // A draft that was heard before it counted is said again from its beginning.
        this.#of(id).restart('speech', at);
        return;
      case 'barge-in':
        this.#silence(at);
        return;
      default: {
        const known = this.#turns.get(id);
        if (known !== undefined) this.#went(known, id, { name, fields }, at);
      }
    }
  }

  /** The session ends: what was being said ends with it, what was not yet heard was nothing. */
  close(at: number): void {
    for (const [id, turn] of this.#turns) if (turn.has('speech') || turn.error) this.#over(id, turn, at);
    this.#turns.clear();
    this.#heard.clear();
  }

  /** More of a turn that is known. */
  #went(turn: Turn, id: string, { name, fields }: PostedMark, at: number): void {
    switch (name) {
      case 'answer-begun':
        turn.event('llm', at, 'first token');
        return;
      case 'tool':
        turn.event('llm', at, `tool ${fields['status']}`, { 'talkgraph.tool': String(fields['name']) });
        return;
      case 'answer-failed':
        turn.error = String(fields['code']);
        turn.end('llm', at, {}, turn.error);
        return;
      case 'answer-ended':
        turn.end('llm', at, { 'talkgraph.llm.reason': String(fields['reason']) });
        // Otherwise it is over when it was heard.
        if (fields['said'] === true || turn.has('speech')) return;
        if (fields['reason'] === 'cut') this.#turns.delete(id);
        else this.#over(id, turn, at);
        return;
      case 'speech-failed':
        turn.error = String(fields['code']);
        if (!turn.has('speech')) this.#over(id, turn, at);
        return;
      case 'mouth-begun':
        turn.during('mouth', turn.endOf('tts') ?? at, at);
        return;
      case 'utterance-end':
        turn.end('speech', at);
        this.#over(id, turn, at);
        return;
      case 'interrupted': {
        const heard = Number(fields['heard-ms']) || 0;
        turn.end('speech', at, { 'talkgraph.cut': true, 'talkgraph.heard_ms': heard });
        if (this.#cut !== undefined) turn.during('cut', this.#cut, at);
        this.#cut = undefined;
        this.#over(id, turn, at);
      }
    }
  }

  /** Somebody wants silence, from whoever is heard now. */
  #silence(at: number): void {
    if ([...this.#turns.values()].some((turn) => turn.has('speech'))) this.#cut ??= at;
  }

  #understood(number: number, turn: Turn, at: number, error?: string): void {
    const heard = this.#heard.get(number);
    this.#heard.delete(number);
    if (heard === undefined) return;
    turn.during('listen', heard.begin, heard.end);
    turn.during('decide', heard.end, heard.decided);
    turn.begin('asr', heard.decided);
    turn.end('asr', at, {}, error);
  }

  /** Nobody answers what nobody understood. */
  #misheard(number: number, at: number, code: string): void {
    const turn = new Turn({ 'session.id': this.#session });
    this.#understood(number, turn, at, code);
    turn.error = code;
    if (turn.has('listen')) this.#finished(turn.spans(at));
  }

  #over(id: string, turn: Turn, at: number): void {
    this.#turns.delete(id);
    this.#cut = undefined;
    this.#finished(turn.spans(at));
  }

  #of(id: string): Turn {
    const known = this.#turns.get(id);
    if (known !== undefined) return known;
    const turn = new Turn({ 'session.id': this.#session, 'talkgraph.utterance': id });
    keep(this.#turns, id, turn);
    return turn;
  }
}

/** Sets, and forgets the oldest where there are too many. */
function keep<K, V>(map: Map<K, V>, key: K, value: V): void {
  const [oldest] = map.keys();
  if (map.size >= MOST && oldest !== undefined && !map.has(key)) map.delete(oldest);
  map.set(key, value);
}
