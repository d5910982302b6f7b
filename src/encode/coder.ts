/**
 * An encoder inside a bin. One of a graphics card that fails, at its start or later, gives way to the one in software between two
 * pictures: the stream goes on with a key frame of the other.
 */
import type { Builder, Fields, Part } from '../element/index.js';
import { hardwareText, type Wanted } from './hardware.js';
import type { Hardware } from './names.js';
import { distrust } from './trial.js';

/** Encodes on the processor. */
export interface Software {
  /** Element that encodes. */
  readonly name: string;
  /** Launch text from raw video to encoded; the encoder in it is called as the label says. */
  text(label: string): string;
  /** How it is told its bitrate. */
  readonly bitrate: { readonly property: string; readonly unit: 'bit/s' | 'kbit/s' };
}

export interface CoderSettings {
  /** Of its parts: `<name>-encoder` is the encoder. */
  readonly name: string;
  readonly software: Software;
  /** Element of a graphics card; undefined: software. */
  readonly hardware?: Hardware | undefined;
  readonly wanted: Wanted;
}

const KBIT = { property: 'bitrate', unit: 'kbit/s' } as const;

export class Coder {
  /** From raw video to encoded, for who builds: it may be another one later. */
  readonly part: Part;
  readonly #bin: Builder;
  readonly #settings: CoderSettings;
  #encoder: { readonly name: string; readonly element: Part; readonly told: Software['bitrate'] };
  /** The one that may fail, until it has. */
  #guarded: { readonly part: string; readonly name: Hardware } | undefined;
  #bitrate: number;

  constructor(bin: Builder, settings: CoderSettings) {
    const { hardware, name, wanted } = settings;
    this.#bin = bin;
    this.#settings = settings;
    this.#bitrate = wanted.bitrate;
    if (hardware === undefined) {
      ({ part: this.part, encoder: this.#encoder } = this.#software());
      return;
    }
    this.#guarded = { part: `${name}-${hardware}`, name: hardware };
    this.part = bin.add(hardwareText(hardware, this.#label, wanted), this.#guarded.part).guard();
    this.#encoder = { name: hardware, element: this.part.child(this.#label), told: KBIT };
  }

  /** The element that encodes now. */
  get encoder(): string {
    return this.#encoder.name;
  }

  /** Gives it another bitrate, bit/s; it takes it with its next picture. */
  set bitrate(bitrate: number) {
    this.#bitrate = bitrate;
    const { element, told } = this.#encoder;
    element.set(told.property, told.unit === 'kbit/s' ? Math.round(bitrate / 1000) : bitrate);
  }

  /**
   * A part of the bin has failed (message `part-failed`).
   * @returns a sentence for people where it was this one's, which is in software from now on; undefined where it was not
   */
  failed({ part, message }: Fields): string | undefined {
    if (this.#guarded === undefined || part !== this.#guarded.part) return undefined;
    const { name } = this.#guarded;
    this.#guarded = undefined;
    distrust(name);
    const software = this.#software();
    this.#encoder = software.encoder;
    this.bitrate = this.#bitrate;
    this.part.replaceBy(software.part);
    return `The encoder ${name} failed: ${message} Software encodes from now on.`;
  }

  get #label(): string {
    return `${this.#settings.name}-encoder`;
  }

  #software() {
    const { name, software } = this.#settings;
    const part = this.#bin.add(software.text(this.#label), `${name}-software`);
    return {
      part,
      encoder: { name: software.name, element: part.child(this.#label), told: software.bitrate },
    };
  }
}
