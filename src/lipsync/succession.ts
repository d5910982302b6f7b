import { TalkError } from '../element/error.js';
import { dropLips, hearAlike, type Lips, refusal } from './lips.js';

/** What a change of the model needs of its element. */
export interface Heirs {
  load(name: string): Promise<Lips>;
  /** Makes sure that a model can draw who is shown. @throws TalkError */
  demand(lips: Lips): void;
  /** Asks for the features that a model hears; `answered` and `refuse` say what came of it. */
  ask(name: string): void;
  /** This one draws from now on. */
  taken(lips: Lips): void;
  /** The change was not made. */
  refused(name: string, stays: string, error: TalkError): void;
}

/**
 * Which model draws, and how another one takes over while it does.
 *
 * The other one is loaded beside it. If it hears the same, it takes over with the next window; else with the first window of
 * its own features, which are asked for. The old one goes when its last patch has left. The last change that was asked for
 * counts; one that cannot be made leaves everything as it was.
 */
export class Succession {
  readonly #of: Heirs;
  #now: Lips | undefined;
  /** Takes over with the next window. */
  #next: Lips | undefined;
  /** Takes over when its features come. */
  #asked: Lips | undefined;
  /** Whose patches leave. */
  #leaving: Lips | undefined;
  #changes = 0;

  constructor(of: Heirs) {
    this.#of = of;
  }

  /** The model that draws. @throws TalkError core/state-change where none is loaded */
  get now(): Lips {
    if (this.#now === undefined) throw new TalkError('core/state-change', 'The model is not loaded.');
    return this.#now;
  }

  /** The model whose patches leave. */
  get leaving(): Lips {
    return this.#leaving ?? this.now;
  }

  begin(lips: Lips): void {
    this.#leaving = lips;
    this.#take(lips);
  }

  /** Gives all models back; those that were loaded stay for others. */
  end(): void {
    this.#changes++;
    const all = new Set([this.#now, this.#leaving, this.#next, this.#asked]);
    this.#now = this.#leaving = this.#next = this.#asked = undefined;
    for (const lips of all) if (lips !== undefined) dropLips(lips);
  }

  /** Another model shall draw. Never rejects. */
  async want(name: string): Promise<void> {
    const turn = ++this.#changes;
    if (this.#now === undefined) return;
    this.#forgo();
    if (this.#now.name === name) return;
    try {
      const lips = await this.#of.load(name);
      if (turn !== this.#changes || this.#now === undefined) dropLips(lips, true);
      else this.#promise(lips);
    } catch (error) {
      if (turn === this.#changes) this.refuse(name, error);
    }
  }

  #promise(lips: Lips): void {
    try {
      this.#of.demand(lips);
    } catch (error) {
      dropLips(lips, true);
      throw error;
    }
    if (hearAlike(this.now.manifest, lips.manifest)) {
      this.#next = lips;
    } else {
      this.#asked = lips;
      this.#of.ask(lips.name);
    }
  }

  /** A window comes; true where another model draws from it on. */
  window(): boolean {
    if (this.#next === undefined) return false;
    this.#take(this.#next);
    return true;
  }

  /** The features of a model come from here on; true where it was waited for, and draws. */
  answered(name: unknown): boolean {
    if (this.#asked === undefined || this.#asked.name !== name) return false;
    this.#take(this.#asked);
    return true;
  }

  /** A change cannot be made: what was loaded for it is let go. */
  refuse(name: unknown, why: unknown): void {
    if (this.#now === undefined || typeof name !== 'string') return;
    this.#forgo();
    this.#of.refused(name, this.#now.name, refusal(name, this.#now.name, why));
  }

  /** Something of this model leaves; true where it is the first. */
  leave(lips: Lips): boolean {
    const before = this.#leaving;
    if (before === lips) return false;
    this.#leaving = lips;
    if (before !== undefined && before !== this.#now) dropLips(before, true);
    return true;
  }

  #take(lips: Lips): void {
    const between = this.#now;
    this.#now = lips;
    this.#next = this.#asked = undefined;
    // One that never had its turn: nothing of it is in the works.
    if (between !== undefined && between !== this.#leaving && between !== lips) dropLips(between, true);
    this.#of.taken(lips);
  }

  #forgo(): void {
    for (const lips of [this.#next, this.#asked]) if (lips !== undefined) dropLips(lips, true);
    this.#next = this.#asked = undefined;
  }
}
