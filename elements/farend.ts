/**
 * What we play, for the `echocancel` that names it: the end of a branch behind the gate, for what was cut does not come back.
 *
 *     sink ─ audioecho ─ 16 kHz ─ webrtcechoprobe
 *
 * WebRTC's canceller takes an echo out that is up to about 50 ms late, and less of one at 100 (docs/ears.md). `delay` is what lies certainly between, the way to the loudspeaker and
 * from the microphone, and by so much the sound is held back here: in the sound itself, by an echo of which the first sound is left
 * out. A queue with a threshold makes it come late, so that the canceller finds nothing at its time, and cancels nothing (measured).
 *
 * With `mode=off` what we play is let go, and no plugin is needed.
 */
import { probeName, putFarend } from '../src/dialog/ears/farends.js';
import {
  Bin,
  type Builder,
  type Metadata,
  type PadTemplates,
  type Properties,
} from '../src/element/index.js';

/** What may wait for the probe, ns; more of it is lost, for the voice itself waits for nobody. */
const SPARE = 500e6;

export default class FarEnd extends Bin<typeof FarEnd.properties> {
  static readonly metadata = {
    name: 'farend',
    longName: 'Far end',
    klass: 'Sink/Audio',
    description: 'Notes what we play, for an echocancel that takes it out of a microphone',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    mode: {
      type: 'enum',
      values: ['off', 'webrtc'],
      default: 'webrtc',
      blurb: 'Who wants to know it: nobody, or the canceller of WebRTC',
    },
    delay: {
      type: 'uint',
      unit: 'ms',
      max: 2000,
      ui: [0, 500],
      default: 150,
      blurb: 'How late our voice comes back at least; up to 50 ms more are found as well',
    },
  } as const satisfies Properties;

  static readonly pads = {
    sink: { caps: 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=[8000,48000]' },
  } satisfies PadTemplates;

  static readonly examples = [
    'audiotestsrc is-live=true num-buffers=30 samplesperbuffer=480 ! audio/x-raw, rate=24000, channels=1 ! farend name=own ' +
      'audiotestsrc is-live=true num-buffers=30 samplesperbuffer=320 ! audio/x-raw, rate=16000, channels=1 ! echocancel far=own ! fakesink',
  ];

  #leave: (() => void) | undefined;

  override build(bin: Builder): void {
    const { mode, delay } = this.props;
    // Nobody waits for it: neither the clock nor a state.
    const gone = 'fakesink sync=false async=false';
    if (mode === 'off') {
      bin.expose('sink', bin.add(gone));
      return;
    }
    const ns = delay * 1e6;
    const held = `audioecho surround-delay=true surround-mask=1 intensity=1 max-delay=${ns} delay=${ns} ! `;
    bin.expose(
      'sink',
      bin.add(
        `queue leaky=downstream max-size-buffers=0 max-size-bytes=0 max-size-time=${SPARE} ! audioconvert ! ${delay > 0 ? held : ''}` +
          'audioconvert ! audioresample ! audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000 ! ' +
          `webrtcechoprobe name="${probeName(this.path, this.name)}" ! ${gone}`,
      ),
    );
  }

  /** Before the microphone does: what ends a branch starts first. */
  override start(): void {
    if (this.props.mode !== 'off') this.#leave = putFarend(this.path, this.name);
  }

  override stop(): void {
    this.#leave?.();
    this.#leave = undefined;
  }
}
