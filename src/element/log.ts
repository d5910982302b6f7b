/**
 * Log lines: a static message and fields. What people say, upload or look like goes under the field `private`, which
 * is only written when `TALKGRAPH_LOG_PRIVATE=1`.
 */
import { type Logger, pino } from 'pino';
import { recentLines } from './recent.js';

export type LogFields = Record<string, unknown>;

/** A log with a fixed context. */
export interface Log {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

let root: Logger | undefined;

function rootLogger(): Logger {
  // Made at the first line: most processes of ours (inspect, tests) write none. stderr, because stdout is for data.
  root ??= pino(
    {
      level: process.env['TALKGRAPH_LOG'] ?? 'warn',
      base: null,
      ...(process.env['TALKGRAPH_LOG_PRIVATE'] === '1'
        ? {}
        : { redact: { paths: ['private'], remove: true } }),
    },
    both(pino.destination({ fd: 2, sync: true })),
  );
  return root;
}

/** Written, and kept for a while. */
function both(out: { write(line: string): unknown }): { write(line: string): void } {
  return {
    write(line) {
      recentLines.add(line);
      out.write(line);
    },
  };
}

/** A log whose lines carry `context` besides their own fields. */
export function logger(context: LogFields): Log {
  const write =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void =>
      rootLogger()[level]({ ...context, ...fields }, message);
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}
