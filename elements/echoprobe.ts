import { probeOf } from '../src/dialog/ears/probes.js';
import {
  type Frame,
  type Metadata,
  type PadTemplates,
  type Properties,
  pcm,
  Transform,
} from '../src/element/index.js';

/**
 * Notes what we play, so that who listens knows our own voice when it comes back. The sound goes by untouched.
 *
 * Put it behind the gate: what was cut is not heard, and does not come back. `vadfilter probe=NAME` of the same pipeline listens.
 */
export default class EchoProbe extends Transform<typeof EchoProbe.properties> {
  static readonly metadata = {
    name: 'echoprobe',
    longName: 'Echo probe',
    klass: 'Filter/Analyzer/Audio',
    description: 'Notes what is played, for a vadfilter that is not to take it for somebody else',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {} as const satisfies Properties;

  static readonly pads = {
    sink: { caps: 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=[8000, 48000]' },
    src: { caps: 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=[8000, 48000]' },
  } satisfies PadTemplates;

  static readonly examples = [
    'audiotestsrc num-buffers=50 samplesperbuffer=480 ! audio/x-raw, rate=24000, channels=1 ! echoprobe name=own ! fakesink ' +
      'audiotestsrc num-buffers=50 samplesperbuffer=320 ! audio/x-raw, rate=16000, channels=1 ! vadfilter probe=own ! fakesink',
  ];

  #rate = 0;
  #meeting: ReturnType<typeof probeOf> | undefined;

  override start(): void {
    this.#meeting = probeOf(this.path, this.name);
  }

  override stop(): void {
    this.#meeting?.leave();
    this.#meeting = undefined;
  }

  override setup({ fields }: { fields: Record<string, unknown> }): void {
    this.#rate = Number(fields['rate']);
  }

  override transform(frame: Frame): void {
    this.#meeting?.probe.play(pcm(frame), frame.pts, this.#rate);
  }
}
