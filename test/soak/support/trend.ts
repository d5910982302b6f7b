/**
 * Whether memory grows with every round of a soak.
 *
 * For the first rounds everything grows: caches and pools fill, V8 and malloc take what they will keep. So only the
 * second half of a run is looked at, and only when the first was long enough to settle. A straight line through many
 * looks, not the difference of two: a heap's size goes up and down by more than what a small leak adds.
 */
import { getHeapCodeStatistics } from 'node:v8';
import { native } from '../../../src/native.js';
import { gc } from '../../support/gc.js';

/** How often a run is looked at, and how often that is printed. */
const LOOKS = 80;
const PRINTED = 10;
/** The same of a run that is too short to be judged. */
const UNJUDGED = 4;

interface Look {
  readonly at: number;
  /** Bytes: resident; on V8's heap and beside it, without the code it makes of what runs often; handed out by malloc. */
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

  /** Whether it is long enough to tell growth from warming up. */
  get #judges(): boolean {
    return this.#rounds >= 2 * this.#settled;
  }

  /** How many rounds to have done at each look. Nothing of them may be under way then. */
  *stops(from = 0): Generator<number> {
    const looks = this.#judges ? LOOKS : UNJUDGED;
    for (let look = 1; look <= looks; look++) {
      const stop = Math.round((look * this.#rounds) / looks);
      if (stop > from) yield stop;
    }
  }

  async look(done: number): Promise<void> {
    await gc();
    const malloc = native.memory() ?? 0;
    const { rss, heapUsed, external } = process.memoryUsage();
    // V8 compiles for as long as a process lives, more the slower the machine is: nothing that a round leaves.
    const code = getHeapCodeStatistics();
    const js = heapUsed + external - code.code_and_metadata_size - code.bytecode_and_metadata_size;
    this.#looks.push({ at: done, rss, js, malloc });
    if (!this.#judges || this.#looks.length % (LOOKS / PRINTED) === 0) {
      const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
      console.log(`${done} ${this.#what}s: RSS ${mib(rss)} MiB, JS ${mib(js)}, malloc ${mib(malloc)}`);
    }
  }

  /**
   * Prints what a round costs. False when that is more than `limit` bytes beyond doubt, of what is in use or of what is
   * resident; or when the run cannot tell: resident memory comes in large pieces, so what is in use must be known to a
   * fraction of the limit.
   */
  judge(limit: number): boolean {
    if (!this.#judges) {
      console.log(
        `memory is not judged: ${this.#rounds} ${this.#what}s are all warm-up, ${2 * this.#settled} would tell`,
      );
      return true;
    }
    const half = this.#looks.filter(({ at }) => at >= this.#rounds / 2);
    const of = (kind: 'rss' | 'js' | 'malloc') => line(half.map((look) => [look.at, look[kind]]));
    const text = ({ slope, error }: Line) => `${(slope / 1024).toFixed(2)} ± ${(error / 1024).toFixed(2)}`;
    const [rss, js, malloc] = [of('rss'), of('js'), of('malloc')];
    console.log(
      `KiB per ${this.#what} over the second half: in use ${text(js)} by JS, ${text(malloc)} by malloc; resident ${text(rss)}`,
    );
    const tells = [js, malloc].every(({ error }) => error < limit);
    if (!tells) console.error('the heaps go up and down too much to tell');
    return tells && [rss, js, malloc].every(({ slope, error }) => slope - error <= limit);
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
