/**
 * What is set for one voice, as it travels with its name: `xtts/anna.wav?speed=1.2&ref-text=Good%20morning.`
 *
 * A voice's name goes everywhere a text goes (properties, signals, schedules, requests), and so does what is set for it. It is a
 * query as in an address; commas in values are written `%2C`, because they stand between voices. An option that the engine does
 * not have is refused wherever the name is looked up.
 */
import { TalkError } from '../element/error.js';
import type { EngineInfo, VoiceOptions } from './engine.js';
import { list } from './names.js';
import { checkOption, kebab } from './options.js';

/** What an engine may be asked about. */
type Declared = Pick<EngineInfo, 'name' | 'options'>;

/** A question mark may stand in a file's name; with `option=` behind it and nothing else it begins a query. */
const QUERY = /^([\s\S]*?)\?((?:[a-z][\w-]*=[^&]*)(?:&[a-z][\w-]*=[^&]*)*)$/;

/** Takes a query off a name. An engine without options has none in its names. Throws TalkError `resource/settings`. */
export function readQuery(engine: Declared, name: string): { name: string; options?: VoiceOptions } {
  const [, plain, query] = (engine.options && QUERY.exec(name)) || [];
  if (plain === undefined || query === undefined) return { name };
  const options = Object.fromEntries(
    [...new URLSearchParams(query)].map(([key, value]) => [kebab(key), value]),
  );
  checkOptions(engine, options);
  return { name: plain, options };
}

/** A name with a query. */
export function withQuery(name: string, options: VoiceOptions): string {
  const pairs = Object.entries(options).map(([key, value]) => `${kebab(key)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? name : `${name}?${pairs.join('&')}`;
}

/** Throws TalkError `resource/settings` for an option that an engine does not have, and for a value that it cannot be. */
export function checkOptions(engine: Declared, given: VoiceOptions): void {
  for (const [name, value] of Object.entries(given)) {
    const info = engine.options?.[kebab(name)];
    if (info === undefined) throw unknown([engine], name);
    if (value !== '') checkOption(engine.name, kebab(name), info, value);
  }
}

const has = ({ options }: Declared, name: string): boolean => options?.[kebab(name)] !== undefined;

/** Of what was set for several voices, that which one of them has. */
export function knownOptions(engines: readonly Declared[], given: VoiceOptions): VoiceOptions {
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => engines.some((engine) => has(engine, name))),
  );
}

/**
 * The options each of several voices has, of what was set for all of them. Throws TalkError `resource/settings` for one that none has,
 * and for a wrong value.
 */
export function shareOptions(engines: readonly Declared[], given: VoiceOptions): VoiceOptions[] {
  for (const name of Object.keys(given))
    if (!engines.some((one) => has(one, name))) throw unknown(engines, name);
  return engines.map((engine) => {
    const own = Object.fromEntries(Object.entries(given).filter(([name]) => has(engine, name)));
    checkOptions(engine, own);
    return own;
  });
}

function unknown(engines: readonly Declared[], name: string): TalkError {
  const voices = list([...new Set(engines.map((one) => one.name))], 'and');
  const known = [...new Set(engines.flatMap(({ options = {} }) => Object.keys(options)))].sort();
  const expected = known.length === 0 ? 'no option' : list(known, 'or');
  return new TalkError(
    'resource/settings',
    `Expected ${expected} for the voice ${voices} but received ${name.slice(0, 40)}.`,
    { details: { option: name.slice(0, 40), known: known.join(' ') } },
  );
}
