/**
 * What a writer of answers knows of cuts: those that it has heard of, those that it has still to tell behind it, and whether the voice
 * has told yet what was heard.
 */
import { Cuts } from '../element/index.js';

/** What the voice tells of a cut: of these utterances so much was heard; `known` are the last it was given. */
export interface Account {
  readonly heard: readonly (readonly [string, string])[];
  readonly known: readonly string[];
}

export class Interruptions {
  readonly #cuts = new Cuts();
  /** The last cut of each who makes them, and which of theirs came: the voice may have told of it before they did. */
  readonly #makers = new Map<string, { last: string; readonly cuts: Cuts }>();
  #untold: string[] = [];
  /** Cuts of which the voice has told nothing yet. */
  readonly #open = new Set<string>();
  #changed: (() => void) | undefined;

  get count(): number {
    return this.#cuts.count;
  }

  /** Hears of a cut, by whom (empty: the voice itself). True when it is news. */
  take(cut: string, by = ''): boolean {
    if (by !== '') this.#madeBy(by, cut);
    if (!this.#cuts.take(cut)) return false;
    this.#untold.push(cut);
    this.#open.add(cut);
    return true;
  }

  /** True when `by` has cut since it wrote this, which knew of `cut`. */
  isOld(cut: string, by: string): boolean {
    const last = this.#makers.get(by)?.last;
    return last !== undefined && last !== cut;
  }

  #madeBy(by: string, cut: string): void {
    const maker = this.#makers.get(by) ?? { last: cut, cuts: new Cuts() };
    this.#makers.set(by, maker);
    // A second message of an older one changes nothing.
    if (maker.cuts.take(cut)) maker.last = cut;
  }

  /** The cuts that whoever is behind must know before anything new comes. */
  tell(): string[] {
    const told = this.#untold;
    this.#untold = [];
    return told;
  }

  /** The voice has told what was heard. */
  accounted(cut: string, count: number): void {
    this.#cuts.catchUp(count);
    this.#open.delete(cut);
    if (this.#open.size === 0) this.#changed?.();
  }

  /** Resolves when all cuts are accounted for, after `ms` at the latest: a voice may not be there. */
  async settled(ms: number): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#open.clear();
  }
}

/** Reads what the voice sends upstream; what is none tells nothing. */
export function readAccount(fields: Readonly<Record<string, unknown>>): Account {
  const list = (value: unknown): unknown[] => {
    try {
      const read: unknown = JSON.parse(String(value));
      return Array.isArray(read) ? read : [];
    } catch {
      return [];
    }
  };
  const heard = list(fields['heard']).flatMap((row): [string, string][] =>
    Array.isArray(row) && row.length === 2 ? [[String(row[0]), String(row[1])]] : [],
  );
  return { heard, known: list(fields['known']).map(String) };
}
