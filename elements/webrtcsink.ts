/**
 * Sends picture and voice to browsers: one encode, any number of viewers, and a second, smaller one for those whose line takes no
 * more.
 *
 * Viewers are asked in by their SDP offer: TypeScript calls `answer(sdp)` on the instance (ViewerSink in src/webrtc),
 * anyone else emits the signal `offer` and gets the message `answer`. Nothing is encoded while nobody watches.
 * Packets leave when they are due on the pipeline's clock, audio and video alike, and our sender reports say so on one
 * capture clock; that is what keeps lips and voice together in the browser (src/webrtc/clock.ts).
 *
 * Where a `webrtcsrc` of the same pipeline wants to hear them, viewers are asked for their microphones.
 *
 * Messages: `answer {request, viewer, sdp}` or `{request, code, error}`, `viewer-joined {viewer}`, `viewer-left {viewer,
 * reason}`, `empty` when the last viewer has gone, `message {viewer, text}` from a data channel, and all marks of the
 * stream (`talkgraph/…` events) at the moment that they stand for is sent.
 */

import {
  Bin,
  type Builder,
  type Caps,
  type ElementEvent,
  type Fields,
  Marks,
  type Metadata,
  type Properties,
  type Signals,
  TalkError,
  toTalkError,
} from '../src/element/index.js';
import { chooseEncoder, ENCODER } from '../src/encode/choice.js';
import type { Hardware } from '../src/encode/names.js';
import { type Sending, Sent } from '../src/publish/sent.js';
import type { Branches } from '../src/webrtc/branches.js';
import { captureClock } from '../src/webrtc/clock.js';
import { VIDEO_CODECS, type VideoCodec } from '../src/webrtc/codecs.js';
import type { Purpose } from '../src/webrtc/offer.js';
import { branchesOf, CRF, PADS, REACH, reachOf, VOICE } from '../src/webrtc/sending.js';
import { meet, meetingName } from '../src/webrtc/uplink.js';
import { type Answer, type Viewer, type ViewerSink, Viewers } from '../src/webrtc/viewers.js';

const CODECS: Record<string, readonly VideoCodec[]> = {
  auto: ['H264', 'VP8'],
  viewer: VIDEO_CODECS,
  h264: ['H264'],
  vp8: ['VP8'],
  vp9: ['VP9'],
};

export default class WebRtcSink extends Bin<typeof WebRtcSink.properties> implements ViewerSink {
  static readonly metadata = {
    name: 'webrtcsink',
    longName: 'WebRTC sink',
    klass: 'Sink/Network/WebRTC',
    description: 'Sends audio and video to any number of browsers from one encode',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    codec: {
      type: 'enum',
      values: ['auto', 'viewer', 'h264', 'vp8', 'vp9'],
      default: 'auto',
      blurb:
        'Video codec; auto: H.264 for those who take it, VP8 for the others; viewer: of H.264, VP8 and VP9 what stands first in the offer, so that each in use has its encoder',
    },
    bitrate: {
      type: 'uint',
      unit: 'bit/s',
      min: 50_000,
      max: 50_000_000,
      ui: [250_000, 6_000_000],
      default: 1_500_000,
      mutable: 'playing',
      blurb: 'Bitrate of the video at most, per encoder',
    },
    crf: CRF,
    preset: {
      type: 'enum',
      values: ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'],
      default: 'ultrafast',
      blurb: 'Effort of the H.264 encoder; superfast costs half as much again and saves a tenth of the bits',
    },
    adapt: {
      type: 'bool',
      default: true,
      blurb:
        'Lower the bitrate, not below a half, while a viewer loses packets or cannot take it; who takes less gets a smaller picture',
    },
    encoder: ENCODER,
    'audio-bitrate': {
      type: 'uint',
      unit: 'bit/s',
      min: 6000,
      max: 510_000,
      ui: [24_000, 128_000],
      default: 48_000,
      mutable: 'playing',
      blurb: 'Bitrate of the voice',
    },
    'frame-size': {
      type: 'enum',
      values: ['2.5', '5', '10', '20', '40', '60'],
      default: '10',
      blurb: 'Milliseconds of sound in a packet: shorter answers sooner, longer costs less',
    },
    ...VOICE,
    'key-interval': {
      type: 'uint',
      unit: 'frames',
      min: 1,
      max: 10_000,
      default: 250,
      blurb: 'A key frame comes unasked after so many; viewers ask when they need one',
    },
    'idle-pictures': {
      type: 'enum',
      values: ['all', 'half'],
      default: 'all',
      blurb:
        'Pictures that are sent while nobody speaks; half: each second that its source says can be spared',
    },
    ...REACH,
    'ice-tcp': {
      type: 'bool',
      default: false,
      blurb:
        'Viewers whose network lets no UDP through may come over TCP (RFC 6544), on the ports of the same numbers',
    },
    'max-viewers': {
      type: 'uint',
      min: 1,
      max: 1000,
      default: 64,
      blurb: 'Viewers at a time; more are refused',
    },
    'max-connecting': {
      type: 'uint',
      min: 1,
      max: 1000,
      default: 32,
      blurb:
        'Of those, not connected yet at a time; more are refused. Who is not connected 15 s after its answer has lost its place',
    },
    viewers: {
      type: 'uint',
      default: 0,
      readonly: true,
      blurb: 'Viewers now, those still connecting included',
    },
  } as const satisfies Properties;

  static readonly pads = PADS;

  static readonly signals = {
    offer: {
      params: { sdp: 'string', request: 'string?' },
      blurb: 'Asks a viewer in by its SDP offer; answered by the message "answer" with the same request',
    },
    'close-viewer': { params: { viewer: 'string' }, blurb: 'Ends one viewer' },
  } as const satisfies Signals;

  static readonly examples = [
    'videotestsrc is-live=true num-buffers=10 ! webrtcsink name=s audiotestsrc is-live=true num-buffers=10 ! s.audio',
    'videotestsrc num-buffers=10 ! x264enc ! h264parse ! webrtcsink',
  ];

  #viewers: Viewers | undefined;
  #codecs: readonly VideoCodec[] = [];
  /** Element of a graphics card that encodes H.264. */
  hardware: Hardware | undefined;
  readonly #sent = new Sent();
  #branches = this.#newBranches();
  /** Where its viewers' microphones are heard: under its own name, and as any sink of the pipeline. */
  #uplinks: ReturnType<typeof meet>[] = [];
  readonly #marks = new Marks(this, (name, fields) => this.post(name, fields));

  override async build(): Promise<void> {
    // What stood here before went with the last NULL. And what is written wrong is said before anything runs.
    this.#branches = this.#newBranches();
    reachOf(this.props);
    await this.#choose();
    // Here, so that graphs without viewers need not wait 0.3 s for werift to be read.
    const { warmUp } = await import('../src/webrtc/connection.js');
    await warmUp();
  }

  override start(): void {
    const { encoded } = this.#branches;
    this.#codecs = encoded === undefined ? (CODECS[this.props.codec] ?? []) : [encoded];
    const { bitrate, adapt, 'max-viewers': max, 'max-connecting': maxConnecting } = this.props;
    const viewers = new Viewers({
      ...reachOf(this.props),
      tcp: this.props['ice-tcp'],
      max,
      maxConnecting,
      clock: captureClock(this),
      microphone: () => this.#uplinks.some(({ uplink }) => uplink.wanted),
      codecs: this.#codecs,
      theirs: this.props.codec === 'viewer',
      ...(adapt ? { bitrate } : {}),
    });
    viewers.on('joined', (viewer) => this.post('viewer-joined', { viewer }));
    viewers.on('message', (viewer, text) => this.post('message', { viewer, text }));
    viewers.on('key-frame', (rendition) => this.#branches.forceKeyFrame(rendition));
    viewers.on('rate', (rendition, rate) => {
      this.#branches.setBitrate(rendition, rate);
      this.log.info('bitrate adapted to the viewers', { rendition, rate });
    });
    viewers.on('moved', (viewer, rendition) => this.log.info('another rendition', { viewer, rendition }));
    viewers.on('silent', (rendition) =>
      this.warn(`The encoder of ${rendition} gives no key frame; its viewers get the ordinary picture.`),
    );
    viewers.on('wanted', (rendition, wanted) => this.#branches.want(rendition, wanted, this.builder));
    viewers.on('left', (viewer, reason) => {
      this.props.viewers = viewers.size;
      this.post('viewer-left', { viewer, reason });
    });
    viewers.on('empty', () => this.post('empty'));
    this.#meet(viewers);
    this.#viewers = viewers;
    this.#branches.listen();
  }

  override padCaps(pad: string, caps: Caps, bin: Builder): void {
    this.#branches.attach(pad, caps, this.#codecs, bin);
    const { encoded } = this.#branches;
    const ended = encoded === undefined ? 0 : (this.#viewers?.offerOnly([encoded]) ?? 0);
    if (ended > 0)
      this.warn(
        `What comes in is ${encoded}; viewers who had agreed on another codec before that was known are ended: ${ended}.`,
      );
    // Those who came before the pictures.
    for (const codec of this.#codecs) if (this.#viewers?.wants(codec)) this.#branches.want(codec, true, bin);
  }

  override propertyChanged(name: string): void {
    this.#branches.retune();
    if (name === 'bitrate' && this.props.adapt && this.#viewers !== undefined) {
      this.#viewers.bitrate = this.props.bitrate;
    }
  }

  override event(event: ElementEvent): void {
    this.#marks.event(event);
  }

  override async stop(): Promise<void> {
    this.#marks.clear();
    this.#branches.ignore();
    await this.#viewers?.close();
    this.#viewers = undefined;
    for (const { leave } of this.#uplinks) leave();
    this.#uplinks = [];
    this.props.viewers = 0;
  }

  /** Answers an SDP offer with a new viewer. Rejects with a TalkError and leaves nothing behind. */
  async answer(sdp: unknown, purpose?: Purpose): Promise<Answer> {
    const viewers = this.#viewers;
    if (viewers === undefined) throw new TalkError('core/state-change', 'The sink does not run yet.');
    const answer = await viewers.offer(sdp, purpose);
    this.props.viewers = viewers.size;
    return answer;
  }

  async trickle(id: string, fragment: unknown): Promise<boolean> {
    return (await this.#viewers?.trickle(id, fragment)) ?? false;
  }

  async endViewer(id: string): Promise<boolean> {
    return (await this.#viewers?.closeViewer(id)) ?? false;
  }

  audience(): Viewer[] {
    return this.#viewers?.list() ?? [];
  }

  tell(event: object): void {
    this.#viewers?.send(event);
  }

  sending(): Sending {
    return this.#sent.now;
  }

  encoders(): readonly string[] {
    return this.#branches.encoders;
  }

  override message(name: string, fields: Fields): void {
    const said = name === 'part-failed' ? this.#branches.failed(fields) : undefined;
    if (said !== undefined) this.warn(said);
  }

  /** Signal `offer`. A refused viewer is the viewer's trouble, not the element's. */
  async offer(sdp: string, request = ''): Promise<void> {
    try {
      const { id, sdp: answer } = await this.answer(sdp);
      this.post('answer', { request, viewer: id, sdp: answer });
    } catch (error) {
      const { code, message } = toTalkError(error, this.name);
      this.post('answer', { request, code, error: message });
    }
  }

  /** Signal `close-viewer`. */
  async closeViewer(viewer: string): Promise<void> {
    await this.endViewer(viewer);
  }

  async #choose(): Promise<void> {
    const { codec, encoder } = this.props;
    const sends = CODECS[codec]?.includes('H264') ?? false;
    const { hardware, problem } = sends ? await chooseEncoder(encoder, 'constrained-baseline') : {};
    this.hardware = hardware;
    if (problem !== undefined) this.warn(problem);
  }

  #meet(viewers: Viewers): void {
    this.#uplinks = [this.name, ''].map((name) => meet(meetingName(this.path, name)));
    viewers.on('sound', (viewer, packet) => {
      for (const { uplink } of this.#uplinks) uplink.packet(viewer, packet);
    });
    viewers.on('microphone', (viewer, on, talksOnly) => {
      for (const { uplink } of this.#uplinks) on ? uplink.add(viewer, talksOnly) : uplink.remove(viewer);
    });
  }

  #newBranches(): Branches {
    const write = (...packet: Parameters<Viewers['write']>) => this.#viewers?.write(...packet);
    return branchesOf(this, write, this.#sent);
  }
}
