/**
 * The line that shows how far a file has come: `  12.4 s of 60.0 s  21 %  4.8x`.
 */
import type { Terminal } from './terminal.js';

/** Where a pipeline is; times in ns. */
export interface Progress {
  readonly position: number | undefined;
  readonly duration: number | undefined;
  /** Wall time since it began to play, ns. */
  readonly elapsed: number;
}

/** The line for a state of affairs; undefined while nothing is known. */
export function progressLine({ position, duration, elapsed }: Progress): string | undefined {
  if (position === undefined) return undefined;
  // In the first moment the number would only say how much was prerolled.
  const speed = elapsed >= 0.5e9 ? `  ${(position / elapsed).toFixed(1)}x` : '';
  if (duration === undefined || duration <= 0) return `  ${seconds(position)}${speed}`;
  const share = Math.min(100, Math.floor((100 * position) / duration));
  return `  ${seconds(position)} of ${seconds(duration)}  ${share} %${speed}`;
}

/** `  Checking musetalk  1.25 of 3.40 GB` of a `loading` message; undefined for a message that says something else. */
export function loadingLine({
  model,
  step,
  bytes,
  of,
}: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof model !== 'string' || typeof bytes !== 'number' || typeof of !== 'number') return undefined;
  const gigabytes = (count: number): string => (count / 1e9).toFixed(2);
  if (step === 'check') return `  Checking ${model}  ${gigabytes(bytes)} of ${gigabytes(of)} GB`;
  if (step === 'open') return `  Loading ${model}  ${gigabytes(of)} GB`;
  return bytes < of ? `  Trying ${model} out` : `  ${model} is ready`;
}

/** `1.2 s`, `3:07 min`, `1:02:03 h`; `ns` is not negative. */
export function seconds(ns: number): string {
  const total = ns / 1e9;
  if (total < 100) return `${total.toFixed(1)} s`;
  const whole = Math.floor(total);
  const two = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)} h`;
}

/** Draws a line over the last one on a terminal that is watched; does nothing elsewhere. */
export class ProgressLine {
  readonly #terminal: Terminal;
  #shown = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows a line in place of the one before. */
  show(line: string | undefined): void {
    if (!this.#terminal.watched || line === undefined) return;
    this.#terminal.err(`\r\u001b[K${line.slice(0, this.#terminal.width - 1)}`);
    this.#shown = true;
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (this.#shown) this.#terminal.err('\r\u001b[K');
    this.#shown = false;
  }
}
