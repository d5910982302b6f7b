/**
 * Where a command writes to and what it may assume about it. Commands get one, so that tests can read what they wrote.
 */

/** Colours and weights by what they mean here. */
const STYLES = { error: [31, 1], warning: [33], good: [32], strong: [1], faint: [2], name: [36] } as const;
export type Style = keyof typeof STYLES;

/** The place a command runs at. */
export interface Terminal {
  /** Results: what another program may read. */
  out(text: string): void;
  /** Results that are no text. */
  bytes(data: Uint8Array): void;
  /** Everything said to the person: status, errors, progress. */
  err(text: string): void;
  /** True when a person watches what `err` says: progress lines make sense. */
  readonly watched: boolean;
  /** Columns of the terminal; 80 where nobody knows. */
  readonly width: number;
  /** True where the process is here for the command alone, and may end with it while something in it hangs. */
  readonly own: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text in a style, on `out` or `err`, where that takes colour; the text itself elsewhere. */
  paint(style: Style, text: string, on?: 'out' | 'err'): string;
  /** Calls back at Ctrl-C (and when asked to end); the answer stops listening. While anybody listens the process goes on. */
  onInterrupt(listener: () => void): () => void;
  /**
   * Calls back when asked to read files anew, by SIGHUP; the answer stops listening. At a terminal that signal is its end: nobody is
   * called back there but by `onInterrupt`.
   */
  onRenew(listener: () => void): () => void;
}

/** The terminal of this process. `color: false` is `--no-color`. */
export function processTerminal(options: { color?: boolean } = {}): Terminal {
  const { env } = process;
  const allowed = options.color !== false && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const forced = allowed && (env['FORCE_COLOR'] ?? '0') !== '0';
  const takes = {
    out: forced || (allowed && process.stdout.isTTY === true),
    err: forced || (allowed && process.stderr.isTTY === true),
  };
  const renewers = new Set<() => void>();
  return {
    out: (text) => void process.stdout.write(text),
    bytes: (data) => void process.stdout.write(data),
    err: (text) => void process.stderr.write(text),
    watched: process.stderr.isTTY === true && env['TERM'] !== 'dumb',
    width: process.stdout.columns ?? process.stderr.columns ?? 80,
    own: true,
    env,
    paint: (style, text, on = 'err') => (takes[on] ? painted(style, text) : text),
    onInterrupt: (listener) => {
      const signals = ['SIGINT', 'SIGTERM'] as const;
      const hangup = () => {
        if (renewers.size === 0) listener();
      };
      for (const signal of signals) process.on(signal, listener);
      process.on('SIGHUP', hangup);
      return () => {
        for (const signal of signals) process.off(signal, listener);
        process.off('SIGHUP', hangup);
      };
    },
    onRenew: (listener) => {
      if (process.stdin.isTTY === true) return () => undefined;
      renewers.add(listener);
      process.on('SIGHUP', listener);
      return () => {
        renewers.delete(listener);
        process.off('SIGHUP', listener);
      };
    },
  };
}

function painted(style: Style, text: string): string {
  return `\u001b[${STYLES[style].join(';')}m${text}\u001b[0m`;
}
