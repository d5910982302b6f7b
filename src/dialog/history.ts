/**
 * What was said so far, as a language model is told of it: of an answer that was cut, what was heard and no word more.
 *
 * Bounded by tokens, which are estimated: one for each ideograph, kana or syllable block, a quarter for every other sign, four for each
 * turn around its text. Tokenizers differ by a third either way, so leave that much below what the model takes. The oldest turns go first,
 * the system prompt stays, and so does the turn that is to be answered, however long.
 */
import type { ChatMessage } from './llm/chat.js';

interface Turn {
  /** Of an answer: its utterance. */
  readonly id: string;
  readonly role: 'user' | 'assistant';
  text: string;
  /** Some of it was not heard: nothing is added any more. */
  cut?: boolean;
  /** It belongs to this draft, and counts when that is kept. */
  draft?: string;
}

export interface HistoryOptions {
  /** Empty: none. */
  readonly system: string;
  /** Tokens that all turns and the system prompt may have together. */
  readonly limit: number;
}

/** Answers whose end may still be cut are among the last few turns. */
const REMEMBERED = 1000;

export class History {
  #options: HistoryOptions;
  #turns: Turn[] = [];
  /** The draft that was dropped last. Some of it may have been heard, which the voice tells then. */
  #dropped: string | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** Changes what holds from the next question on. */
  set(options: HistoryOptions): void {
    this.#options = options;
  }

  /** The listener said this; or, with the id of a draft, may have. */
  asked(text: string, draft?: string): void {
    this.#add({ id: '', role: 'user', text, ...(draft !== undefined && { draft }) });
  }

  /** What became of a draft: question and answer count; or were never there, unless some of it is `heard`. */
  settle(draft: string, kept: boolean): void {
    if (kept) this.#counts(draft);
    else {
      this.#turns = this.#turns.filter((turn) => turn.draft === undefined || turn.draft !== this.#dropped);
      this.#dropped = draft;
    }
  }

  /** More of the answer `id`, as it is spoken. */
  said(id: string, part: string): void {
    const turn = this.#answer(id);
    if (turn === undefined) {
      const draft = this.#turns.some((other) => other.draft === id) ? { draft: id } : {};
      this.#add({ id, role: 'assistant', text: part, ...draft });
    } else if (!turn.cut) turn.text += part;
  }

  /** Of the answer `id` only this was heard; nothing of it leaves no turn. */
  heard(id: string, text: string): void {
    const turn = this.#answer(id);
    if (turn === undefined) return;
    if (id === this.#dropped && text !== '') this.#counts(id);
    turn.text = text;
    turn.cut = true;
    // One that is empty is kept, so that nothing more is added to it, and not told.
  }

  /** Forgets all turns. */
  clear(): void {
    this.#turns = [];
  }

  /**
   * What a model is told: the system prompt and as many of the last turns as fit, roles in turn.
   *
   * @param draft the draft that is to be answered; those of others are not told
   */
  messages(draft?: string): ChatMessage[] {
    const { system, limit } = this.#options;
    const told: ChatMessage[] = [];
    let left = limit - (system === '' ? 0 : tokens(system));
    for (const { role, text } of this.#joined(draft).reverse()) {
      left -= tokens(text);
      // A conversation begins with a question, and the last one is never left out.
      if (left < 0 && told.length > 0) break;
      told.push({ role, content: text });
    }
    if (told.length > 1 && told.at(-1)?.role === 'assistant') told.pop();
    if (system !== '') told.push({ role: 'system', content: system });
    return told.reverse();
  }

  /** Two turns of one side in a row are one: some servers take nothing else. */
  #joined(draft: string | undefined): Turn[] {
    const joined: Turn[] = [];
    for (const turn of this.#turns) {
      if (turn.text.trim() === '' || (turn.draft !== undefined && turn.draft !== draft)) continue;
      const last = joined.at(-1);
      if (last?.role === turn.role)
        joined[joined.length - 1] = { ...last, text: `${last.text}\n${turn.text}` };
      else joined.push(turn);
    }
    return joined;
  }

  #counts(draft: string): void {
    for (const turn of this.#turns) if (turn.draft === draft) delete turn.draft;
  }

  #answer(id: string): Turn | undefined {
    return this.#turns.findLast((turn) => turn.role === 'assistant' && turn.id === id);
  }

  #add(turn: Turn): void {
    this.#turns.push(turn);
    if (this.#turns.length > REMEMBERED) this.#turns.shift();
  }
}

const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** Tokens of a turn, as estimated here. */
export function tokens(text: string): number {
  const ideographs = text.match(IDEOGRAPH)?.length ?? 0;
  return 4 + ideographs + Math.ceil((text.length - ideographs) / 4);
}
