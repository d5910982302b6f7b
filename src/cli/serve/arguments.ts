/** The command line of `serve`: our options and LiveTalking's, as they were typed. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from '../../graph/similar.js';
import { UsageError } from '../exit.js';
import { THEIRS } from '../livetalking/table.js';
import { OPTIONS, type ServeOption } from './options.js';

/** What was said, by the name of the option; a switch is `true`. */
export type Said = ReadonlyMap<string, string>;

/** Names that the table of options knows, and the words that it does not. */
export interface Words {
  readonly said: Said;
  /** Sentences about options that nobody knows. */
  readonly warnings: readonly string[];
}

const ours: readonly ServeOption[] = OPTIONS;
const SWITCHES = new Set(ours.filter(({ value }) => value === undefined).map(({ name }) => name));
const NAMES = [...new Set([...ours.map(({ name }) => name), ...THEIRS.map(({ name }) => name)])];

/** An option as the table writes it: `-` and `_` are the same. */
export function known(name: string): string | undefined {
  if (NAMES.includes(name)) return name;
  return NAMES.find((one) => one.replaceAll('-', '_') === name.replaceAll('-', '_'));
}

/** True for an option without a value. */
export const isSwitch = (name: string): boolean => SWITCHES.has(name);

/** LiveTalking's option that begins like this, where only one does: Python's argparse takes that for it. */
function shortened(name: string): string | undefined {
  const [found, other] = THEIRS.filter((one) => one.hidden !== true && one.name.startsWith(name));
  return other === undefined && name.length > 2 ? found?.name : undefined;
}

/** An option as it is typed. */
export function typed(name: string): string {
  return `${THEIRS.some((one) => one.name === name && one.short === name) ? '-' : '--'}${name}`;
}

/** What to say about an option that is none. */
export function unknown(name: string, where: string): string {
  const near = nearest(name, NAMES);
  return `${where} is unknown and changes nothing${near === undefined ? '' : `, did you mean ${near}?`}`;
}

/**
 * Reads the words. An option that nobody knows is a warning, as programs made of LiveTalking have some of their own; the word
 * behind it is its value. Throws UsageError for a value that is missing and a word that belongs to nothing.
 */
export function readWords(args: readonly string[]): Words {
  const short = new Map(
    THEIRS.flatMap(({ name, short }) => (short === undefined ? [] : [[name, short] as const])),
  );
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const name of NAMES) {
    const letter = short.get(name);
    options[name] = { type: isSwitch(name) ? 'boolean' : 'string', ...(letter && { short: letter }) };
    options[name.replaceAll('-', '_')] ??= { type: isSwitch(name) ? 'boolean' : 'string' };
  }
  const warnings: string[] = [];
  const words = args.map((word) => {
    const [, typed = '', rest = ''] = /^--(\w[^=]*)(.*)$/s.exec(word) ?? [];
    const whole = known(typed) === undefined ? shortened(typed) : undefined;
    if (whole === undefined) return word;
    warnings.push(`--${typed} is read as --${whole}`);
    return `--${whole}${rest}`;
  });
  const { tokens } = parseArgs({ args: words, options, strict: false, tokens: true });
  const said = new Map<string, string>();
  let stray = -1;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (token.index === stray) continue;
      throw new UsageError(`"${token.value}" is one word too many`);
    }
    if (token.kind !== 'option') continue;
    const name = known(token.name);
    if (name === undefined) {
      warnings.push(unknown(token.name, token.rawName));
      if (token.value === undefined) stray = token.index + 1;
    } else said.set(name, valueFor(name, token.rawName, token.value, token.inlineValue === true));
  }
  return { said, warnings };
}

function valueFor(name: string, raw: string, value: string | undefined, inline: boolean): string {
  if (isSwitch(name)) {
    if (value === undefined) return 'true';
    throw new UsageError(`${raw} takes no value`);
  }
  const option = value?.startsWith('--') === true && known(value.slice(2).split('=', 1)[0] ?? '');
  if (value === undefined || (!inline && option)) throw new UsageError(`${raw} takes a value`);
  return value;
}
