/** What counts: the command line, then the environment, then `config.yaml`. */

import { typed as asTyped, type Said } from '../serve/arguments.js';
import { OPTIONS, type OptionName, type ServeOption } from '../serve/options.js';
import { THEIRS } from './table.js';

export interface Settings {
  readonly options: Partial<Record<OptionName, string>>;
  /** Variables to set: what engines read. */
  readonly environment: Readonly<Record<string, string>>;
  /** One sentence for each option that has no meaning here. */
  readonly warnings: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const ours: readonly ServeOption[] = OPTIONS;

/** Puts both together. An option of ours counts before one of theirs that means the same. */
export function settle(line: Said, file: Said, env: Environment): Settings {
  const options: Record<string, string> = {};
  const environment: Record<string, string> = {};
  const warnings: string[] = [];
  const isSet = (name: string | undefined) => name !== undefined && (env[name] ?? '').trim() !== '';
  for (const { said, typed } of [
    { said: line, typed: true },
    { said: file, typed: false },
  ]) {
    for (const { name, environment: variable } of ours) {
      const value = said.get(name);
      // Empty counts as unsaid, but no `config` is none.
      if (value === undefined || (value === '' && name !== 'config')) continue;
      if (typed || !isSet(variable)) options[name] ??= value;
    }
    for (const { name, becomes } of THEIRS) {
      const value = said.get(name);
      if (value === undefined || value === '') continue;
      if ('option' in becomes) {
        if (becomes.option !== name) options[becomes.option] ??= value;
      } else if ('environment' in becomes) {
        if (typed || !isSet(becomes.environment)) environment[becomes.environment] ??= value;
      } else if (becomes.fine?.includes(value) !== true && (typed || !line.has(name)))
        warnings.push(`${typed ? asTyped(name) : name} has no meaning here: ${becomes.nothing}`);
    }
  }
  return { options, environment, warnings };
}
