import { hasFarend, probeName } from '../src/dialog/ears/farends.js';
import {
  Bin,
  type Builder,
  type Metadata,
  type PadTemplates,
  type Properties,
  TalkError,
} from '../src/element/index.js';

const RAW = 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=[8000,48000]';

/**
 * Takes our own voice out of what a microphone hears, where it comes back through the listener's loudspeaker: WebRTC's canceller,
 * as GStreamer has it. What we play it learns from the `farend` of the same pipeline that `far` names; the two are no
 * element together, or the graph of a conversation would go round in a circle.
 *
 * What comes out has 16 kHz. With `mode=off` sound passes as it came, and no plugin is needed.
 */
export default class EchoCancel extends Bin<typeof EchoCancel.properties> {
  static readonly metadata = {
    name: 'echocancel',
    longName: 'Echo canceller',
    klass: 'Filter/Effect/Audio',
    description: 'Takes our own voice out of what a microphone hears',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    mode: {
      type: 'enum',
      values: ['off', 'webrtc'],
      default: 'webrtc',
      blurb: 'What takes it out: nothing, or the canceller of WebRTC',
    },
    far: { type: 'string', default: 'farend', blurb: 'Name of the farend that knows what we play' },
  } as const satisfies Properties;

  static readonly pads = { sink: { caps: RAW }, src: { caps: RAW } } satisfies PadTemplates;

  static readonly examples = [
    'audiotestsrc is-live=true num-buffers=30 ! audio/x-raw, rate=16000, channels=1 ! echocancel mode=off ! fakesink',
  ];

  override build(bin: Builder): void {
    const { mode, far } = this.props;
    const cancel =
      'audioconvert ! audioresample ! audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=16000 ! ' +
      `webrtcdsp probe="${probeName(this.path, far)}" echo-suppression-level=high noise-suppression=false gain-control=false`;
    const part = bin.add(mode === 'off' ? 'identity' : cancel);
    bin.expose('sink', part);
    bin.expose('src', part);
  }

  override start(): void {
    const { mode, far } = this.props;
    if (mode === 'off' || hasFarend(this.path, far)) return;
    throw new TalkError(
      'resource/not-found',
      `Expected a farend named "${far}" in the same pipeline for far, behind the gate of what we play; there is none.`,
      { details: { far } },
    );
  }
}
