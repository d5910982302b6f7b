/**
 * Publishes to a WHIP server (RFC 9725), and goes on publishing: LiveTalking's `rtcpush`. One encode, one connection.
 *
 *     video ─ queue ─ tee ─ valve ─ x264enc ─ rtph264pay ─ appsink ┐
 *                                                                  ├ TypeScript ─ SRTP
 *     audio ─ queue ─ opusenc ─ rtpopuspay ─ appsink ──────────────┘
 *
 * Packets leave when they are due, as webrtcsink's do, and with the same sender reports, so the server's viewers see lips
 * and hear the voice together. A server that is late, restarts or stalls disturbs nothing else: it is warned of, tried again with
 * growing pauses, and each connection begins with a key frame. Nothing waits for it: what comes meanwhile is dropped, and
 * no picture is encoded.
 *
 * Messages: `connected`, `disconnected {reason, retry-in (ms), attempt}`, and all marks of the stream.
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
  type TalkError,
} from '../src/element/index.js';
import { chooseEncoder, ENCODER } from '../src/encode/choice.js';
import type { Hardware } from '../src/encode/names.js';
import { type Punctual, type Sending, Sent } from '../src/publish/sent.js';
import type { Branches } from '../src/webrtc/branches.js';
import { captureClock } from '../src/webrtc/clock.js';
import type { VideoCodec } from '../src/webrtc/codecs.js';
import { branchesOf, CRF, PADS, REACH, reachOf, VOICE, type Write } from '../src/webrtc/sending.js';
import type { WhipPublisher } from '../src/whip/publisher.js';
import { parseTarget, type Target } from '../src/whip/target.js';

const CODECS: Record<string, VideoCodec> = { h264: 'H264', vp8: 'VP8', vp9: 'VP9' };

export default class WhipSink extends Bin<typeof WhipSink.properties> implements Punctual {
  static readonly metadata = {
    name: 'whipsink',
    longName: 'WHIP sink',
    klass: 'Sink/Network/WebRTC',
    description: 'Publishes audio and video to a WHIP server, and again when that was away',
    author: 'talkgraph',
    schemes: { http: 80, https: 443 },
  } satisfies Metadata;

  static readonly properties = {
    location: {
      type: 'string',
      default: '',
      secret: true,
      blurb: 'Address of the WHIP endpoint, https://HOST/PATH or http',
    },
    token: {
      type: 'string',
      default: '',
      secret: true,
      blurb: 'Bearer token that the endpoint wants; empty: WHIP_TOKEN of the environment',
    },
    codec: {
      type: 'enum',
      values: ['h264', 'vp8', 'vp9'],
      default: 'h264',
      blurb: 'Codec of raw video; what comes in encoded stays as it is',
    },
    bitrate: {
      type: 'uint',
      unit: 'bit/s',
      min: 50_000,
      max: 50_000_000,
      ui: [500_000, 8_000_000],
      default: 1_500_000,
      mutable: 'playing',
      blurb: 'Bitrate of the video at most',
    },
    crf: CRF,
    preset: {
      type: 'enum',
      values: ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'],
      default: 'superfast',
      blurb: 'Effort of the H.264 encoder',
    },
    adapt: {
      type: 'bool',
      default: true,
      blurb: 'Lower the bitrate, not below a quarter, while packets are lost or the server cannot take it',
    },
    encoder: ENCODER,
    'audio-bitrate': {
      type: 'uint',
      unit: 'bit/s',
      min: 6000,
      max: 510_000,
      ui: [24_000, 128_000],
      default: 64_000,
      mutable: 'playing',
      blurb: 'Bitrate of the voice',
    },
    'frame-size': {
      type: 'enum',
      values: ['2.5', '5', '10', '20', '40', '60'],
      default: '20',
      blurb: 'Milliseconds of sound in a packet',
    },
    ...VOICE,
    'key-interval': {
      type: 'uint',
      unit: 'frames',
      min: 1,
      max: 10_000,
      default: 50,
      blurb: 'Frames between key frames; whoever joins at the server begins at one',
    },
    ...REACH,
    connected: { type: 'bool', default: false, readonly: true, blurb: 'The server takes the stream now' },
  } as const satisfies Properties;

  static readonly pads = PADS;

  static readonly examples = [
    'videotestsrc is-live=true num-buffers=10 ! whipsink name=w location=http://localhost/whip/key audiotestsrc is-live=true num-buffers=10 ! w.audio',
  ];

  #target: Target | undefined;
  /** WebRTC takes a third of a second to load: only where something is published. */
  #loaded: typeof import('../src/whip/publisher.js') | undefined;
  /** Element of a graphics card that encodes H.264. */
  hardware: Hardware | undefined;
  readonly #sent = new Sent();
  #branches = this.#newBranches();
  #publisher: WhipPublisher | undefined;
  /** Pads that are there, and those of them whose caps are known. */
  #pads: readonly string[] = [];
  readonly #known = new Set<string>();
  readonly #marks = new Marks(this, (name, fields) => this.post(name, fields));

  override async build(bin: Builder): Promise<void> {
    this.#target = parseTarget(this.props.location, this.props.token || (process.env['WHIP_TOKEN'] ?? ''));
    this.#branches = this.#newBranches();
    this.#pads = bin.pads;
    this.#known.clear();
    reachOf(this.props);
    const h264 = this.props.codec === 'h264';
    const { hardware, problem } = h264 ? await chooseEncoder(this.props.encoder, 'constrained-baseline') : {};
    this.hardware = hardware;
    if (problem !== undefined) this.warn(problem);
    this.#loaded = await import('../src/whip/publisher.js');
    const { warmUp } = await import('../src/webrtc/connection.js');
    await warmUp();
  }

  override start(): void {
    this.#branches.listen();
    this.#begin();
  }

  override padCaps(pad: string, caps: Caps, bin: Builder): void {
    this.#branches.attach(pad, caps, [this.#codec], bin);
    this.#known.add(pad);
    this.#begin();
  }

  override padAdded(pad: string): void {
    this.fail('core/link', `The pad ${pad} came too late: WHIP has one offer, link it before the start.`);
  }

  override propertyChanged(name: string): void {
    this.#branches.retune();
    if (name === 'bitrate' && this.#publisher !== undefined) this.#publisher.bitrate = this.props.bitrate;
  }

  override event(event: ElementEvent): void {
    this.#marks.event(event);
  }

  override async stop(): Promise<void> {
    this.#marks.clear();
    this.#branches.ignore();
    await this.#publisher?.close();
    this.#publisher = undefined;
    this.props.connected = false;
  }

  /** How punctually voice and picture leave. */
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

  get #codec(): VideoCodec {
    return this.#branches.encoded ?? CODECS[this.props.codec] ?? 'H264';
  }

  /** Offers what comes, once it is known what that is. */
  #begin(): void {
    const target = this.#target;
    if (
      target === undefined ||
      this.#loaded === undefined ||
      this.#publisher !== undefined ||
      !this.#pads.every((pad) => this.#known.has(pad))
    )
      return;
    const { bitrate, adapt } = this.props;
    const publisher = new this.#loaded.WhipPublisher(target, {
      ...reachOf(this.props),
      clock: captureClock(this),
      codec: this.#codec,
      kinds: (['video', 'audio'] as const).filter((kind) => this.#pads.includes(kind)),
      ...(adapt ? { bitrate } : {}),
    });
    this.#publisher = publisher;
    publisher.on('connected', () => this.#connected());
    publisher.on('lost', (error, retryIn, attempt) => this.#lost(error, retryIn, attempt));
    publisher.on('key-frame', () => this.#branches.forceKeyFrame(this.#codec));
    publisher.on('rate', (rate) => {
      this.#branches.setBitrate(this.#codec, rate);
      this.log.info('bitrate adapted to the server', { rate });
    });
    publisher.on('broken', (error) => this.fail(error));
    publisher.start();
  }

  #connected(): void {
    this.props.connected = true;
    this.#branches.want(this.#codec, true, this.builder);
    this.#branches.forceKeyFrame(this.#codec);
    this.log.info('publishing', { to: this.#target?.shown });
    this.post('connected');
  }

  #lost(error: TalkError, retryIn: number, attempt: number): void {
    // Each outage is said once; each attempt is a message and a line in the log.
    const outage = attempt === 1 || this.props.connected;
    this.props.connected = false;
    this.#branches.want(this.#codec, false, this.builder);
    this.#sent.forget();
    if (outage) this.warn(`${error.message} It is tried again until it is there.`);
    this.log.info('no connection', { reason: error.message, attempt, retryIn });
    this.post('disconnected', { reason: error.message, 'retry-in': retryIn, attempt });
  }

  #newBranches(): Branches {
    const write: Write = (outlet, packet) =>
      this.#publisher?.write(outlet === 'audio' ? 'audio' : 'video', packet);
    return branchesOf(this, write, this.#sent);
  }
}
