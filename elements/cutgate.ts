/**
 * The gate of the voice: holds speech on the clock until the last moment that still meets the sink, so that a cut can
 * still take it back.
 *
 * `ttssrc` sends speech ahead of its time; everything up to here may be undone. Put it right before the audio encoder:
 * what is past it (one piece of 10 ms, and what the encoder holds) will be heard. After a cut the piece that is waiting
 * fades to silence and the rest of the old speech is dropped; the stream's time goes on without a jump. Offline nothing
 * waits.
 *
 * A duck (signal `duck`, or the event of that name {on} from upstream) makes it silent within one piece, too, but nothing is
 * dropped: the speech goes on unheard, and is heard again when the duck ends: by another, by a cut, and by itself after a second.
 */
import {
  type ElementEvent,
  type Frame,
  type Metadata,
  type Ns,
  type PadTemplates,
  type Properties,
  pcm,
  type Signals,
  Transform,
} from '../src/element/index.js';

/** A duck that nobody ends is over after so much sound: it is for the moment in which somebody may have begun to speak. */
const LONGEST: Ns = 1e9;

export default class CutGate extends Transform<typeof CutGate.properties> {
  static readonly metadata = {
    name: 'cutgate',
    longName: 'Cut gate',
    klass: 'Filter/Audio',
    description: 'Holds speech until the last moment and fades it out at a cut',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {} as const satisfies Properties;

  static readonly pads = {
    sink: { caps: 'audio/x-raw, format=S16LE, layout=interleaved' },
    src: { caps: 'audio/x-raw, format=S16LE, layout=interleaved' },
  } satisfies PadTemplates;

  static readonly signals = {
    duck: {
      params: { on: 'bool' },
      blurb: 'Be silent for now, without forgetting anything; or be heard again',
    },
  } as const satisfies Signals;

  static readonly examples = ['ttssrc is-live=false text="Held." ! queue ! cutgate ! fakesink'];

  static override readonly hold = true;
  /** One Opus frame, and the length of the fade: less would click, more would be heard. */
  static override readonly holdChunk: Ns = 10e6;

  #channels = 1;
  /** How loud what leaves is, and is to be by the end of a piece: 0 or 1. */
  #gain = 1;
  #wanted = 1;
  /** Of the sound, how long it has been ducked. */
  #ducked: Ns = 0;

  override setup({ fields }: { fields: Record<string, unknown> }): void {
    this.#channels = Number(fields['channels'] ?? 1);
  }

  override stop(): void {
    this.#gain = this.#wanted = 1;
  }

  override event({ name, fields, upstream }: ElementEvent): void {
    if (upstream) return;
    if (name === 'talkgraph/duck') this.duck(fields['on'] === true);
    // What comes behind a cut is new, and to be heard.
    if (name === 'talkgraph/cut') this.#wanted = 1;
  }

  /** Signal `duck`. */
  duck(on: boolean): void {
    this.#wanted = on ? 0 : 1;
    this.#ducked = 0;
    this.attend(true);
  }

  /** Pieces that a cut made old fade to silence, linearly over their length; others while a duck begins, lasts and ends. */
  override transform(frame: Frame): void {
    this.#ducked += frame.duration ?? 0;
    if (this.#ducked >= LONGEST) this.#wanted = 1;
    this.#fade(pcm(frame), frame.stale ? 0 : this.#wanted);
    if (frame.stale) this.#gain = 1;
    if (this.#gain === 1 && this.#wanted === 1) this.attend(false);
  }

  #fade(samples: Int16Array, to: number): void {
    const from = this.#gain;
    const count = samples.length / this.#channels;
    for (let i = 0; i < samples.length; i++) {
      const gain = from + ((to - from) * Math.floor(i / this.#channels)) / count;
      samples[i] = Math.round(samples[i]! * gain);
    }
    this.#gain = to;
  }
}
