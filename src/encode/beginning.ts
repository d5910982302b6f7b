/**
 * Both tracks of a recording begin with the same picture, to the sample, at any time of a stream.
 *
 * mp4mux 1.22 counts each track of a fragmented file from its own first buffer: what began later was too early by that, 20 to 130 ms in
 * recordings of sessions (measured). avwait drops both until a running time, and cuts the sound to the first picture from there on.
 * The muxer gets AAC a frame earlier than it sounds, so it is cut once more behind that shift.
 */
import type { Builder, Ns, Part } from '../element/index.js';

export class Beginning {
  readonly #bin: Builder;
  readonly #at: Ns;
  readonly #waits: Part[] = [];

  /** @param at running time before which nothing is recorded */
  constructor(bin: Builder, at: Ns) {
    this.#bin = bin;
    this.#at = at;
  }

  /** It is later, or sooner, than was said; before the first picture of that time. */
  at(time: Ns): void {
    for (const wait of this.#both) wait.set('target-running-time', time);
  }

  /** Between pictures and their encoder. */
  video(from: Part): Part {
    return this.#both.reduce((before, wait) => this.#through(before, wait, 'v'), from);
  }

  /** Between the sound and whatever reads it in its own time. */
  sound(from: Part): Part {
    return this.#through(from, this.#both[0] as Part, 'a');
  }

  /** Between the sound as it is shifted and its encoder. */
  shifted(from: Part): Part {
    return this.#through(from, this.#both[1] as Part, 'a');
  }

  get #both(): readonly Part[] {
    if (this.#waits.length === 0)
      for (const name of ['begin', 'begin-shifted'])
        this.#waits.push(
          this.#bin.add(`avwait name=${name} mode=running-time target-running-time=${this.#at}`),
        );
    return this.#waits;
  }

  #through(from: Part, wait: Part, track: 'a' | 'v'): Part {
    from.link(wait, { to: `${track}sink` });
    return wait.link(this.#bin.add('identity silent=true'), { from: `${track}src` });
  }
}
