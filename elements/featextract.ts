import {
  type Caps,
  type EventItem,
  framesToNs,
  type Item,
  type Metadata,
  type Ns,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  SECOND,
  TalkError,
} from '../src/element/index.js';
import { FEATURE_KINDS, type FeatureKind, featureKind } from '../src/features/open.js';
import { Stretch } from '../src/features/stretch.js';
import type { FeatureWindows, FrameRate } from '../src/features/windows.js';
import { readManifest } from '../src/inference/index.js';

/**
 * Speech at 16 kHz to one feature window per video frame, in NNStreamer's caps.
 *
 * Time comes from the PTS of the input, never from counting its samples, so pauses cannot make the lips drift.
 * A window whose reach is silent is a zero-byte GAP buffer. `utterance-end` completes what is pending with zeros
 * at once; outside of marked utterances a window needs only the first sample of its frame, because what will be
 * heard is silence. Marks go on right before the frame they fall into.
 *
 * A model whose manifest says `level-dbfs` hears speech at that level, loud or soft as it came (`Levelled`).
 *
 * Lead pays for look-ahead: where `talkgraph/lead` was announced, only what it does not cover is latency.
 */
export default class FeatExtract extends Pipe<typeof FeatExtract.properties> {
  static readonly metadata = {
    name: 'featextract',
    longName: 'Speech feature extractor',
    klass: 'Filter/Converter/Audio/Tensor',
    description: 'Turns speech into one feature window per video frame for a lip-sync model',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    model: {
      type: 'string',
      default: 'tinylip',
      blurb: 'Lip-sync model whose manifest says which features it wants and where the window lies',
    },
    kind: {
      type: 'enum',
      values: ['auto', 'mel'],
      default: 'auto',
      blurb: 'Kind of features; auto asks the model',
    },
    framerate: {
      type: 'string',
      default: '25/1',
      blurb: 'Video frames per second, as a fraction; one window is made for each',
    },
  } as const satisfies Properties;

  static readonly pads = {
    sink: { caps: 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=16000' },
    src: {
      caps: 'other/tensors, format=static, num_tensors=1, types=float32, dimensions=16:80:1:1, framerate=[1/1,120/1]',
    },
  } satisfies PadTemplates;

  static override readonly queue = { in: 16, out: 16 };

  static readonly examples = [
    'audiotestsrc num-buffers=50 samplesperbuffer=320 ! audio/x-raw, rate=16000, channels=1 ! featextract kind=mel ! fakesink',
  ];

  #kind: FeatureKind = featureKind('mel');
  #offsetMs = 0;
  #level: number | undefined;
  #framerate: FrameRate = { num: 25, den: 1 };
  #lead: Ns | undefined;

  override async start(): Promise<void> {
    this.#framerate = fraction(this.props.framerate);
    this.#lead = undefined;
    const { kind, model } = this.props;
    if (kind !== 'auto' && model === '') {
      this.#kind = featureKind(kind);
    } else {
      const manifest = await readManifest(model);
      this.#kind = featureKind(kind === 'auto' ? manifest.features : kind);
      this.#offsetMs = manifest.windowOffsetMs;
      this.#level = manifest.level;
    }
    this.#announce();
  }

  override setup(_caps: Caps): string {
    const { num, den } = this.#framerate;
    const dimensions = [...this.#kind.shape].reverse().concat(1, 1).join(':');
    return `other/tensors, format=static, num_tensors=1, types=float32, dimensions=(string)${dimensions}, framerate=${num}/${den}`;
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    const out: Item[] = [];
    const stretch = new Stretch(this.#open(), this.#framerate, out, (bytes) => this.alloc(bytes));
    stretch.marked = this.#lead !== undefined;
    for await (const item of input) {
      if ('event' in item) this.#mark(stretch, item);
      else stretch.frame(item);
      yield* out.splice(0);
    }
    stretch.end();
    yield* out.splice(0);
  }

  #open(): FeatureWindows {
    return this.#kind.open({ framerate: this.#framerate, offsetMs: this.#offsetMs, level: this.#level });
  }

  #mark(stretch: Stretch, item: EventItem): void {
    const name = item.name.slice(item.name.indexOf('/') + 1);
    if (name === 'lead' && typeof item.fields['ns'] === 'number') {
      this.#lead = item.fields['ns'];
      stretch.marked = true;
      this.#announce();
    }
    stretch.mark(name, item);
  }

  /** Latency as the sinks have to know it: the look-ahead that no lead covers. */
  #announce(): void {
    const min = Math.max(0, Math.round(this.#open().lookAhead * SECOND) - (this.#lead ?? 0));
    // What waits in the out queue is as many video frames, so this much can be held back without loss.
    this.setLatency({ min, max: min + framesToNs(FeatExtract.queue.out, this.#framerate) });
  }
}

function fraction(text: string): FrameRate {
  const match = /^([1-9]\d{0,5})(?:\/([1-9]\d{0,5}))?$/.exec(text);
  const rate = { num: Number(match?.[1]), den: Number(match?.[2] ?? 1) };
  if (match === null || rate.num / rate.den < 1 || rate.num / rate.den > 120) {
    throw new TalkError(
      'library/settings',
      `Expected a framerate from 1/1 to 120/1 but received "${text}" (kinds: ${FEATURE_KINDS.join(', ')}).`,
    );
  }
  return rate;
}
