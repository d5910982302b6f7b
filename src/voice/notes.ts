/** Writes the schedule while it is made: one entry for each utterance, clip and cut, with the voice that spoke. */
import { gateEntry, placedEntry, type ScheduleEntry } from './schedule.js';
import type { Placed } from './utterance.js';

export class Notes {
  /** Of utterances that have not been noted yet. */
  readonly #voices = new Map<string, string>();
  readonly #write: (entry: string) => void;
  readonly #usual: () => string;

  /** @param write takes an entry as JSON  @param usual who speaks where nobody was named */
  constructor(write: (entry: string) => void, usual: () => string) {
    this.#write = write;
    this.#usual = usual;
  }

  /** This voice is going to say `id`. */
  speaks(id: string, voice: string): void {
    this.#voices.set(id, voice);
  }

  entry(entry: ScheduleEntry): void {
    this.#write(JSON.stringify(entry));
  }

  /** A gate told what it made of a cut; other events are none of its. */
  gate(name: string, fields: Readonly<Record<string, unknown>>): void {
    const entry = name.endsWith('/gate') ? gateEntry(fields) : undefined;
    if (entry !== undefined) this.entry(entry);
  }

  /** An utterance or clip is over. */
  placed(placed: Placed | undefined): void {
    if (placed === undefined) return;
    const voice = this.#voices.get(placed.id) ?? this.#usual();
    this.#voices.delete(placed.id);
    this.entry(placedEntry(placed, voice));
  }

  /** A cut, and what it ended. */
  cut(ended: readonly Placed[], cut: { number: number; from: number; frame: number }): void {
    for (const placed of ended) this.placed(placed);
    this.entry({ cut });
  }

  clear(): void {
    this.#voices.clear();
  }
}
