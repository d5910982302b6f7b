/** A queue that is fair between owners: each owner's items stay in order, and owners take turns. */
export class FairQueue<T> {
  readonly #limit: number;
  readonly #owners = new Map<number, T[]>();
  #size = 0;

  /** `limit`: items of all owners together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an item; false when the queue is full and it was not taken. */
  push(owner: number, item: T): boolean {
    if (this.#size >= this.#limit) return false;
    const line = this.#owners.get(owner);
    if (line === undefined) this.#owners.set(owner, [item]);
    else line.push(item);
    this.#size++;
    return true;
  }

  /** The next owner's first item; that owner's turn comes again after all the others'. */
  shift(): T | undefined {
    const next = this.#owners.entries().next();
    if (next.done === true) return undefined;
    const [owner, line] = next.value;
    this.#owners.delete(owner);
    const item = line.shift();
    if (line.length > 0) this.#owners.set(owner, line);
    this.#size--;
    return item;
  }

  /** Takes an item out, wherever it stands; false when it is not there. */
  remove(owner: number, item: T): boolean {
    const line = this.#owners.get(owner);
    const at = line?.indexOf(item) ?? -1;
    if (line === undefined || at < 0) return false;
    line.splice(at, 1);
    if (line.length === 0) this.#owners.delete(owner);
    this.#size--;
    return true;
  }
}
