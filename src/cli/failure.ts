/**
 * How an error looks to a person: the sentence, where, what kind, and how to learn more.
 *
 *     error: There is no file "speech.wav".
 *       in say (resource/not-found); trying again may help
 *       -v shows the details, GST_DEBUG=say:5 what the element did
 */
import { TalkError } from '../element/error.js';
import type { Terminal } from './terminal.js';

/** What to leave out and what to add. */
export interface FailureOptions {
  /** Show the debug text: the numbers, the file and line, the stack. */
  readonly verbose: boolean;
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
  const { verbose, level = 'error' } = options;
  const label = terminal.paint(level === 'info' ? 'faint' : level, `${level}:`);
  if (!(error instanceof TalkError)) {
    // Not one of ours: a mistake in this program, whose stack somebody will want.
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${label} ${verbose ? stack : stack.split('\n')[0]}\n${verbose ? '' : hint(terminal, undefined)}`;
  }
  const lines = [`${label} ${error.message}`];
  const place = error.element === undefined || error.element === '' ? '' : `in ${error.element} `;
  lines.push(`  ${place}(${error.code})${error.retryable ? '; trying again may help' : ''}`);
  if (verbose) {
    const facts = Object.entries(error.details).map(([key, value]) => `  ${key}: ${value}`);
    const debug = error.debug === '' || error.debug === undefined ? [] : error.debug.split('\n');
    lines.push(...facts, ...debug.map((line) => `  ${terminal.paint('faint', line)}`));
  }
  return `${lines.join('\n')}\n${verbose ? '' : hint(terminal, error.element)}`;
}

function hint(terminal: Terminal, element: string | undefined): string {
  const log = element ? `, GST_DEBUG=${element.split(/[/.]/).at(-1)}:5 what the element did` : '';
  return `  ${terminal.paint('faint', `-v shows the details${log}`)}\n`;
}
