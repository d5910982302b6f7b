/**
 * Options of a command: `node:util`'s parser, with complaints in our words and a guess at what was meant.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from '../graph/similar.js';
import { UsageError } from './exit.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What was given: a switch is true, the others are texts. */
type Given<T extends Options> = { [K in keyof T]?: T[K]['type'] extends 'boolean' ? boolean : string };

/** Complains about words behind the first `count`, which nobody would read. */
export function noMoreThan(count: number, words: readonly string[]): void {
  if (words.length > count) throw new UsageError(`"${words[count]}" is one word too many`);
}

/** Reads options and positionals, in any order. Throws UsageError. */
export function readOptions<const T extends Options>(
  args: readonly string[],
  options: T,
): { values: Given<T>; positionals: string[] } {
  try {
    const read = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { values: read.values as Given<T>, positionals: read.positionals };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const unknown = /^Unknown option '(-{1,2})([^']*)'/.exec(message);
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && unknown) {
      const near = nearest(unknown[2] ?? '', Object.keys(options));
      throw new UsageError(
        `there is no option ${unknown[1]}${unknown[2]}${near === undefined ? '' : `, did you mean --${near}?`}`,
      );
    }
    throw new UsageError(message.split('. ')[0] ?? message);
  }
}
