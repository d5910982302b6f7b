import { TalkError } from '../element/error.js';
import { ms, type Ns } from '../element/time.js';
import { PROVIDERS, type Provider, type Timing } from './engine.js';

/** Latency is declared in steps, so that a little noise at load does not give every run another one. */
const STEP_MS = 20;
/** Most that is declared: a model that takes longer is too slow for anything live, and must not hold the voice up for it. */
const MOST_MS = 1000;

/** Execution providers as a property names them, in order of preference. @throws TalkError library/settings */
export function readProviders(text: string): Provider[] {
  const names = text
    .replace('auto', 'cuda,cpu')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const wrong = names.find((name) => !PROVIDERS.includes(name as Provider));
  if (wrong !== undefined || names.length === 0) {
    throw new TalkError(
      'library/settings',
      `Expected providers out of ${PROVIDERS.join(', ')} but received "${text}".`,
    );
  }
  return names as Provider[];
}

/**
 * What an element declares as latency for one run of a model that was timed: four times the median is more than a run ever
 * takes that nothing else on the machine has interrupted.
 */
export function latencyOf({ p99, median }: Timing): Ns {
  return ms(Math.ceil(Math.min(p99, 4 * median, MOST_MS) / STEP_MS) * STEP_MS);
}
