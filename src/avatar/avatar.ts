import { AVATAR_COLOUR, AVATAR_COLOUR_CAPS } from '../picture/colour.js';
import { alphaPictureBytes, type Box, pictureBytes } from '../picture/picture.js';
import { placeBox, type Window } from './framing.js';
import type { Latents } from './latents.js';
import { type LoopMode, loopIndex } from './loop.js';
import type { Manifest } from './manifest.js';
import { type Pictures, release } from './store.js';

/** Pictures of a long avatar that are read before they are shown: a third of a second of them. */
const AHEAD = 8;

/**
 * One user's share in an open avatar. Pictures and crops are the same memory for all users in the process:
 * read them, never write.
 */
export class Avatar {
  readonly id: string;
  /** Where it was read from. */
  readonly folder: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly framerate: { readonly num: number; readonly den: number };
  /** How many frames there are. */
  readonly count: number;
  readonly loop: LoopMode;
  /** How its colours are coded; always `AVATAR_COLOUR`. */
  readonly colour = AVATAR_COLOUR;
  /** Names of its clips; see `clipId`. */
  readonly clips: readonly string[];
  /** False for a long avatar: its pictures are read when they are wanted, see `load`. */
  readonly whole: boolean;
  /** Nothing lies behind its pictures: they are A420, else I420. */
  readonly clear: boolean;
  readonly #key: string;
  readonly #place: (box: Box) => Box;
  readonly #latents: Latents | undefined;
  #pictures: Pictures | undefined;

  constructor(
    id: string,
    folder: string,
    manifest: Manifest,
    key: string,
    { window, clear }: { readonly window: Window; readonly clear: boolean },
    pictures: Pictures,
    latents: Latents | undefined,
    clips: readonly string[],
  ) {
    this.id = id;
    this.folder = folder;
    this.name = manifest.name;
    this.width = pictures.width;
    this.height = pictures.height;
    const [num = 25, den = 1] = manifest.framerate.split('/').map(Number);
    this.framerate = { num, den };
    this.count = manifest.frames;
    this.loop = manifest.loop;
    this.clips = clips;
    this.whole = pictures.whole;
    this.clear = clear;
    this.#key = key;
    const size = { width: this.width, height: this.height };
    this.#place = (box) => placeBox(box, window, size);
    this.#pictures = pictures;
    this.#latents = latents;
  }

  /** Caps of its pictures. */
  get caps(): string {
    const { num, den } = this.framerate;
    const format = this.clear ? 'A420' : 'I420';
    return `video/x-raw, format=${format}, width=${this.width}, height=${this.height}, framerate=${num}/${den}, ${AVATAR_COLOUR_CAPS}`;
  }

  /** Bytes of one of its pictures. */
  get bytes(): number {
    return (this.clear ? alphaPictureBytes : pictureBytes)(this.width, this.height);
  }

  /** The frame to show at the n-th tick, counted from 0. */
  index(n: number): number {
    return loopIndex(n, this.count, this.loop);
  }

  /** True when a picture is in memory, so that `data` and `face` have it. */
  has(frame: number): boolean {
    return this.#at(frame).peek(frame) !== undefined;
  }

  /**
   * Sees to it that a picture is in memory. Of a long avatar it stays while the next `SLAB` are asked for; use it at once.
   * @throws TalkError stream/decode, stream/format
   */
  async load(frame: number): Promise<void> {
    await this.#at(frame).load(frame);
  }

  /** What is shown from tick `n` on will be wanted soon: read it now. Does nothing for an avatar that is in memory. */
  ahead(n: number): void {
    if (this.whole) return;
    const pictures = this.#at(0);
    for (let k = 0; k < AHEAD; k++) pictures.ahead(this.index(n + k));
  }

  /** A picture in GStreamer's layout, I420 or A420 (see `clear`). @throws TypeError when it is not in memory */
  data(frame: number): Uint8Array {
    const data = this.#at(frame).peek(frame);
    if (data === undefined) throw new TypeError(`Expected frame ${frame} of "${this.id}" to be loaded.`);
    return data;
  }

  /** It is known where its mouth is; a clip may do without. */
  get boxed(): boolean {
    return this.#at(0).boxes.has('');
  }

  /**
   * What a model is shown, in pixels of the picture; fractional, follows the head.
   * @param crop the model's; the avatar's own box where it has none for that
   * @throws TypeError where it is not `boxed`
   */
  box(frame: number, crop = ''): Box {
    const { boxes } = this.#at(frame);
    const own = boxes.get(crop) ?? boxes.get('');
    if (own === undefined) throw new TypeError(`"${this.id}" has no boxes: nobody can speak with it.`);
    return this.#place(own.at(frame));
  }

  /** What lies under the box as `size` x `size` BGR bytes, made anew each time. @throws TypeError as `data` */
  face(frame: number, size: number, crop = ''): Uint8Array {
    if (!Number.isInteger(size) || size < 8 || size > 1024) {
      throw new TypeError(`Expected an integer from 8 to 1024 for size but received ${size}.`);
    }
    return this.#at(frame).crop(this.data(frame), this.box(frame, crop), size);
  }

  /**
   * Where what a model paints is seen, `size` x `size` weights, 255 all of it; undefined where the avatar leaves that to
   * whoever pastes. @param crop the model's
   */
  mask(size: number, crop: string): Uint8Array | undefined {
    return this.#at(0).masks.get(crop)?.of(size);
  }

  /**
   * What a model that paints in latents is shown, [8, 32, 32] numbers; undefined where the avatar has none of them.
   * Rejects with TalkError resource/read.
   */
  latent(frame: number): Promise<Float32Array> | undefined {
    this.#at(frame);
    return this.#latents?.at(frame);
  }

  /** Names the pictures with all that makes them what they are: equal keys, equal pixels. */
  get key(): string {
    return this.#key;
  }

  /** True after `close`. */
  get closed(): boolean {
    return this.#pictures === undefined;
  }

  /** Gives the share back; the last user's call frees the pictures. Closing twice is fine. */
  close(): void {
    if (this.#pictures === undefined) return;
    this.#pictures = undefined;
    release(this.#key);
  }

  #at(frame: number): Pictures {
    if (this.#pictures === undefined) throw new TypeError(`Avatar "${this.id}" is closed.`);
    if (!Number.isInteger(frame) || frame < 0 || frame >= this.count) {
      throw new TypeError(`Expected an integer from 0 to ${this.count - 1} for frame but received ${frame}.`);
    }
    return this.#pictures;
  }
}
