/**
 * Whether memory grows with every round of a soak.
 *
 * For the first rounds everything grows: caches and pools fill, V8 and malloc take what they will keep. So only the
 * second half of a run is looked at, and only when the first was long enough to settle. A straight line through many
 * looks, not the difference of two: a heap's size goes up and down by more than what a small leak adds.
 */
import { native } from '../../../src/native.js';
import { gc } from '../../support/gc.js';

/** How often a run is looked at. */
const LOOKS = 40;

interface Look {
  readonly at: number;
  /** Bytes: resident; on V8's heap and beside it; handed out by malloc. */
  readonly rss: number;
  readonly js: number;
  readonly malloc: number;
}

interface Line {
  /** Bytes per round, and how far off that may be: two standard errors. */
  readonly slope: number;
  readonly error: number;
}

export class Trend {
  readonly #rounds: number;
  readonly #settled: number;
  readonly #what: string;
  readonly #looks: Look[] = [];

  /**
   * @param rounds how many the run has
   * @param settled rounds after which nothing grows any more that is no leak
   */
  constructor(what: string, rounds: number, settled: number) {
    this.#what = what;
    this.#rounds = rounds;
    this.#settled = settled;
  }

  /** True when a look is due after so many rounds. */
  due(done: number): boolean {
    return done % Math.max(1, Math.floor(this.#rounds / LOOKS)) === 0;
  }

  /** Looks, if it is due; after every round. */
  async round(done: number): Promise<void> {
    if (!this.due(done)) return;
    await gc();
    const malloc = native.memory() ?? 0;
    const { rss, heapUsed, external } = process.memoryUsage();
    this.#looks.push({ at: done, rss, js: heapUsed + external, malloc });
    if (this.#looks.length % 4 === 0) {
      const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
      console.log(
        `${done} ${this.#what}s: RSS ${mib(rss)} MiB, JS ${mib(heapUsed + external)}, malloc ${mib(malloc)}`,
      );
    }
  }

  /** Prints what a round costs; false when that is certainly more than `limit` bytes of RSS. */
  judge(limit: number): boolean {
    const half = this.#looks.filter(({ at }) => at >= this.#rounds / 2);
    const text = (of: keyof Look) => {
      const { slope, error } = line(half.map((look) => [look.at, look[of]]));
      return `${(slope / 1024).toFixed(2)} ± ${(error / 1024).toFixed(2)}`;
    };
    if (this.#rounds < 2 * this.#settled) {
      console.log(
        `memory is not judged: ${this.#rounds} ${this.#what}s are all warm-up, ${2 * this.#settled} would tell`,
      );
      return true;
    }
    console.log(
      `KiB per ${this.#what} over the second half: RSS ${text('rss')}, JS ${text('js')}, malloc ${text('malloc')}`,
    );
    const { slope, error } = line(half.map(({ at, rss }) => [at, rss]));
    return slope - error <= limit;
  }
}

/** The line of least squares through points (x, y). */
function line(points: readonly (readonly [number, number])[]): Line {
  const count = points.length;
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / count;
  const [mx, my] = [mean(0), mean(1)];
  const xx = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  const xy = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  const slope = xy / xx;
  const rest = points.reduce((sum, [x, y]) => sum + (y - my - slope * (x - mx)) ** 2, 0);
  return { slope, error: 2 * Math.sqrt(rest / Math.max(1, count - 2) / xx) };
}
