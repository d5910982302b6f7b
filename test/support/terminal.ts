/** A terminal that keeps what was written to it and can be interrupted by hand. */
import type { Terminal } from '../../src/cli/terminal.js';

export interface FakeTerminal extends Terminal {
  /** What was written so far. */
  readonly written: { out: string; err: string };
  /** Presses Ctrl-C. */
  interrupt(): void;
}

export function fakeTerminal(
  options: { watched?: boolean; colour?: boolean; env?: Record<string, string> } = {},
): FakeTerminal {
  const written = { out: '', err: '' };
  const listeners = new Set<() => void>();
  return {
    written,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    watched: options.watched ?? false,
    width: 80,
    env: options.env ?? {},
    paint: (style, text) => (options.colour ? `<${style}>${text}</>` : text),
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    interrupt: () => {
      for (const listener of listeners) listener();
    },
  };
}
