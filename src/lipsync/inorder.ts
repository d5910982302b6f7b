/** How `inOrder` works. */
export interface Works<I, O> {
  /** Starts the work on an item; called in the order they come. */
  readonly start: (item: I) => Promise<O>;
  /** Works at a time. */
  readonly depth: () => number;
  /** One of the works waits for items to come: then more are read, however many are in the works. */
  readonly starved: () => boolean;
  /** No more items come. */
  readonly ended: () => void;
}

/**
 * Works on several items at a time and gives what comes of them in their order. Reads on while the oldest is not done,
 * so that none waits that could be worked on.
 */
export async function* inOrder<I, O>(
  input: { next(): Promise<I | undefined> },
  { start, depth, starved, ended }: Works<I, O>,
): AsyncGenerator<O, void> {
  const works: Promise<O>[] = [];
  let reading: Promise<I | undefined> | undefined;
  let more = true;
  for (;;) {
    if (more && (works.length < depth() || starved())) reading ??= input.next();
    const read = reading?.then((item) => ({ item }));
    const done = works[0]?.then((result) => ({ result }));
    // What can be started goes before what is done.
    const coming = [read, done].filter((one) => one !== undefined);
    if (coming.length === 0) return;
    const first = await Promise.race(coming);
    if ('result' in first) {
      works.shift();
      yield first.result;
      continue;
    }
    reading = undefined;
    if (first.item === undefined) {
      more = false;
      ended();
      continue;
    }
    const work = start(first.item);
    // Whoever takes the result sees the error; an abandoned one has nobody to tell.
    work.catch(() => undefined);
    works.push(work);
  }
}
