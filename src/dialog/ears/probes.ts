/** Where who plays meets who listens: elements of one pipeline that know nothing of each other but a name. */
import type { Ns } from '../../element/time.js';
import type { OwnVoice } from './ownvoice.js';

/** What is played at one place, for all who want to know. */
export class Probe {
  readonly #listeners = new Set<OwnVoice>();

  add(listener: OwnVoice): void {
    this.#listeners.add(listener);
  }

  remove(listener: OwnVoice): void {
    this.#listeners.delete(listener);
  }

  /** One channel at `rate`, its first sample at `pts`. */
  play(samples: Int16Array, pts: Ns | undefined, rate: number): void {
    for (const listener of this.#listeners) listener.play(samples, pts, rate);
  }
}

const probes = new Map<string, { readonly probe: Probe; users: number }>();

/**
 * The probe of a name, made when first asked for; `leave` when it is not needed any more.
 * @param path of the element that asks, as GStreamer writes it: names are those of one pipeline
 */
export function probeOf(path: string, name: string): { readonly probe: Probe; leave(): void } {
  const key = `${path.split('/')[1] ?? ''}/${name}`;
  const entry = probes.get(key) ?? { probe: new Probe(), users: 0 };
  probes.set(key, entry);
  entry.users++;
  let left = false;
  return {
    probe: entry.probe,
    leave() {
      if (left) return;
      left = true;
      if (--entry.users === 0) probes.delete(key);
    },
  };
}

/** How many names are in use: none when all elements have stopped. */
export const probeCount = (): number => probes.size;
