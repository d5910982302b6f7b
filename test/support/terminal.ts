/** A terminal that keeps what was written to it and can be interrupted by hand. */
import type { Terminal } from '../../src/cli/terminal.js';

export interface FakeTerminal extends Terminal {
  /** What was written so far. */
  readonly written: { out: string; err: string };
  /** What was written that is no text. */
  data(): Buffer;
  /** How many listen for Ctrl-C now. */
  interrupted(): number;
  /** Sends SIGHUP to whoever reads files anew. */
  renew(): void;
  /** Presses Ctrl-C. */
  interrupt(): void;
  /** Resolves once something like this was written, to either side. */
  until(pattern: RegExp): Promise<void>;
}

export function fakeTerminal(
  options: { watched?: boolean; colour?: boolean; env?: Record<string, string> } = {},
): FakeTerminal {
  const written = { out: '', err: '' };
  const data: Uint8Array[] = [];
  const listeners = new Set<() => void>();
  const waiting = new Set<() => void>();
  const renewers = new Set<() => void>();
  const wrote = () => {
    for (const look of waiting) look();
  };
  return {
    written,
    out: (text) => {
      written.out += text;
      wrote();
    },
    bytes: (part) => void data.push(part.slice()),
    data: () => Buffer.concat(data),
    err: (text) => {
      written.err += text;
      wrote();
    },
    watched: options.watched ?? false,
    width: 80,
    own: false,
    env: options.env ?? {},
    paint: (style, text) => (options.colour ? `<${style}>${text}</>` : text),
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    until: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          if (!pattern.test(written.out) && !pattern.test(written.err)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    onRenew: (listener) => {
      renewers.add(listener);
      return () => renewers.delete(listener);
    },
    renew: () => {
      for (const listener of renewers) listener();
    },
    interrupted: () => listeners.size,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
  };
}
