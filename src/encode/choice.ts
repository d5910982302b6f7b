/** The option `encoder` of all outputs: who encodes H.264. */
import { logger, type Properties } from '../element/index.js';
import { describe } from '../graph/catalog.js';
import type { Wanted } from './hardware.js';
import { ENCODER_VALUES, HARDWARE, type Hardware } from './names.js';
import { tryHardware } from './trial.js';

/** As a property. */
export const ENCODER = {
  type: 'enum',
  values: ENCODER_VALUES,
  default: 'auto',
  blurb:
    'What encodes H.264: the processor (software), an encoder of a graphics card by the name of its element, or the first of those that works here (auto). One that fails gives way to software',
} as const satisfies Properties[string];

export interface Choice {
  /** Element of a graphics card; undefined: software. */
  readonly hardware?: Hardware;
  /** A sentence for people, where what was asked for by name is not used. */
  readonly problem?: string;
}

/** Reads the option: what is chosen has been seen to work on this machine. */
export async function chooseEncoder(
  option: (typeof ENCODER_VALUES)[number],
  profile: Wanted['profile'],
): Promise<Choice> {
  if (option === 'software') return {};
  const candidates = option === 'auto' ? hardwareHere() : [option];
  for (const name of candidates) {
    const why = isThere(name) ? await tryHardware(name, profile) : 'It is not installed here.';
    if (why === undefined) return { hardware: name };
    const problem = `The encoder ${name} is not used: ${why} Software encodes instead.`;
    if (option !== 'auto') return { problem };
    if (!told.has(problem)) logger({}).warn(problem);
    told.add(problem);
  }
  return {};
}

/** What has been said once in this process. */
const told = new Set<string>();

/** Encoders of graphics cards whose elements are there, whether they work or not. */
export const hardwareHere = (): readonly Hardware[] => HARDWARE.filter(isThere);

function isThere(name: string): boolean {
  try {
    describe(name);
    return true;
  } catch {
    return false;
  }
}
