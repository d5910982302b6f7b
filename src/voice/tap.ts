/** Sound out of a pipeline's appsink, no faster than somebody hears it. */

import type { BoundedQueue } from '../element/queue.js';
import type { ElementHandle } from '../graph/handle.js';
import type { SpeechPiece } from './engine.js';

/** Samples above which the decoder is stopped, and below which it goes on: 4 s and 2 s at 48 kHz. */
const ENOUGH = 192_000;
const LITTLE = 96_000;
/** Buffers that may wait between the decoder and JS. */
const LIMIT = 8;

/** End of a launch line whose appsink `out` a tap listens to. */
export const TAIL =
  'audioconvert ! audio/x-raw, format=S16LE, layout=interleaved, channels=1 ! appsink name=out sync=false';

/** Lets the decoder run while little is waiting, and makes it wait when enough is. */
export class Tap {
  readonly #sink: ElementHandle;
  readonly #queue: BoundedQueue<SpeechPiece>;
  #waiting = 0;
  #stop: (() => void) | undefined;

  constructor(sink: ElementHandle, queue: BoundedQueue<SpeechPiece>) {
    this.#sink = sink;
    this.#queue = queue;
    this.#listen();
  }

  /** That many samples have left the queue. */
  taken(count: number): void {
    this.#waiting -= count;
    if (this.#stop === undefined && this.#waiting < LITTLE) this.#listen();
  }

  #listen(): void {
    this.#stop = this.#sink.onSamples(
      (batch) => {
        for (const { data, caps } of batch) {
          const samples = new Int16Array(data.slice().buffer);
          this.#waiting += samples.length;
          void this.#queue.push({ samples, rate: Number(caps?.fields['rate']) }, 0);
        }
        if (this.#waiting < ENOUGH) return;
        // Nobody listening, the sink fills up, and the decoder stands still.
        this.#stop?.();
        this.#stop = undefined;
      },
      { limit: LIMIT, full: 'wait' },
    );
  }
}
