import {
  type Caps,
  type ElementEvent,
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
import { encodedKind } from '../src/features/encoders.js';
import { Encoding, windowShape } from '../src/features/encoding.js';
import { FEATURE_KINDS, featureKind, levelled } from '../src/features/open.js';
import { type Outgoing, Stretch } from '../src/features/stretch.js';
import type { FeatureWindows, FrameRate, Pending } from '../src/features/windows.js';
import {
  findEncoder,
  latencyOf,
  type Manifest,
  Misses,
  readEncoder,
  readManifest,
  readProviders,
  toldBy,
} from '../src/inference/index.js';

/** What a model hears by. */
interface Ears {
  readonly model: string;
  readonly kind: string;
  /** The lip-sync model's; there is none where only a kind of features is named. */
  readonly manifest: Manifest | undefined;
  readonly encoding: Encoding | undefined;
}
const MEL: Ears = { model: '', kind: 'mel', manifest: undefined, encoding: undefined };

/** Windows that may wait for an encoder; at 25 frames a second, 2.5 s. */
const WAITING = 64;

/**
 * Speech at 16 kHz to one feature window per video frame, in NNStreamer's caps.
 *
 * Time comes from the PTS of the input, never from counting its samples, so pauses cannot make the lips drift.
 * A window whose reach is silent is a zero-byte GAP buffer. `utterance-end` completes what is pending with zeros
 * at once; outside of marked utterances a window needs only the first sample of its frame, because what will be
 * heard is silence. Marks go on right before the frame they fall into.
 *
 * Where the model hears what another network makes of speech (hubert, whisper, wenet, ave), that one runs in the pool all
 * sessions share, and not at all for silence. Several windows are in the works at a time and leave in order. One that cannot
 * be done in time becomes a gap.
 *
 * A model whose manifest says `level-dbfs` hears speech at that level, loud or soft as it came (`Levelled`).
 *
 * Where another model speaks from some frame on (the event `model` from behind), windows are made for that one from there,
 * without a gap; the mark `model` goes before the first.
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
      values: ['auto', 'base', 'mel', 'whisper', 'hubert', 'wenet', 'ave'],
      default: 'auto',
      blurb: 'Kind of features; auto asks the model. base is the sound itself, from -1 to 1',
    },
    encoder: {
      type: 'string',
      default: '',
      blurb:
        'Model that makes the features of sound, for all kinds but base and mel; empty: as the lip-sync model says',
    },
    context: {
      type: 'enum',
      values: ['auto', 'reference', 'short'],
      default: 'auto',
      blurb:
        'How much sound the encoder of hubert or whisper hears at once: as much as LiveTalking gives it, or what the windows need; auto is short on a CPU',
    },
    provider: {
      type: 'string',
      default: 'auto',
      blurb: 'Where the encoder runs, in order of preference: cuda, tensorrt, webgpu, cpu; auto is cuda,cpu',
    },
    'batch-size': {
      type: 'uint',
      min: 0,
      max: 64,
      default: 0,
      unit: 'runs',
      blurb:
        'Most runs of the encoder in one batch, of all sessions; 0 suits the provider: 1 on a CPU, 16 on a GPU',
    },
    missed: {
      type: 'uint',
      default: 0,
      unit: 'frames',
      readonly: true,
      blurb: 'Encoder runs that were not done in time; their windows became gaps',
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
      caps: 'other/tensors, format=static, num_tensors=1, types=float32, framerate=[1/1,120/1]',
    },
  } satisfies PadTemplates;

  static override readonly queue = { in: 16, out: 16 };

  static readonly examples = [
    'audiotestsrc num-buffers=50 samplesperbuffer=320 ! audio/x-raw, rate=16000, channels=1 ! featextract kind=mel ! fakesink',
  ];

  #ears: Ears = MEL;
  /** Those of another model, which take over with the next sound. */
  #next: Ears | undefined;
  #changes = 0;
  /** The mark of a change that has not left yet. */
  #turn: { readonly mark: EventItem; readonly before: Ears } | undefined;
  #framerate: FrameRate = { num: 25, den: 1 };
  #lead: Ns | undefined;
  readonly #misses = new Misses((fields) =>
    this.log.warn('features are not done in time, the mouth rests for them', fields),
  );

  override async start(): Promise<void> {
    this.#framerate = fraction(this.props.framerate);
    this.#lead = undefined;
    this.#turn = this.#next = undefined;
    this.#ears = await this.#open(this.props.model);
    this.#announce();
  }

  override stop(): void {
    this.#changes++;
    for (const ears of new Set([this.#ears, this.#next, this.#turn?.before])) ears?.encoding?.release();
    this.#ears = MEL;
    this.#turn = this.#next = undefined;
  }

  override setup(_caps: Caps): string {
    return this.#caps();
  }

  /** Somebody behind has loaded another model and asks for what it hears. */
  override event({ name, fields, upstream }: ElementEvent): void {
    if (upstream && name === 'talkgraph/model') void this.#change(String(fields['name']));
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    const out: Outgoing[] = [];
    const stretch = new Stretch(this.#windows(), this.#framerate, out, (bytes) => this.alloc(bytes));
    stretch.marked = this.#lead !== undefined;
    // It was called off with the run before.
    if (this.#turn !== undefined) out.push(this.#turn.mark);
    for (let ended = false; ; ) {
      while (out.length < WAITING && !ended) {
        const item = out.length > 0 ? input.poll() : await input.next();
        if (item !== undefined && this.#next !== undefined) this.#take(this.#next, stretch, out);
        if (item !== undefined && 'event' in item) this.#mark(stretch, item);
        else if (item !== undefined) stretch.frame(item);
        else if (out.length > 0) break;
        else {
          ended = true;
          stretch.end();
        }
      }
      const oldest = out.shift();
      if (oldest === undefined) return;
      const item = await oldest;
      yield item;
      if (item === this.#turn?.mark) this.#turned(this.#turn.before);
    }
  }

  /** Loads what another model hears by. Never rejects: who asked is told. */
  async #change(name: string): Promise<void> {
    const turn = ++this.#changes;
    try {
      const ears = await this.#open(name);
      if (turn === this.#changes) this.#next = ears;
      else ears.encoding?.release(true);
    } catch (error) {
      const { message } = error as Error;
      this.props.model = this.#ears.model;
      this.sendEvent('model', { name, refused: message }, { oob: true });
      this.log.info('the model stays', { model: this.#ears.model, refused: name, message });
    }
  }

  /** Other ears from the next frame on; the mark says so to who follows. */
  #take(ears: Ears, stretch: Stretch, out: Outgoing[]): void {
    const before = this.#turn?.before ?? this.#ears;
    this.#next = undefined;
    this.#ears = ears;
    this.props.model = ears.model;
    const mark: EventItem = {
      event: true,
      name: 'talkgraph/model',
      fields: { name: ears.model, pts: stretch.due },
    };
    this.#turn = { mark, before };
    out.push(mark);
    stretch.change(this.#windows());
    this.#announce();
  }

  /** All windows of the ears before have left. */
  #turned(before: Ears): void {
    this.#turn = undefined;
    this.setOutputCaps(this.#caps());
    before.encoding?.release(true);
  }

  #caps(): string {
    const { num, den } = this.#framerate;
    const shape = [...this.#windows().shape].reverse();
    const dimensions = shape.concat(1, 1, 1).slice(0, Math.max(4, shape.length)).join(':');
    return `other/tensors, format=static, num_tensors=1, types=float32, dimensions=(string)${dimensions}, framerate=${num}/${den}`;
  }

  /** What a model hears by. @throws TalkError when there is no such model, or no encoder for it */
  async #open(model: string): Promise<Ears> {
    const { kind: asked } = this.props;
    const manifest = asked !== 'auto' && model === '' ? undefined : await readManifest(model);
    const kind = asked === 'auto' ? (manifest?.features ?? 'mel') : asked;
    if (encodedKind(kind) === undefined) return { model, kind, manifest, encoding: undefined };
    return { model, kind, manifest, encoding: await this.#load(kind, model, manifest) };
  }

  /** Loads the encoder; `manifest` is the lip-sync model's, where there is one. */
  async #load(kind: string, model: string, manifest: Manifest | undefined): Promise<Encoding> {
    const { encoder: name, context, provider } = this.props;
    if (name === '' && manifest === undefined) {
      throw new TalkError(
        'library/settings',
        `Features of kind ${kind} are made by an encoder: name one by encoder=, or give model= a model that hears them.`,
      );
    }
    const found = name !== '' ? await readEncoder(name) : await findEncoder(manifest as Manifest);
    if (found.family !== kind) {
      throw new TalkError(
        'library/settings',
        `The encoder ${found.name} makes ${found.family} features, ${model === '' ? 'asked for were' : `the model ${model} hears`} ${kind} ones.`,
      );
    }
    const heard = manifest?.features === kind ? manifest : undefined;
    const encoding = await Encoding.load(found, {
      framerate: this.#framerate,
      shape: heard && windowShape(heard),
      offsetMs: manifest?.windowOffsetMs,
      context,
      providers: readProviders(provider),
      progress: toldBy(this),
    });
    const { reason, timing } = encoding.model;
    const facts = { encoder: found.name, provider: reason, context: encoding.context, ms: timing.median };
    this.log.info('encoder ready', { ...facts, p99: timing.p99, speakers: Math.floor(encoding.speakers) });
    if (encoding.speakers < 1) {
      this.log.warn('this machine is too slow for the encoder: mouths will rest while it is behind', facts);
    }
    return encoding;
  }

  #windows(): FeatureWindows<Float32Array | Pending> {
    const { kind, manifest, encoding } = this.#ears;
    const { level, windowOffsetMs: offsetMs = 0 } = manifest ?? {};
    const framerate = this.#framerate;
    if (encoding === undefined) return featureKind(kind).open({ framerate, offsetMs, level });
    const { signal } = this;
    const windows = encoding.windows({
      signal,
      batch: this.props['batch-size'] || undefined,
      deadline: (first, last) => this.#deadline(first, last),
      missed: (reason) => this.#miss(reason),
    });
    return levelled(windows, level);
  }

  /** When the windows of a run are wanted, and when even the last of them is not any more. */
  #deadline(first: number, last: number): { deadline?: number; expired?: () => boolean } {
    const now = this.runningTime();
    const latency = this.pipelineLatency;
    if (now === undefined || latency === 0) return {};
    const end = framesToNs(last + 1, this.#framerate) + latency;
    return {
      deadline: performance.now() + (framesToNs(first, this.#framerate) + latency - now) / 1e6,
      expired: () => (this.runningTime() ?? 0) > end,
    };
  }

  #miss(reason: string): void {
    this.props.missed++;
    this.#misses.add(this.props.missed, reason);
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
    const { encoding } = this.#ears;
    const compute = encoding === undefined ? 0 : latencyOf(encoding.model.timing);
    const ahead = Math.round(this.#windows().lookAhead * SECOND) + compute;
    const min = Math.max(0, ahead - (this.#lead ?? 0));
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
