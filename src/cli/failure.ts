/**
 * How an error looks to a person: the sentence, where, what kind, and how to learn more.
 *
 *     error: Resource not found.
 *       No such file "speech.wav"
 *       in reader (resource/not-found)
 *       -v shows the details, GST_DEBUG=4 GStreamer's own log
 */
import { TalkError } from '../element/error.js';
import type { Terminal } from './terminal.js';

/** What to leave out and what to add. */
export interface FailureOptions {
  /** Show the debug text: the numbers, the file and line, the stack. */
  readonly verbose: boolean;
  /** The command has no -v; what it can show stands there at once. */
  readonly plain?: boolean;
  /** `warning` and `info` for what the graph goes on from. */
  readonly level?: 'error' | 'warning' | 'info';
  /** Takes secrets out of texts. */
  readonly redact?: (text: string) => string;
}

/** Prints an error (or warning) on the terminal's error side. */
export function showFailure(error: unknown, terminal: Terminal, options: FailureOptions): void {
  const redact = options.redact ?? ((text: string) => text);
  terminal.err(redact(describeFailure(error, terminal, options)));
}

/** The same as text. */
export function describeFailure(error: unknown, terminal: Terminal, options: FailureOptions): string {
  const { verbose, level = 'error', plain = false } = options;
  const more = verbose || plain ? '' : hint(terminal);
  const label = terminal.paint(level === 'info' ? 'faint' : level, `${level}:`);
  if (!(error instanceof TalkError)) {
    // Not one of ours: a mistake in this program, whose stack somebody will want.
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${label} ${verbose || plain ? stack : stack.split('\n')[0]}\n${more}`;
  }
  const lines = [`${label} ${error.message}`];
  const fact = verbose ? undefined : gstreamerFact(error.debug);
  if (fact !== undefined) lines.push(`  ${fact}`);
  const place = error.element === undefined || error.element === '' ? '' : `in ${error.element} `;
  lines.push(`  ${place}(${error.code})${error.retryable ? '; trying again may help' : ''}`);
  if (verbose) {
    const facts = Object.entries(error.details).map(([key, value]) => `  ${key}: ${value}`);
    const debug = error.debug === '' ? [] : error.debug.split('\n');
    lines.push(...facts, ...debug.map((line) => `  ${terminal.paint('faint', line)}`));
  }
  return `${lines.join('\n')}\n${more}`;
}

/**
 * What a stock element knows behind its place in the C source. Its sentence is often of the kind "Resource not
 * found."; which one stands here.
 */
function gstreamerFact(debug: string): string | undefined {
  const [place = '', fact] = debug.split('\n');
  return /^\S+\.(c|cc|cpp)\(\d+\): /.test(place) && fact ? fact : undefined;
}

function hint(terminal: Terminal): string {
  return `  ${terminal.paint('faint', "-v shows the details, GST_DEBUG=4 GStreamer's own log")}\n`;
}
