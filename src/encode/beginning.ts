/**
 * Both tracks of a recording begin with the same picture, to the sample, at any time of a stream.
 *
 * mp4mux 1.22 counts each track of a fragmented file from its own first buffer: what began later was too early by that, 20 to 130 ms in
 * recordings of sessions (measured). avwait drops both until a running time, or until both have come, and cuts the sound to the first
 * picture from there on. The muxer gets AAC a frame earlier than it sounds, so it is cut once more behind that shift.
 *
 * What has come is seen in the data: how far a live stream is ahead of the clock where a recording begins is nothing to go by. 100 ms
 * were allowed for, and where JS was held up by as much at a time, 5 of 80 recordings lacked 30 to 170 ms of their first sound.
 */
import type { Builder, Ns, Part } from '../element/index.js';

export class Beginning {
  readonly #bin: Builder;
  readonly #at: Ns | undefined;
  readonly #waits: Part[] = [];

  /** @param at running time before which nothing is recorded; undefined: the first picture for which there is sound is the first */
  constructor(bin: Builder, at?: Ns) {
    this.#bin = bin;
    this.#at = at;
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
    const at = (time: Ns) => `mode=running-time target-running-time=${time}`;
    if (this.#waits.length === 0)
      this.#waits.push(
        this.#bin.add(`avwait name=begin ${this.#at === undefined ? 'mode=video-first' : at(this.#at)}`),
        // The first picture that comes through the other is the first. It must not wait for sound, which there waits for the second.
        this.#bin.add(`avwait name=begin-shifted ${at(0)}`),
      );
    return this.#waits;
  }

  #through(from: Part, wait: Part, track: 'a' | 'v'): Part {
    from.link(wait, { to: `${track}sink` });
    return wait.link(this.#bin.add('identity silent=true'), { from: `${track}src` });
  }
}
