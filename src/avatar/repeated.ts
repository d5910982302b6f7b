/** A round that is no longer is kept, so that nothing is opened many times a second. */
const KEPT = 25;
/** The next round is opened so many items before this one is over. */
const EARLY = 25;

interface Round<T> {
  readonly items: AsyncGenerator<T, void, undefined>;
  readonly first: Promise<IteratorResult<T, void>>;
}

/**
 * What something gives, again and again without end, and without a pause: the next round is opened before the one under way is
 * over, as far as one knows when that will be.
 *
 * @param open begins a round
 * @param expected how many items there will be; the first round tells
 * @throws whatever a round throws; RangeError for a round of nothing
 */
export async function* repeated<T>(
  open: () => AsyncGenerator<T, void, undefined>,
  expected?: number,
): AsyncGenerator<T, never, undefined> {
  let round = begin(open);
  let next: Round<T> | undefined;
  let many = expected ?? Number.POSITIVE_INFINITY;
  try {
    for (;;) {
      const kept: T[] = [];
      let count = 0;
      for (let one = await round.first; !one.done; one = await round.items.next()) {
        if (count < KEPT) kept.push(one.value);
        else kept.length = 0;
        count++;
        yield one.value;
        if (count >= KEPT && many - count <= EARLY) next ??= begin(open);
      }
      if (count === 0) throw new RangeError('Expected a round of something but received none.');
      while (count <= KEPT) yield* kept;
      many = count;
      round = next ?? begin(open);
      next = undefined;
    }
  } finally {
    await Promise.allSettled([round.items.return(), next?.items.return()]);
  }
}

function begin<T>(open: () => AsyncGenerator<T, void, undefined>): Round<T> {
  const items = open();
  const first = items.next();
  // Whoever takes it is told; one that is not taken any more has nothing to say.
  first.catch(() => undefined);
  return { items, first };
}
