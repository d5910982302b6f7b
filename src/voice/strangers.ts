/** What somebody who is not trusted with this machine may ask of a voice: no path, no address, no key. */
import type { VoiceOptions } from './engine.js';
import { kebab, type OptionInfos } from './options.js';
import { engineOf, splitVoices, voiceEngine } from './registry.js';
import { isPath } from './remote/reference.js';

/** Engines whose voices are files, or sounds that others brought. */
const LOCAL = new Set(['file', 'pcm']);
const CLOSED = new Set(['address', 'secret', 'file']);

/** True where one of the voices of a name would read a file of this machine, or play what is not its asker's. */
export async function isLocal(voice: string): Promise<boolean> {
  // Also where no engine follows: what a comma means is not for the asker to find out.
  if (voice.split(',').some((one) => LOCAL.has(headOf(one)))) return true;
  for (const one of await splitVoices(voice)) {
    const engine = await engineOf(one);
    if (engine === undefined) continue;
    const { options = {} } = (await voiceEngine(engine)).info as { options?: OptionInfos };
    const name = one.trim().slice(headOf(one).length + 1);
    if (options['ref-file']?.type === 'file' && isPath(name.split('?', 1)[0] ?? '')) return true;
  }
  return false;
}

/** The first option that is not for strangers; undefined where there is none. */
export function closedOption(declared: OptionInfos = {}, given: VoiceOptions = {}): string | undefined {
  return Object.keys(given).find((name) => CLOSED.has(declared[kebab(name)]?.type ?? ''));
}

const headOf = (voice: string): string => (voice.trim().split(/[/?]/, 1)[0] ?? '').trim().toLowerCase();
