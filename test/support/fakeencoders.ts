/**
 * FAKE encoders of graphics cards: elements that have the names of the real ones and the properties that the real ones have in
 * GStreamer 1.22, and are x264enc inside. They do what a test tells them to: not to start, to fail at a picture, to hold pictures back.
 * No card, driver or real element is involved; that ours are told right is all they can show.
 */
import {
  Bin,
  type Builder,
  type Checked,
  type Metadata,
  type PadTemplates,
  type Properties,
  register,
  TalkError,
  Transform,
} from '../../src/element/index.js';

const RAW = 'video/x-raw, format=NV12';
const H264 = 'video/x-h264, stream-format=byte-stream, alignment=au';

/** What all fakes of a test do. */
export const fakeDriver = {
  /** Encoders that may be open at a time, as cards have a number. */
  places: Number.POSITIVE_INFINITY,
  open: 0,
  /** Picture of each encoder at which it fails; the trial takes 8. */
  failsAt: Number.POSITIVE_INFINITY,
  /** Keeps its pictures until so many are inside. */
  holds: 0,
  /** What each one was told when it started, by the name of its element. */
  told: new Map<string, Record<string, unknown>>(),
  reset(): void {
    this.places = this.failsAt = Number.POSITIVE_INFINITY;
    this.holds = 0;
    this.told.clear();
  },
};

/** Fails at a picture, as an element whose card has gone. */
class FakeCard extends Transform {
  static readonly metadata = {
    name: 'fakecard',
    longName: 'Fake card',
    klass: 'Filter',
    description: 'Fails when it is told to',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly pads = { sink: { caps: RAW }, src: { caps: RAW } } satisfies PadTemplates;
  #count = 0;
  override transform(): void {
    if (++this.#count >= fakeDriver.failsAt) throw new TalkError('resource/failed', 'The card has gone.');
  }
}

abstract class FakeEncoder<P extends Checked<P>> extends Bin<P> {
  static readonly pads = { sink: { caps: RAW }, src: { caps: H264 } } satisfies PadTemplates;
  #open = false;

  /** x264enc's words for what it was told: kbit/s, and frames between key frames. */
  protected abstract read(): { kbit: number; keys: number };

  override build(bin: Builder): void {
    if (fakeDriver.open >= fakeDriver.places) throw new TalkError('resource/busy', 'The card is used up.');
    this.#open = true;
    fakeDriver.open++;
    const { properties } = this.constructor as unknown as { properties: Properties };
    const props = this.props as Record<string, unknown>;
    fakeDriver.told.set(
      this.name,
      Object.fromEntries(Object.keys(properties).map((key) => [key, props[key]])),
    );
    const { kbit, keys } = this.read();
    const delay = fakeDriver.holds > 0 ? `rc-lookahead=${fakeDriver.holds}` : 'tune=zerolatency';
    const inside = bin.add(
      `fakecard ! videoconvert ! x264enc name=x ${delay} speed-preset=ultrafast bitrate=${kbit} key-int-max=${keys} bframes=0 threads=1`,
    );
    this.#x = inside.child('x');
    bin.expose('sink', inside, 'sink');
    bin.expose('src', inside, 'src');
  }

  #x: ReturnType<Builder['add']> | undefined;

  override propertyChanged(name: string): void {
    if (name === 'bitrate') this.#x?.set('bitrate', this.read().kbit);
  }

  override stop(): void {
    if (this.#open) fakeDriver.open--;
    this.#open = false;
  }
}

const metadata = (name: string, longName: string) =>
  ({
    name,
    longName: `Fake ${longName}`,
    klass: 'Codec/Encoder/Video/Hardware',
    description: 'No card is behind it',
    author: 'talkgraph',
  }) satisfies Metadata;

const uint = (value: number, max = 2_147_483_647) =>
  ({ type: 'uint', default: value, max, blurb: 'As the real one' }) as const;
const int = (value: number) =>
  ({ type: 'int', default: value, min: -1, max: 2_147_483_647, blurb: 'As the real one' }) as const;
const bool = (value: boolean) => ({ type: 'bool', default: value, blurb: 'As the real one' }) as const;
const choice = <const V extends readonly string[]>(values: V, value: V[number]) =>
  ({ type: 'enum', values, default: value, blurb: 'As the real one' }) as const;
const live = { ...uint(0, 2_048_000), mutable: 'playing' } as const;

/** NVENC's element of 1.22 on a card without B frames and without a choice of its buffer. */
export class FakeNvH264Enc extends FakeEncoder<typeof FakeNvH264Enc.properties> {
  static override readonly pads = {
    sink: { caps: `${RAW}, width=[145,4096], height=[49,4096]` },
    src: { caps: H264 },
  } satisfies PadTemplates;
  static readonly metadata = metadata('nvh264enc', 'NVENC H.264 Video Encoder');
  static readonly properties = {
    preset: choice(['default', 'hp', 'hq', 'low-latency', 'low-latency-hq', 'low-latency-hp'], 'default'),
    'rc-mode': choice(['default', 'constqp', 'cbr', 'vbr', 'cbr-ld-hq'], 'default'),
    'qp-min': int(-1),
    'qp-max': int(-1),
    'gop-size': int(75),
    bitrate: live,
    'max-bitrate': live,
    zerolatency: bool(false),
    'strict-gop': bool(false),
    aud: bool(true),
  } as const satisfies Properties;
  protected override read() {
    return { kbit: this.props.bitrate, keys: this.props['gop-size'] };
  }
}

export class FakeVaH264Enc extends FakeEncoder<typeof FakeVaH264Enc.properties> {
  static readonly metadata = metadata('vah264enc', 'VA-API H.264 Encoder');
  static readonly properties = {
    'rate-control': choice(['cbr', 'vbr', 'cqp'], 'cbr'),
    bitrate: live,
    'cpb-size': uint(0, 2_048_000),
    'key-int-max': uint(0, 1024),
    'b-frames': uint(0, 31),
    'ref-frames': uint(3, 16),
    'target-usage': uint(4, 7),
    'min-qp': uint(1, 51),
    'max-qp': uint(51, 51),
    aud: bool(false),
    cabac: bool(true),
  } as const satisfies Properties;
  protected override read() {
    return { kbit: this.props.bitrate, keys: this.props['key-int-max'] };
  }
}

/** Registers fakes; those that are not registered are not there. */
export function registerFakes(...fakes: (typeof FakeNvH264Enc | typeof FakeVaH264Enc)[]): void {
  register(FakeCard);
  for (const fake of fakes) register(fake);
}
