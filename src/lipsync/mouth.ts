import type { Stroke } from '../native.js';
import type { Colour } from '../picture/colour.js';
import type { Box, Picture } from '../picture/picture.js';
import { layerBytes } from './layers.js';
import { mouthMask, pasteStroke, WARP_MASK } from './paste.js';
import { warpStroke } from './warp.js';

/** A mouth as it comes along the patch link: RGB bytes, and behind them the layers if the model gave any. */
export interface Mouth {
  readonly data: Uint8Array;
  readonly size: number;
  readonly layers: boolean;
}

/** Where a mouth is drawn. */
export interface Place {
  readonly box: Box;
  readonly colour: Colour;
  /** Where what the model painted is seen, `size` x `size`; without it in the lower half. For a mouth without layers. */
  readonly mask?: (size: number) => Uint8Array | undefined;
  /** What the model was shown of the face, `size` x `size` BGR; asked only for a mouth without layers. */
  readonly reference: (size: number) => Uint8Array;
}

/** How far the mouth closes with every frame that brings none: shut with the second. */
const CLOSING = 0.5;

const masks = new Map<string, Uint8Array>();

function maskOf(size: number, layers: boolean): Uint8Array {
  const key = `${size}${layers}`;
  let mask = masks.get(key);
  if (mask === undefined) {
    mask = layers ? mouthMask(size, WARP_MASK) : mouthMask(size);
    masks.set(key, mask);
  }
  return mask;
}

/**
 * The mouth of one face over time. A mouth that stays away does not vanish from one frame to the next: the last
 * one is drawn half open, then it is shut. So a cut, a late patch and the end of speech look like closing lips.
 */
/** Frames without a mouth until nobody counts as speaking: the pauses between words are shorter. */
const REST = 12;

export class MouthState {
  #last: Mouth | undefined;
  #kept = new Uint8Array(0);
  #level = 0;
  #without = 0;

  /** Nobody speaks, and not since a moment ago. */
  get rests(): boolean {
    return this.#without > REST;
  }

  /** How far the mouth is drawn: 1 as the model says, 0 not at all. */
  get level(): number {
    return this.#level;
  }

  /** The mouth for the next frame, wholly or while it closes (`closing`); undefined: there is none. */
  next(mouth: Mouth | undefined, closing = false): void {
    this.#without = mouth === undefined ? this.#without + 1 : 0;
    if (mouth !== undefined) {
      // The bytes belong to a frame that is gone after this tick.
      if (this.#kept.length !== mouth.data.length) this.#kept = new Uint8Array(mouth.data.length);
      this.#kept.set(mouth.data);
      this.#last = { ...mouth, data: this.#kept };
    }
    if (mouth !== undefined && !closing) this.#level = 1;
    else this.#level = Math.max(0, (mouth === undefined ? this.#level : 1) - CLOSING);
  }

  /** How it is drawn on a picture of the face without it; undefined when it is shut. */
  stroke(on: Picture, { box, colour, reference, mask }: Place): Stroke | undefined {
    const mouth = this.#last;
    if (mouth === undefined || this.#level === 0) return undefined;
    const { data, size } = mouth;
    const rgb = 3 * size * size;
    const own = mouth.layers ? undefined : mask?.(size);
    const cells = { size, box, mask: own ?? maskOf(size, mouth.layers), fade: this.#level, colour };
    if (mouth.layers) return warpStroke(on, { ...cells, layers: data.subarray(rgb, rgb + layerBytes(size)) });
    const shown = { data: reference(size), order: 'BGR' } as const;
    return pasteStroke(on, { ...cells, patch: data.subarray(0, rgb), reference: shown });
  }
}
