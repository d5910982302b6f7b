/**
 * What a subcommand is.
 */
import type { Terminal } from './terminal.js';

/** One subcommand: a module with these exports. */
export interface Command {
  /** Printed by `help NAME`: usage first, then what it does, then options. */
  readonly help: string;
  /** Runs and answers the exit code. Throws UsageError, GraphError or TalkError for what it cannot do. */
  run(args: string[], terminal: Terminal): Promise<number>;
}

/** The table of subcommands: a line for the overview, and the module, loaded when it is needed. */
export interface CommandEntry {
  readonly blurb: string;
  load(): Promise<Command>;
}
