/**
 * What a bench hands to `test/bench/run.mjs`: rows of figures as one JSON line on stdout.
 *
 * Budgets are those of DESIGN's table. A missed budget is a figure and no failure: a machine that is busy misses it too.
 */

/** A bound on one statistic of a row. */
export interface Budget {
  readonly of: 'p50' | 'p95' | 'p99' | 'value';
  readonly max?: number;
  readonly min?: number;
}

export interface Row {
  /** What was measured, as a reader of the table understands it. */
  readonly what: string;
  readonly unit: string;
  /** How many measurements are behind it. */
  readonly n: number;
  /** The one figure of a row that has no distribution. */
  readonly value?: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
  readonly budgets?: readonly Budget[];
  /** The row's median or value as a multiple of the same figure for `than`, measured in the same run. */
  readonly ratio?: { readonly than: string; readonly value: number };
  readonly note?: string;
}

/** The value below which the part `p` (0..1) of the samples lies: nearest rank. NaN of nothing. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

/** Median, p95 and p99 of samples, as a part of a row. */
export function spread(samples: readonly number[]): Pick<Row, 'n' | 'p50' | 'p95' | 'p99'> {
  return {
    n: samples.length,
    p50: percentile(samples, 0.5),
    p95: percentile(samples, 0.95),
    p99: percentile(samples, 0.99),
  };
}

/**
 * Prints the rows for the runner and ends the process: what a bench left running does not matter any more. `more`: the same in another
 * form, for programs; `--json` of this bench alone has it at the top.
 */
export function report(rows: readonly Row[], more: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ rows, ...more })}\n`, () => process.exit(0));
}

/** A word on stderr about what goes on, for a person who waits. */
export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}
