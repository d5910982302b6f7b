/** Finds engines by reading the folder `engines/`: a file there is an engine, its name is the file's name. */
import { TalkError } from '../element/error.js';
import { defaultOf, moduleNames } from '../element/modules.js';
import type { EngineInfo, VoiceEngine, VoiceInfo, VoiceOptions } from './engine.js';
import { ALIASES, didYouMean } from './names.js';
import { readQuery } from './voice-options.js';

/** Where a bare name is looked up, and what speaks when nothing is said about the voice. */
export const DEFAULT_ENGINE = 'flite';

const folder = new URL('./engines/', import.meta.url);
const loaded = new Map<string, Promise<VoiceEngine>>();

/** A voice found: the engine and the name behind the slash. */
export interface ResolvedVoice {
  readonly engine: VoiceEngine;
  readonly voice: string;
  /** `engine/voice`. */
  readonly name: string;
  /** What is set for it. */
  readonly options?: VoiceOptions;
}

/** An engine in the listing of voices. */
export type EngineListing = EngineInfo & {
  readonly default: boolean;
  readonly voices: readonly VoiceInfo[];
  /** What it needs before it can speak, or why its voices could not be listed. */
  readonly unavailable?: string;
};

/** Names of all engines there are, sorted. */
export function engineNames(): Promise<string[]> {
  return moduleNames(folder);
}

/** The engine of that name or alias. Throws TalkError `resource/not-found`. */
export async function voiceEngine(name: string): Promise<VoiceEngine> {
  const found = await findEngine(name);
  if (found !== undefined) return found;
  const names = await engineNames();
  const near = didYouMean(name, names);
  throw new TalkError('resource/not-found', `There is no voice engine ${name}. ${near.sentence}`, {
    details: { engine: name, suggestions: near.names.join(' ') },
  });
}

/**
 * The voice of a name: `engine/name`, an engine (its default voice) or a name in the default engine, with what is set for it behind a
 * question mark. Throws TalkError `resource/not-found` with the nearest names, `resource/settings` for an option that is none.
 */
export async function resolveVoice(name?: string): Promise<ResolvedVoice> {
  const wanted = name?.trim() || DEFAULT_ENGINE;
  const [head] = wanted.split(/[/?]/, 1);
  const slash = wanted[head!.length] === '/';
  let engine = await findEngine(head!);
  const bare = engine === undefined && !slash;
  engine ??= await voiceEngine(slash ? head! : DEFAULT_ENGINE);
  const asked = readQuery(engine.info, bare ? wanted : wanted.slice(head!.length));
  const voice = asked.name.slice(bare ? 0 : 1) || engine.info.defaultVoice;
  const found: ResolvedVoice = {
    engine,
    voice,
    name: `${engine.name}/${voice}`,
    ...(asked.options !== undefined && { options: asked.options }),
  };
  if (await engine.accepts(voice)) return found;
  const voices = (await engine.voices()).map((info) => info.name);
  const candidates = bare ? [...voices, ...(await engineNames())] : voices;
  const near = didYouMean(voice, candidates);
  throw new TalkError(
    'resource/not-found',
    `The voice engine ${engine.name} has no voice ${voice}. ${near.sentence}`,
    { details: { engine: engine.name, voice, suggestions: near.names.join(' ') } },
  );
}

/**
 * The voices of a name with commas in it, `edge/en-US-AriaNeural,flite/slt`, in the order in which they are asked. Each begins with its
 * engine: a comma before anything else belongs to a name. Throws TalkError `resource/not-found`.
 */
export async function resolveVoices(name?: string): Promise<ResolvedVoice[]> {
  return Promise.all((await splitVoices(name)).map((one) => resolveVoice(one)));
}

/** The parts of a name with commas in it, as they are written. */
export async function splitVoices(name = ''): Promise<string[]> {
  const engines = [...(await engineNames()), ...Object.keys(ALIASES)];
  const border = new RegExp(`\\s*,\\s*(?=(?:${engines.join('|')})\\s*(?:[/?,]|$))`);
  return name.split(border);
}

/** All engines and their voices, or one engine's, as `talkgraph voices --json` prints them. */
export async function listVoices(only?: string): Promise<{ engines: EngineListing[] }> {
  const wanted = only === undefined ? await engineNames() : [(await voiceEngine(only)).name];
  const engines = await Promise.all(
    wanted.map(async (name): Promise<EngineListing> => {
      const engine = await voiceEngine(name);
      const lacks = engine.lacks();
      const unavailable = lacks === undefined ? {} : { unavailable: lacks };
      const base = { ...engine.info, default: name === DEFAULT_ENGINE, ...unavailable };
      try {
        return { ...base, voices: await engine.voices({ named: only !== undefined }) };
      } catch (error) {
        // One service that is down must not hide the voices of the others.
        if (!(error instanceof TalkError)) throw error;
        return { ...base, voices: [], unavailable: error.message };
      }
    }),
  );
  return { engines };
}

/** Makes the default voice ready, so that the first sentence is as fast as the next. */
export async function warmVoices(name?: string): Promise<void> {
  await Promise.all((await resolveVoices(name)).map(({ engine }) => engine.warm()));
}

/** The voices of a name, as `resolveVoices` does; the first of them is being made ready. */
export async function readyVoices(name?: string): Promise<ResolvedVoice[]> {
  const voices = await resolveVoices(name);
  // Not waited for; what goes wrong is told by whoever asks it to speak.
  voices[0]?.engine.warm().catch(() => undefined);
  return voices;
}

/** Something will be said with these voices soon: what takes time before they can be asked may begin now. */
export function expectVoices(name?: string): void {
  // Who is asked later tells what is wrong.
  resolveVoices(name).then(
    ([first]) => first?.engine.expect(first.options),
    () => undefined,
  );
}

/** Ends all engines' work and frees what they hold. They start afresh when used again. */
export async function closeVoices(): Promise<void> {
  const all = [...loaded.values()];
  loaded.clear();
  await Promise.all(all.map(async (engine) => (await engine).close()));
}

/** The name of the engine that a voice's name begins with; undefined where it begins with none. */
export async function engineOf(voice: string): Promise<string | undefined> {
  return (await findEngine(voice.trim().split(/[/?]/, 1)[0] ?? ''))?.name;
}

async function findEngine(name: string): Promise<VoiceEngine | undefined> {
  const names = await engineNames();
  if (names.includes(name)) return load(name);
  const alias = ALIASES[name];
  if (alias !== undefined && names.includes(alias)) return load(alias);
  return undefined;
}

function load(name: string): Promise<VoiceEngine> {
  let engine = loaded.get(name);
  if (engine === undefined) {
    engine = importEngine(name);
    loaded.set(name, engine);
    engine.catch(() => loaded.delete(name));
  }
  return engine;
}

async function importEngine(name: string): Promise<VoiceEngine> {
  const Made = await defaultOf<new () => VoiceEngine>(folder, name);
  if (Made === undefined) throw new TypeError(`Expected a default export that is a VoiceEngine in ${name}.`);
  const engine = new Made();
  if (engine.name !== name)
    throw new TypeError(`Expected the name ${name} for the engine but received ${engine.name}.`);
  return engine;
}
