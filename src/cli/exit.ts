/**
 * How a command ends. Scripts rely on these numbers.
 */
export const EXIT = {
  ok: 0,
  /** The graph, or what it needed, failed. */
  failed: 1,
  /** The command line or the graph file is wrong; nothing was started. */
  usage: 2,
  /** Interrupted a second time, without waiting for the end. */
  interrupted: 130,
} as const;

/** A command line that says what cannot be done. `hint` is one more sentence: what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
