/** The last lines of this process's log, for a page that shows them. Lines of worker threads go to stderr alone. */

/** Lines kept; the oldest goes. */
const KEPT = 500;
/** Characters of one; what is longer is left out: it would be cut in the middle of its JSON. */
const LONGEST = 8000;

/** A line as it was written, without what is private. */
export interface RecentLine {
  /** Counts the lines of the process. */
  readonly number: number;
  /** ms since 1970. */
  readonly time: number;
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const LEVELS: Readonly<Record<number, RecentLine['level']>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

export class RecentLines {
  readonly #lines: string[] = [];
  #written = 0;
  readonly #kept: number;

  constructor(kept = KEPT) {
    this.#kept = kept;
  }

  /** A line of pino's, JSON. */
  add(line: string): void {
    this.#written++;
    this.#lines.push(line.length > LONGEST ? '' : line);
    if (this.#lines.length > this.#kept) this.#lines.shift();
  }

  /** Those behind number `after`, the oldest first. */
  since(after: number): RecentLine[] {
    const first = this.#written - this.#lines.length + 1;
    return this.#lines
      .map((line, n) => ({ line, number: first + n }))
      .filter(({ line, number }) => number > after && line !== '')
      .map(({ line, number }) => read(line, number));
  }
}

function read(line: string, number: number): RecentLine {
  // Where private fields are written at all, they are for whoever reads stderr.
  const {
    level,
    time,
    msg,
    private: _,
    hostname: _h,
    pid: _p,
    ...fields
  } = JSON.parse(line) as Record<string, unknown>;
  return {
    number,
    time: Number(time),
    level: LEVELS[Number(level)] ?? 'info',
    message: String(msg ?? ''),
    fields,
  };
}

/** Those of this process. */
export const recentLines = new RecentLines();
