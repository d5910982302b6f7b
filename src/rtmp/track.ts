/**
 * Tags of one track, each at its own time.
 *
 * Every track has a muxer of its own. One for both waits for the slower, which adds to the latency of the whole graph,
 * and moves what is late to the time of what was not: a voice that came 250 ms after the first picture stayed 250 ms
 * late for ever (seen). Servers take the tracks apart anyway. Each counts from its own first tag; what passes the
 * appsink carries the running time at which it is to be decoded, and that is the same clock for both.
 */
import type { Packet } from '../element/index.js';
import { retimed, type Tag, TagReader } from './flv.js';

export class Track {
  readonly #reader = new TagReader();

  /** The tags of these packets on the running time. What the muxer says of its one track is left out. */
  tags(packets: readonly Packet[]): Tag[] {
    return packets.flatMap(({ data, runningTime }) =>
      this.#reader.push(data).flatMap((tag) => {
        if (tag.of === 'script') return [];
        if (tag.kind === 'setup') return [tag];
        // A time from before the beginning is none. Of sound that is the silence an encoder starts with; a picture that
        // others refer to is decoded then and shown later.
        if (runningTime === undefined && tag.of === 'audio') return [];
        return [retimed(tag, (runningTime ?? 0) / 1e6)];
      }),
    );
  }
}
