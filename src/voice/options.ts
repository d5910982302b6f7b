/**
 * Settings of an engine: declared once, read from the utterance's own options first, then from the environment.
 *
 * Names of options are `kebab-case`; LiveTalking's `ref_file` is `ref-file`. Which of them an engine has, `voice-options.ts` asks. A key that stands in the environment goes only where the environment (or the engine itself) says: an utterance that
 * brings an address of its own must bring the key, too.
 */
import { TalkError } from '../element/error.js';
import type { VoiceOptions } from './engine.js';

/** One setting. */
export interface OptionInfo {
  /** `address`: of a server; `secret`: never printed; `file`: a path on this machine. These three are not for strangers. */
  readonly type: 'string' | 'number' | 'bool' | 'address' | 'secret' | 'file';
  readonly blurb: string;
  /** Environment variables that hold it, the first that is set counts. */
  readonly environment?: readonly string[];
  readonly default?: string | number | boolean;
  readonly min?: number;
  readonly max?: number;
  /** Without it the engine cannot speak. */
  readonly needed?: boolean;
}

export type OptionInfos = Readonly<Record<string, OptionInfo>>;

type Value<O extends OptionInfo> = O['type'] extends 'number'
  ? number
  : O['type'] extends 'bool'
    ? boolean
    : O['type'] extends 'address'
      ? URL
      : string;

type Given<O extends OptionInfo> = O extends { readonly default: string | number | boolean }
  ? Value<O>
  : O extends { readonly needed: true }
    ? Value<O>
    : Value<O> | undefined;

/** Values by name; undefined where nothing is set and nothing is the default. */
export type Settings<T extends OptionInfos> = {
  readonly [K in keyof T]: Given<T[K]>;
};

/** Reads what is declared. Throws TalkError `resource/settings` that says what is missing or wrong, without its value where that is secret. */
export function readSettings<const T extends OptionInfos>(
  engine: string,
  declared: T,
  given: VoiceOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): Settings<T> {
  const elsewhere = Object.entries(declared).some(
    ([name, { type }]) => type === 'address' && own(given, name) !== undefined,
  );
  const values: Record<string, unknown> = {};
  for (const [name, info] of Object.entries(declared)) {
    const known = info.type === 'secret' && elsewhere ? undefined : ofEnvironment(info, environment);
    const raw = own(given, name) ?? known ?? info.default;
    if (raw === undefined && info.needed === true)
      throw new TalkError('resource/settings', lack(engine, name, info));
    values[name] = raw === undefined ? undefined : parsed(engine, name, info, raw);
  }
  return values as Settings<T>;
}

/** What must be set before an engine can speak, as a sentence; undefined when nothing is missing. */
export function lacking(
  engine: string,
  declared: OptionInfos,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  try {
    readSettings(engine, declared, {}, environment);
    return undefined;
  } catch (error) {
    if (error instanceof TalkError) return error.message;
    throw error;
  }
}

/** Throws TalkError `resource/settings` for a value that the option cannot have. */
export function checkOption(
  engine: string,
  name: string,
  info: OptionInfo,
  raw: string | number | boolean,
): void {
  parsed(engine, name, info, raw);
}

export const kebab = (name: string): string => name.replaceAll('_', '-');

function own(given: VoiceOptions, name: string): string | number | boolean | undefined {
  const value = given[name] ?? given[name.replaceAll('-', '_')];
  return value === '' ? undefined : value;
}

function ofEnvironment({ environment = [] }: OptionInfo, env: NodeJS.ProcessEnv): string | undefined {
  return environment.map((name) => env[name]?.trim()).find((value) => value !== undefined && value !== '');
}

function lack(engine: string, name: string, { environment = [], blurb }: OptionInfo): string {
  const where = environment.length > 0 ? environment.join(' or ') : `the option ${name}`;
  return `The voice ${engine} needs ${where}: ${blurb}.`;
}

function parsed(engine: string, name: string, info: OptionInfo, raw: string | number | boolean): unknown {
  const bad = (expected: string, received = `"${String(raw).slice(0, 80)}"`): TalkError =>
    new TalkError(
      'resource/settings',
      `Expected ${expected} for ${name} of the voice ${engine} but received ${received}.`,
    );
  if (info.type === 'number') {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = info;
    const value = typeof raw === 'string' && raw.trim() === '' ? Number.NaN : Number(raw);
    if (value >= min && value <= max) return value;
    throw bad(Number.isFinite(min) ? `a number from ${min} to ${max}` : 'a number');
  }
  if (info.type === 'bool') {
    if (raw === true || raw === 'true' || raw === 1 || raw === '1') return true;
    if (raw === false || raw === 'false' || raw === 0 || raw === '0') return false;
    throw bad('true or false');
  }
  if (info.type !== 'address') return String(raw);
  const text = String(raw).replace(/\/+$/, '');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const fits = url !== undefined && /^(https?|wss?):$/.test(url.protocol);
  // An address may hold a name and a password.
  if (!fits || url.username !== '' || url.password !== '')
    throw bad('an address as http://127.0.0.1:9880', 'something else');
  return url;
}
