/** `config.yaml` and `.env` of a folder that LiveTalking runs in. */
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { UsageError } from '../exit.js';
import { isSwitch, known, unknown, type Words } from '../serve/arguments.js';

/** A longer file is another one. */
const LONGEST = 256 * 1024;

/**
 * Options of a YAML file: one mapping, `-` and `_` alike; what is empty counts as unsaid. Keys that nobody knows are told.
 * @param needed the file was named and must be there
 * @throws UsageError for a file that cannot be read or is no such mapping
 */
export function readConfig(file: string, needed: boolean): Words {
  if (file === '' || (!needed && !existsSync(file))) return { said: new Map(), warnings: [] };
  const content = contentOf(file);
  if (content === null || content === undefined) return { said: new Map(), warnings: [] };
  if (typeof content !== 'object' || Array.isArray(content))
    throw new UsageError(`${file} holds no options: expected lines like "max_session: 5"`);
  const said = new Map<string, string>();
  const warnings: string[] = [];
  for (const [key, value] of Object.entries(content)) {
    const name = known(key);
    if (name === undefined) warnings.push(unknown(key, `${key} in ${file}`));
    else if (value !== null && typeof value === 'object')
      throw new UsageError(`${file}: ${key} takes one value, not a list`);
    else if (NOTHING.has(String(value))) continue;
    else if (!isSwitch(name)) said.set(name, String(value));
    else if (isYes(String(value), `${file}: ${key}`)) said.set(name, 'true');
  }
  return { said, warnings };
}

/** How YAML writes that nothing is said. */
const NOTHING: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

/** A switch, as YAML 1.1 and people write it. Throws UsageError for what is neither. */
function isYes(value: string, where: string): boolean {
  if (/^(true|yes|y|on|1)$/i.test(value)) return true;
  if (/^(false|no|n|off|0)$/i.test(value)) return false;
  throw new UsageError(`${where} is true or false, not "${value}"`);
}

/**
 * Values are what is written: as a number a voice's id of 19 digits would lose its last, and `12e3` be 12000. What stands twice counts as
 * it stands last, as LiveTalking reads it. Nothing of the file is shown, it may hold a key.
 */
const AS_WRITTEN = {
  schema: 'failsafe',
  merge: true,
  uniqueKeys: false,
  maxAliasCount: 100,
  logLevel: 'error',
} as const;

function contentOf(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (text.length > LONGEST) throw new UsageError(`${file} is too long for a list of options`);
  try {
    return parse(text, AS_WRITTEN) as unknown;
  } catch (error) {
    // It may hold a key: the line is named, not shown.
    const { linePos } = error as { linePos?: readonly { line: number }[] };
    throw new UsageError(
      `${file} is no YAML${linePos?.[0] === undefined ? '' : `: see line ${linePos[0].line}`}`,
    );
  }
}

/** Variables of a `.env` file, none where there is no such file. */
export function readDotEnv(file = '.env'): Readonly<Record<string, string | undefined>> {
  if (!existsSync(file)) return {};
  try {
    // Some editors begin a file with a mark that says it is UTF-8.
    return parseEnv(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
