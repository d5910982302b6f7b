/**
 * The microphone of a viewer: what it says into the connection over which a `webrtcsink` shows it picture and voice.
 *
 *     appsrc ─ rtpjitterbuffer ─ rtpopusdepay ─ opusdec ─┐
 *                                       silence, live ───┴─ audiomixer ─ src
 *
 * Packets that come late, in the wrong order or not at all are waited for as long as `latency`; then Opus's own error
 * correction makes them of the next one, or concealment of the last one. Time is the pipeline's, from the arrival of the packets.
 * Sound never stops: before somebody speaks, while a sender saves packets of silence (DTX), and after it has gone there are
 * zeros, live.
 *
 * Messages: `microphone {viewer}` when another viewer is heard, without `viewer` when nobody is.
 */
import {
  Bin,
  type Builder,
  type Metadata,
  type PadTemplates,
  type Part,
  type Properties,
  TalkError,
} from '../src/element/index.js';
import { PAYLOAD_TYPE, Splice } from '../src/webrtc/splice.js';
import { meet, meetingName } from '../src/webrtc/uplink.js';

const RAW = 'audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1';

export default class WebRtcSrc extends Bin<typeof WebRtcSrc.properties> {
  static readonly metadata = {
    name: 'webrtcsrc',
    longName: 'WebRTC source',
    klass: 'Source/Network/WebRTC',
    description: 'Hears the microphone of a viewer of a webrtcsink',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    peer: {
      type: 'string',
      default: '',
      blurb: 'Name of the webrtcsink of the same pipeline whose viewers are heard; empty: the one there is',
    },
    viewer: {
      type: 'string',
      default: '',
      mutable: 'playing',
      blurb:
        'The viewer that is heard; empty: the first one that only talks (WHIP), else the first with a microphone',
    },
    latency: {
      type: 'uint',
      unit: 'ms',
      max: 1000,
      ui: [20, 200],
      default: 60,
      blurb: 'How long a packet may be late',
    },
    current: { type: 'string', default: '', readonly: true, blurb: 'The viewer that is heard now' },
    packets: {
      type: 'uint',
      default: 0,
      readonly: true,
      blurb: 'Packets of sound that came from whoever was heard',
    },
  } as const satisfies Properties;

  static readonly pads = { src: { caps: RAW } } satisfies PadTemplates;

  static readonly examples = [
    'webrtcsink name=web audiotestsrc is-live=true num-buffers=20 ! web.audio webrtcsrc peer=web ! fakesink num-buffers=20',
  ];

  #source: Part | undefined;
  #meeting: ReturnType<typeof meet> | undefined;
  readonly #splice = new Splice();

  override build(bin: Builder): void {
    const { latency } = this.props;
    const caps = `application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=${PAYLOAD_TYPE}`;
    // Zeros, 10 ms at a time, are what is heard when nothing else is there; without a live source of them the mixer would wait.
    const all = bin.add(
      `appsrc name=packets is-live=true format=time do-timestamp=true min-latency=0 max-buffers=64 leaky-type=downstream caps="${caps}" ` +
        `! rtpjitterbuffer latency=${latency} do-lost=true drop-on-latency=true ! rtpopusdepay ` +
        `! opusdec plc=true use-inband-fec=true ! audioconvert ! audioresample ! ${RAW} ! audiomixer name=mixer alignment-threshold=10000000 discont-wait=20000000 ` +
        `audiotestsrc wave=silence is-live=true samplesperbuffer=480 ! ${RAW} ! mixer.`,
    );
    this.#source = all.child('packets');
    bin.expose('src', all);
  }

  override start(): void {
    const meeting = meet(meetingName(this.path, this.props.peer));
    const listens = meeting.uplink.listen({
      sound: (packet) => {
        this.props.packets++;
        this.#source?.feed(this.#splice.take(packet, performance.now()));
      },
      heard: (viewer) => {
        this.#splice.cut();
        this.props.current = viewer ?? '';
        this.post('microphone', viewer === undefined ? {} : { viewer });
      },
    });
    if (!listens) {
      meeting.leave();
      throw new TalkError('resource/busy', 'Another webrtcsrc hears the viewers of this webrtcsink already.');
    }
    this.#meeting = meeting;
    meeting.uplink.choose(this.props.viewer);
    this.props.current = meeting.uplink.current ?? '';
  }

  override propertyChanged(name: string): void {
    if (name === 'viewer') this.#meeting?.uplink.choose(this.props.viewer);
  }

  override stop(): void {
    this.#meeting?.uplink.ignore();
    this.#meeting?.leave();
    this.#meeting = undefined;
    this.#splice.cut();
    this.props.current = '';
  }
}
