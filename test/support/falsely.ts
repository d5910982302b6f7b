/** How often what is no voice is taken for one. */
import type { ListeningSettings } from '../../src/dialog/ears/listening.js';
import { allHeardIn, maybe, sileros } from './listens.js';

/** Of a sound: how often it is likely and then nothing, how long on average, and how often it is speech. */
export async function falsely(sound: Float32Array, settings: Partial<ListeningSettings> = {}) {
  const changes = await allHeardIn(sound, await sileros(), settings);
  const dips = changes.flatMap((one) => (one.state === 'unlikely' ? (one.at - one.pts) / 1e6 : []));
  const cuts = changes.filter((one) => !maybe(one) && one.state === 'speech').length;
  return { dips: dips.length, ms: dips.reduce((sum, one) => sum + one, 0) / (dips.length || 1), cuts };
}
