/**
 * The gate of the voice: holds speech on the clock until the last moment that still meets the sink, so that a cut can
 * still take it back.
 *
 * `ttssrc` sends speech ahead of its time; everything up to here may be undone. Put it right before the audio encoder:
 * what is past it (one piece of 10 ms, and what the encoder holds) will be heard. After a cut the piece that is waiting
 * fades to silence and the rest of the old speech is dropped; the stream's time goes on without a jump. Offline nothing
 * waits.
 */
import {
  type Frame,
  type Metadata,
  type Ns,
  type PadTemplates,
  type Properties,
  pcm,
  Transform,
} from '../src/element/index.js';

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

  static readonly examples = ['ttssrc is-live=false text="Held." ! queue ! cutgate ! fakesink'];

  static override readonly hold = true;
  /** One Opus frame, and the length of the fade: less would click, more would be heard. */
  static override readonly holdChunk: Ns = 10e6;

  #channels = 1;

  override setup({ fields }: { fields: Record<string, unknown> }): void {
    this.#channels = Number(fields['channels'] ?? 1);
  }

  /** Only pieces that a cut made old come here: they fade to silence, linearly over their length. */
  override transform(frame: Frame): void {
    const samples = pcm(frame);
    const count = samples.length / this.#channels;
    for (let i = 0; i < samples.length; i++) {
      const gain = 1 - Math.floor(i / this.#channels) / count;
      samples[i] = Math.round(samples[i]! * gain);
    }
  }
}
