/**
 * A camera of this machine: what comes in is what programs that take cameras see.
 *
 * A superset of the stock v4l2sink, which is inside: a device takes what comes as it is if it can. Pictures that it
 * cannot take are converted, scaled and brought to its frame rate; encoded video that it cannot take is decoded.
 *
 * Cameras that are no hardware come from the kernel module v4l2loopback. The device is looked at before anything runs,
 * because what GStreamer says of a missing one does not tell how to get it.
 *
 * Messages: all marks of the stream, when the pictures they are with are shown.
 */
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import {
  Bin,
  type Builder,
  type Caps,
  type ElementEvent,
  Marks,
  type Metadata,
  type PadTemplates,
  type Part,
  type Properties,
  TalkError,
} from '../src/element/index.js';

const DEVICES = '/dev';

/** What encoded video is decoded with where the device does not take it. */
const DECODERS: Readonly<Record<string, string>> = {
  'video/x-raw': '',
  'image/jpeg': 'jpegdec ! ',
  'video/x-h264': 'h264parse ! avdec_h264 ! ',
  'video/x-vp8': 'vp8dec ! ',
  'video/x-vp9': 'vp9dec ! ',
};

export default class V4l2Sink extends Bin<typeof V4l2Sink.properties> {
  static readonly metadata = {
    name: 'v4l2sink',
    longName: 'Virtual camera sink',
    klass: 'Sink/Video',
    description: 'Shows video as a camera of this machine, or on any other video4linux2 output',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly stock = 'v4l2sink';

  static readonly properties = {
    device: { type: 'path', default: '/dev/video1', blurb: 'Device to show it on' },
  } as const satisfies Properties;

  static readonly pads = {
    sink: {
      caps:
        'video/x-raw(ANY); image/jpeg; video/mpeg; video/mpegts, systemstream=true; video/x-bayer; ' +
        'video/x-dv, systemstream=true; video/x-fwht; video/x-h263; video/x-h264; video/x-h265; video/x-pwc1; ' +
        'video/x-pwc2; video/x-sonix; video/x-vp8; video/x-vp9; video/x-wmv',
    },
  } satisfies PadTemplates;

  static readonly examples = [
    'videotestsrc num-buffers=25 ! v4l2sink device=/dev/video10',
    'videotestsrc num-buffers=25 ! jpegenc ! v4l2sink device=/dev/video10 sync=false',
  ];

  #camera: Part | undefined;
  readonly #marks = new Marks(this, (name, fields) => this.post(name, fields));

  override build(bin: Builder): void {
    const { device } = this.props;
    const camera = bin.stock('v4l2sink', 'camera');
    checkDevice(device);
    bin.lend(camera.set('device', device));
    this.#camera = camera;
  }

  override padCaps(pad: string, { name, fields, text }: Caps, bin: Builder): void {
    const camera = this.#camera;
    if (camera === undefined) return;
    this.#camera = undefined;
    if (camera.takes(text)) {
      bin.expose(pad, camera);
      return;
    }
    const decode = DECODERS[name];
    if (decode === undefined)
      throw new TalkError('stream/format', `${this.props.device} takes no ${name}; decode it before.`);
    // Each of them lets pass what need not be changed. Only videorate would still judge by the times of the pictures.
    const { num = 0, den = 1 } = (fields['framerate'] ?? {}) as { num?: number; den?: number };
    const rate = num === 0 || camera.takesSome(`video/x-raw,framerate=${num}/${den}`);
    const chain = bin.add(
      `${decode}videoconvert ! videoscale${rate ? '' : ' ! videorate skip-to-first=true'}`,
    );
    chain.link(camera);
    bin.expose(pad, chain);
  }

  override event(event: ElementEvent): void {
    this.#marks.event(event);
  }

  override stop(): void {
    this.#marks.clear();
  }
}

/** Says before anything runs why there is no picture, and what to do. */
function checkDevice(device: string): void {
  const details = { device };
  const found = statSync(device, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new TalkError(
      'resource/not-found',
      `There is no device ${device}${others()}. A virtual camera comes from the kernel module v4l2loopback: ` +
        `sudo modprobe v4l2loopback exclusive_caps=1 card_label=talkgraph${numberOf(device)}`,
      { details },
    );
  }
  if (!found.isCharacterDevice()) {
    throw new TalkError('resource/settings', `${device} is no device but a file or a folder.`, { details });
  }
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new TalkError(
      'resource/not-authorized',
      `You may not use ${device}; as a rule that needs membership of the group "video".`,
      { details, cause },
    );
  }
}

/** The number that v4l2loopback would have to give. */
function numberOf(device: string): string {
  const number = /^\/dev\/video(\d+)$/.exec(device)?.[1];
  return number === undefined ? '' : ` video_nr=${number}`;
}

function others(): string {
  const there = readdirSync(DEVICES).filter((name) => /^video\d+$/.test(name));
  return there.length === 0 ? '' : ` (there are ${there.map((name) => `${DEVICES}/${name}`).join(', ')})`;
}
