/**
 * Publishes to an RTMP server, and goes on publishing: a server that is late, restarts or stalls disturbs nothing else.
 *
 *     video ─ queue ─ x264enc ─ h264parse ─ flvmux ─ appsink ┐
 *                                                            ├ TypeScript ─ appsrc ─ rtmp2sink (a pipeline of its own)
 *     audio ─ queue ─ avenc_aac ─ aacparse ─ flvmux ─ appsink┘
 *
 * A superset of the stock rtmpsink: an FLV stream into `sink` works as with that one, and so do its properties. Other
 * than that one it does not end the graph when the server goes: it warns, tries again with growing pauses, and begins
 * each connection at a key frame. What cannot leave in time is dropped up to the next key frame (src/rtmp/backlog.ts).
 *
 * AAC comes out late by a fixed number of samples and FLV cannot say so: the sound is led in that much earlier, as in
 * recordsink, and at 48 kHz, where it is least.
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
  type Packet,
  type PadTemplates,
  type Part,
  type Properties,
  SECOND,
  type TalkError,
  toTalkError,
} from '../src/element/index.js';
import { AAC_DELAY, AAC_RATE, encodeAac } from '../src/encode/aac.js';
import { chooseEncoder, ENCODER } from '../src/encode/choice.js';
import { Coder } from '../src/encode/coder.js';
import type { Hardware } from '../src/encode/names.js';
import { type Punctual, type Sending, Sent } from '../src/publish/sent.js';
import { MUXER, PARSER, videoCoder } from '../src/rtmp/chain.js';
import { type Tag, TagReader } from '../src/rtmp/flv.js';
import { FLV_AUDIO, FLV_VIDEO, metadataTag } from '../src/rtmp/metadata.js';
import { Publisher } from '../src/rtmp/publisher.js';
import { parseTarget, type Target } from '../src/rtmp/target.js';
import { Track } from '../src/rtmp/track.js';

/** Bytes that may wait for the server, whatever the time they stand for. */
const MOST_BYTES = 16 * 2 ** 20;
/** Where caps do not say how many frames a second there are. */
const USUAL_RATE = 25;

const ADDRESS = {
  type: 'string',
  default: '',
  secret: true,
} as const;

export default class RtmpSink extends Bin<typeof RtmpSink.properties> implements Punctual {
  static readonly metadata = {
    name: 'rtmpsink',
    longName: 'RTMP sink',
    klass: 'Sink/Network',
    description: 'Publishes audio and video to an RTMP server, and again when that was away',
    author: 'talkgraph',
    schemes: { rtmp: 1935, rtmps: 443 },
  } satisfies Metadata;

  static readonly stock = 'rtmpsink';

  static readonly properties = {
    location: { ...ADDRESS, blurb: 'rtmp://HOST/APPLICATION/KEY, or rtmps' },
    url: { ...ADDRESS, blurb: 'The same as location' },
    bitrate: {
      type: 'uint',
      unit: 'bit/s',
      min: 50_000,
      max: 50_000_000,
      ui: [500_000, 8_000_000],
      default: 1_500_000,
      mutable: 'playing',
      blurb: 'Bitrate of the video',
    },
    preset: {
      type: 'enum',
      values: ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'],
      default: 'superfast',
      blurb: 'Effort of the video encoder',
    },
    encoder: ENCODER,
    'audio-bitrate': {
      type: 'uint',
      unit: 'bit/s',
      min: 16_000,
      max: 512_000,
      default: 96_000,
      blurb: 'Bitrate of the sound',
    },
    'key-period': {
      type: 'uint',
      unit: 'ms',
      min: 100,
      max: 60_000,
      default: 2000,
      blurb: 'Time between key frames; servers and players begin at one',
    },
    'queue-time': {
      type: 'uint',
      unit: 'ms',
      min: 100,
      max: 60_000,
      default: 3000,
      blurb: 'How much may wait for a slow server, then all up to the next key frame is dropped',
    },
    connected: { type: 'bool', default: false, readonly: true, blurb: 'The server takes the stream now' },
    dropped: {
      type: 'uint',
      default: 0,
      readonly: true,
      blurb: 'Pictures and pieces of sound that were not sent',
    },
  } as const satisfies Properties;

  static readonly pads = {
    sink: { caps: 'video/x-flv' },
    video: { direction: 'sink', presence: 'request', caps: 'video/x-raw; video/x-h264' },
    audio: { direction: 'sink', presence: 'request', caps: 'audio/x-raw; audio/mpeg, mpegversion=4' },
  } satisfies PadTemplates;

  static readonly examples = [
    'videotestsrc num-buffers=25 ! rtmpsink name=r location=rtmp://localhost/live/key audiotestsrc num-buffers=43 ! r.audio',
    'videotestsrc num-buffers=25 ! x264enc ! flvmux ! rtmpsink location=rtmp://localhost/live/key',
  ];

  #target: Target | undefined;
  /** Where the tracks leave the graph, by pad. */
  readonly #outs = new Map<string, Part>();
  #coder: Coder | undefined;
  /** Element of a graphics card that encodes H.264. */
  #hardware: Hardware | undefined;
  /** Queues of raw input: live, they drop what an encoder is too slow for. */
  #raw: Part[] = [];
  #metadata: Record<string, number | boolean> = {};
  #publisher: Publisher | undefined;
  #ignore: (() => void)[] = [];
  readonly #sent = new Sent();
  readonly #marks = new Marks(this, (name, fields) => this.post(name, fields));

  override async build(bin: Builder): Promise<void> {
    this.#target = parseTarget(this.props.location || this.props.url);
    this.#outs.clear();
    this.#raw = [];
    this.#coder = undefined;
    this.#hardware = undefined;
    this.#metadata = {};
    if (bin.pads.length === 1) bin.expose('sink', this.#outlet('sink', bin));
    if (!bin.pads.includes('video')) return;
    const { hardware, problem } = await chooseEncoder(this.props.encoder, 'main');
    this.#hardware = hardware;
    if (problem !== undefined) this.warn(problem);
  }

  override start(): void {
    const target = this.#target;
    if (target === undefined) return;
    const backlog = {
      limit: this.props['queue-time'],
      bytes: MOST_BYTES,
      pictures: this.builder.pads.includes('video'),
    };
    const publisher = new Publisher(target, backlog, (tag) => this.#left(tag));
    this.#publisher = publisher;
    publisher.on('connected', () => this.#connected());
    publisher.on('lost', (error, retryIn, attempt) => this.#lost(error, retryIn, attempt));
    publisher.on('key-frame', () => {
      for (const out of this.#outs.values()) out.forceKeyFrame();
    });
    publisher.on('broken', (error) => this.fail(error));
    for (const [pad, out] of this.#outs) this.#listen(pad, out);
    publisher.start();
  }

  override padCaps(pad: string, caps: Caps, bin: Builder): void {
    if (pad === 'sink' || this.#outs.has(pad)) return;
    // An encoder that is busy with a key frame does not hold up the other track, nor what comes behind a tee.
    const queue = bin.add(
      `queue name=${pad}-queue max-size-time=${SECOND} max-size-buffers=0 max-size-bytes=0`,
    );
    if (caps.name.endsWith('/x-raw')) this.#raw.push(queue);
    const chain = pad === 'video' ? this.#video(caps, bin) : this.#audio(caps, bin);
    const out = this.#outlet(pad, bin);
    [...chain, bin.add(MUXER), out].reduce((from, part) => from.link(part), queue);
    this.#publisher?.write([metadataTag({ encoder: 'talkgraph', ...this.#metadata })]);
    this.#listen(pad, out);
    bin.expose(pad, queue);
  }

  override padAdded(pad: string): void {
    this.fail('core/link', `The pad ${pad} came too late: RTMP has one beginning, link it before the start.`);
  }

  override propertyChanged(name: string): void {
    if (name === 'bitrate' && this.#coder !== undefined) this.#coder.bitrate = this.props.bitrate;
  }

  override event(event: ElementEvent): void {
    this.#marks.event(event);
  }

  /** How punctually voice and picture leave. */
  sending(): Sending {
    return this.#sent.now;
  }

  encoders(): readonly string[] {
    return this.#coder === undefined ? [] : [this.#coder.encoder];
  }

  override message(name: string, fields: Fields): void {
    const said = name === 'part-failed' ? this.#coder?.failed(fields) : undefined;
    if (said !== undefined) this.warn(said);
  }

  override async stop(): Promise<void> {
    this.#marks.clear();
    for (const ignore of this.#ignore.splice(0)) ignore();
    await this.#publisher?.close();
    this.#publisher = undefined;
    this.props.connected = false;
  }

  /** Tags leave when they are due: whoever plays the stream wants it evenly. */
  #outlet(pad: string, bin: Builder): Part {
    const out = bin.add(
      `appsink name=${pad}-out async=false qos=false processing-deadline=0 enable-last-sample=false`,
    );
    bin.lend(out);
    this.#outs.set(pad, out);
    return out;
  }

  #listen(pad: string, out: Part): void {
    const publisher = this.#publisher;
    const [track, reader] = [new Track(), new TagReader()];
    const take = (packets: readonly Packet[], dropped: number): void => {
      if (dropped > 0) this.log.warn('packets dropped: the JS thread was busy for too long', { dropped });
      const tags = pad === 'sink' ? packets.flatMap(({ data }) => reader.push(data)) : track.tags(packets);
      publisher?.write(tags);
      if (publisher !== undefined && this.props.dropped !== publisher.dropped)
        this.props.dropped = publisher.dropped;
      if (this.pipelineLatency > 0) for (const queue of this.#raw.splice(0)) queue.set('leaky', 'downstream');
    };
    const ignore = out.onPackets((packets, dropped) => {
      try {
        take(packets, dropped);
      } catch (error) {
        this.fail(toTalkError(error, this.name));
      }
    });
    this.#ignore.push(ignore);
  }

  #video({ name, fields }: Caps, bin: Builder): Part[] {
    const { num = 0, den = 1 } = (fields['framerate'] ?? {}) as { num?: number; den?: number };
    const rate = num > 0 ? num / den : USUAL_RATE;
    const { bitrate, preset, 'key-period': period } = this.props;
    const { width, height } = fields as { width: number; height: number };
    Object.assign(this.#metadata, { width, height, framerate: rate, ...FLV_VIDEO });
    if (name !== 'video/x-raw') return [bin.add('h264parse')];
    const keyInterval = Math.max(1, Math.round((period * rate) / 1000));
    const coder = new Coder(bin, videoCoder({ bitrate, preset, keyInterval }, this.#hardware));
    this.#coder = coder;
    Object.assign(this.#metadata, { videodatarate: bitrate / 1000 });
    return [coder.part, bin.add(PARSER)];
  }

  #audio({ name, fields }: Caps, bin: Builder): Part[] {
    Object.assign(this.#metadata, { stereo: Number(fields['channels'] ?? 1) > 1, ...FLV_AUDIO });
    if (name !== 'audio/x-raw') return [bin.add('aacparse')];
    const bitrate = this.props['audio-bitrate'];
    const [convert, encode] = encodeAac(bitrate);
    Object.assign(this.#metadata, { audiosamplerate: AAC_RATE, audiodatarate: bitrate / 1000 });
    return [bin.add(convert).shift('src', -AAC_DELAY), bin.add(encode)];
  }

  /** A tag is with the server's connection. Of one muxed stream from outside the times are its own and say nothing. */
  #left({ kind, of, time }: Tag): void {
    if (kind === 'setup' || this.#outs.has('sink')) return;
    this.#sent.note(of === 'audio' ? 'voice' : 'picture', this.runningTime(), time * 1e6);
  }

  #connected(): void {
    this.props.connected = true;
    this.log.info('publishing', { to: this.#target?.shown });
    this.post('connected');
  }

  #lost(error: TalkError, retryIn: number, attempt: number): void {
    // Each outage is said once; each attempt is a message and a line in the log.
    const outage = attempt === 1 || this.props.connected;
    this.props.connected = false;
    this.#sent.forget();
    if (outage) this.warn(`${error.message} It is tried again until it is there.`);
    this.log.info('no connection', { reason: error.message, debug: error.debug, attempt, retryIn });
    this.post('disconnected', { reason: error.message, 'retry-in': retryIn, attempt });
  }
}
