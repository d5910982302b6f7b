import { type Avatar, Cast, whenReleased } from '../src/avatar/index.js';
import {
  type Caps,
  type EventItem,
  type Fields,
  type Fraction,
  floats,
  framesToNs,
  type Item,
  type Metadata,
  ms,
  type Ns,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  TalkError,
} from '../src/element/index.js';
import {
  isMissable,
  type LoadedModel,
  latencyOf,
  type Manifest,
  readManifest,
  readProviders,
  sharedPool,
} from '../src/inference/index.js';
import { FaceCache } from '../src/lipsync/facecache.js';
import { avatarMark, FrameClock } from '../src/lipsync/frameclock.js';
import { demandFeatures, heardInput } from '../src/lipsync/heard.js';
import { hasLayers, LAYERS } from '../src/lipsync/layers.js';
import { demandLatents, lacksLatents } from '../src/lipsync/musetalk.js';
import { PATCH_BYTES } from '../src/lipsync/patchbytes.js';
import { SpeechMouth } from '../src/lipsync/speechmouth.js';
import { packUltralight } from '../src/lipsync/ultralight.js';
import { readVisemes, type Visemes } from '../src/lipsync/visemes.js';
import { packFace } from '../src/lipsync/wav2lip.js';

/** After a warning of missed frames the next one waits this long. */
const QUIET_MS = 5000;
/** Length of a mel window: behind its end nothing is known. */
const MEL_MS = 200;
/** Packed faces of all avatars in the process; 150 frames at 96 pixels are 33 MB. */
const faces = new FaceCache<Float32Array | Uint8Array>(192 << 20);
whenReleased((key) => faces.forget(`${key}\n`));

/**
 * Feature windows to mouth patches, by a lip-sync model that all sessions share.
 *
 * Each patch is an RGB square with the meta TalkgraphPatch, which names the avatar frame it was made for: a pure
 * function of PTS and of the `avatar` marks before it. Where the model gives layers (flow, alpha, paint), they
 * follow behind the RGB bytes and the meta says so; the compositor then opens the mouth at full sharpness. A
 * silent window passes through as the gap it is.
 *
 * Where the voice names its sounds and the model can be told a mouth, the mouth is what they look like: right for any
 * voice. Otherwise, and with `drive=audio`, it is what the model hears.
 *
 * Several windows are in the works at a time and leave in order. A window that cannot be done in time becomes a
 * gap: a mouth that rests for one frame is better than a late one.
 */
export default class LipsyncFilter extends Pipe<typeof LipsyncFilter.properties> {
  static readonly metadata = {
    name: 'lipsyncfilter',
    longName: 'Lip-sync inference',
    klass: 'Filter/Converter/Tensor/Video',
    description: 'Turns feature windows into mouth patches with a neural lip-sync model',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    model: { type: 'string', default: 'tinylip', blurb: 'Lip-sync model: a name in models, or a folder' },
    avatar: { type: 'string', default: 'ava', blurb: 'Avatar whose mouth is drawn: a name, or a folder' },
    width: {
      type: 'uint',
      min: 0,
      max: 4096,
      default: 0,
      unit: 'pixels',
      blurb: 'Width of the pictures the face is cut from; as in the compositor, they share them',
    },
    height: {
      type: 'uint',
      min: 0,
      max: 4096,
      default: 0,
      unit: 'pixels',
      blurb: 'Height of the pictures the face is cut from; as in the compositor',
    },
    background: {
      type: 'string',
      default: '',
      blurb: 'What lies behind the avatar; as in the compositor',
    },
    drive: {
      type: 'enum',
      values: ['auto', 'audio', 'phonemes'],
      default: 'auto',
      blurb:
        'What moves the mouth: what is heard, or the phonemes where the voice tells them; auto is phonemes if the model can',
    },
    provider: {
      type: 'string',
      default: 'auto',
      blurb: 'Where the model runs, in order of preference: cuda, tensorrt, webgpu, cpu; auto is cuda,cpu',
    },
    'batch-size': {
      type: 'uint',
      min: 0,
      max: 64,
      default: 0,
      unit: 'frames',
      blurb:
        'Most frames of one batch; 0 suits the provider: 1 on a CPU, where batches gain little and would make the last digits of a result depend on its company',
    },
    missed: {
      type: 'uint',
      default: 0,
      unit: 'frames',
      readonly: true,
      blurb: 'Frames that were not done in time and became gaps',
    },
  } as const satisfies Properties;

  static readonly pads = {
    sink: {
      // mel; hubert, of 8 or 16 vectors; wenet; ave; whisper
      caps: 'other/tensors, format=static, num_tensors=1, types=float32, dimensions={ (string)16:80:1:1, (string)32:32:16:1, (string)32:32:32:1, (string)32:16:128:1, (string)32:16:256:1, (string)16:16:32:1, (string)384:50:1:1 }, framerate=[1/1,120/1]',
    },
    src: {
      caps: 'video/x-raw, format=RGB, width=[8,1024], height=[8,1024], framerate=[1/1,120/1], pixel-aspect-ratio=1/1',
    },
  } satisfies PadTemplates;

  static override readonly queue = { in: 16, out: 16 };

  static readonly examples = [
    'audiotestsrc num-buffers=50 samplesperbuffer=320 ! audio/x-raw, rate=16000, channels=1 ! featextract ! lipsyncfilter ! fakesink',
  ];

  #model: LoadedModel<Uint8Array<ArrayBuffer>> | undefined;
  #avatars = new Cast();
  #clock = new FrameClock({ num: 25, den: 1 }, '');
  #layers = false;
  #visemes: Visemes | undefined;
  #speech: SpeechMouth | undefined;
  /** Patches that have left, to be filled again. */
  #spent: Uint8Array<ArrayBuffer>[] = [];
  #quietUntil = 0;
  #framerate = 25;
  /** The speed of the model was looked at, where it matters. */
  #told = false;
  /** Avatars that were changed to and have no latents. */
  readonly #bare = new Set<string>();

  override async start(): Promise<void> {
    this.#avatars = new Cast();
    const manifest = await readManifest(this.props.model);
    this.#layers = hasLayers(manifest);
    this.#visemes = await this.#table(manifest);
    const outputs = manifest.pixels === 'bytes' ? ['rgb'] : ['out', ...(this.#layers ? LAYERS : [])];
    const providers = readProviders(this.props.provider);
    const [model, avatar] = await Promise.all([
      sharedPool().load(manifest, { providers, outputs, finish: PATCH_BYTES }),
      this.#avatars.begin(this.props.avatar, this.props),
    ]);
    if (manifest.family === 'musetalk') demandLatents(manifest.name, avatar);
    this.#bare.clear();
    this.#model = model;
    this.#told = false;
    const { median, p99, rows } = model.timing;
    this.log.info('model ready', {
      model: manifest.name,
      provider: model.reason,
      ms: median,
      p99,
      fps: Math.round(rows),
      speakers: Math.floor(rows / 25),
    });
    const min = latencyOf(model.timing);
    // Frames wait in the out queue; at 25 frames a second it holds this much.
    this.setLatency({ min, max: min + framesToNs(LipsyncFilter.queue.out, 25) });
  }

  override stop(): void {
    this.#avatars.close();
    this.#model = undefined;
    this.#spent = [];
  }

  override setup({ fields }: Caps): string {
    const { manifest } = this.#ready();
    demandFeatures(manifest, fields['dimensions']);
    const { num, den } = fields['framerate'] as Fraction;
    this.#clock = new FrameClock({ num, den }, this.props.avatar);
    this.#framerate = num / den;
    const { size } = manifest;
    return `video/x-raw, format=RGB, width=${size}, height=${size}, framerate=${num}/${den}, pixel-aspect-ratio=1/1`;
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    const model = this.#ready();
    const { signal } = this;
    this.#speech = this.#visemes === undefined ? undefined : new SpeechMouth(this.#visemes);
    // Enough to keep every thread busy while the oldest one is waited for.
    const depth = this.props['batch-size'] > 1 || model.provider !== 'cpu' ? 32 : 8;
    const works: Promise<Item>[] = [];
    for (;;) {
      while (works.length < depth) {
        const item = works.length > 0 ? input.poll() : await input.next();
        if (item === undefined) break;
        if ('event' in item) this.#mark(item);
        const work = this.#work(model, item, signal);
        // Whoever takes the result sees the error; an abandoned one has nobody to tell.
        work.catch(() => undefined);
        works.push(work);
      }
      const oldest = works.shift();
      if (oldest === undefined) return;
      const item = await oldest;
      yield item;
      // C++ has copied it by now.
      if ('data' in item && item.gap !== true) this.#spent.push(item.data as Uint8Array<ArrayBuffer>);
    }
  }

  async #work(model: LoadedModel<Uint8Array<ArrayBuffer>>, item: Item, signal: AbortSignal): Promise<Item> {
    if ('event' in item) return item;
    const { pts = 0, duration, discont } = item;
    if (item.gap === true || item.data.length === 0) {
      return { data: new Uint8Array(0), gap: true, pts, duration, discont };
    }
    // At once: events behind it must not be seen by it.
    const mouth = this.#mouth(model, pts);
    const heard = floats(item).slice();
    this.release(item);
    const { avatar: id, counter } = this.#clock.at(pts);
    const avatar = this.#avatars.get(id) ?? (await this.#avatars.open(id));
    const frame = avatar.index(counter);
    avatar.ahead(counter);
    this.#tellSpeed(model);
    try {
      const shown = await this.#shown(avatar, frame);
      if (shown === undefined) return { data: new Uint8Array(0), gap: true, pts, duration, discont };
      const data = await model.infer({
        inputs: { [heardInput(model.manifest)]: heard, ...shown, ...mouth },
        into: this.#spent.pop(),
        signal,
        ...(this.props['batch-size'] > 0 ? { batch: this.props['batch-size'] } : {}),
        ...this.#deadline(pts),
      });
      return {
        data,
        pts,
        duration,
        discont,
        metas: { TalkgraphPatch: this.#meta(avatar, frame) },
      };
    } catch (error) {
      if (signal.aborted || !(error instanceof TalkError) || !isMissable(error)) throw error;
      this.#miss(error.message);
      return { data: new Uint8Array(0), gap: true, pts, duration, discont };
    }
  }

  /** Counts a missed frame; the log hears of the first and then now and then: a busy machine needs no more work. */
  #miss(reason: string): void {
    const missed = this.props.missed + 1;
    this.props.missed = missed;
    const now = performance.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + QUIET_MS;
    this.log.warn('frames are not done in time, the mouth rests for them', { missed, reason });
  }

  /** At once, so that frames behind it see it although those before it may still be in the works. */
  #mark({ name, fields }: EventItem): void {
    const mark = name.endsWith('/avatar') ? avatarMark(fields) : undefined;
    if (mark !== undefined) this.#clock.mark(mark);
    this.#speech?.event(name.slice(name.indexOf('/') + 1), fields);
  }

  /** The table of phonemes, where they are what moves the mouth. */
  async #table({ name, visemes }: Manifest): Promise<Visemes | undefined> {
    if (this.props.drive === 'audio') return undefined;
    if (visemes !== undefined) return readVisemes(visemes);
    if (this.props.drive === 'auto') return undefined;
    throw new TalkError(
      'library/settings',
      `The model ${name} hears its mouths and cannot be told them: drive=phonemes needs a model with "visemes" in its model.yaml, such as tinylip.`,
    );
  }

  /** What a model that can be told a mouth is told for the frame at `pts`. */
  #mouth(
    { manifest: { inputs, windowOffsetMs } }: Pick<LoadedModel<unknown>, 'manifest'>,
    pts: Ns,
  ): Record<string, Float32Array> {
    const length = inputs['mouth']?.[0];
    if (length === undefined) return {};
    const mouth = this.#speech?.at(pts, pts + ms(windowOffsetMs + MEL_MS));
    return { mouth: mouth ?? new Float32Array(length), drive: Float32Array.of(mouth === undefined ? 0 : 1) };
  }

  #meta(avatar: Avatar, frame: number): Fields {
    const { crop } = this.#ready().manifest;
    const { x, y, w, h } = avatar.box(frame, crop);
    return { avatar: avatar.id, frame, crop, x, y, w, h, layers: this.#layers };
  }

  /** What the model is shown of a frame: its pixels, or its latents; undefined where the avatar has none. */
  async #shown(
    avatar: Avatar,
    frame: number,
  ): Promise<Record<string, Float32Array | Uint8Array> | undefined> {
    const { name, family } = this.#ready().manifest;
    if (family !== 'musetalk') {
      while (!avatar.has(frame)) await avatar.load(frame);
      return { face: this.#face(avatar, frame) };
    }
    const latent = await avatar.latent(frame);
    if (latent !== undefined) return { latent };
    if (!this.#bare.has(avatar.id)) this.warn(lacksLatents(name, avatar));
    this.#bare.add(avatar.id);
    return undefined;
  }

  /** Says once, where pictures have their time, that this machine makes fewer than are shown. */
  #tellSpeed({ manifest: { name }, provider, timing: { rows } }: LoadedModel<Uint8Array<ArrayBuffer>>): void {
    if (this.#told || this.pipelineLatency === 0) return;
    this.#told = true;
    if (rows >= this.#framerate) return;
    const wanted = Math.round(this.#framerate);
    this.warn(
      `The model ${name} makes ${rows.toFixed(1)} pictures a second here (${provider}), ${wanted} are shown: ` +
        'the mouth rests for the others. A GPU, or a smaller model, keeps up.',
    );
  }

  #face(avatar: Avatar, frame: number): Float32Array | Uint8Array {
    const { manifest } = this.#ready();
    const { family, size, colour, pixels, crop } = manifest;
    const make = () => {
      const face = avatar.face(frame, size, crop);
      return pixels === 'bytes' ? face : pack(manifest, face, 'BGR');
    };
    const pack = family === 'wav2lip' ? packFace : packUltralight;
    // A long avatar comes back to a frame after minutes: what was made of it would only push out others.
    if (!avatar.whole) return make();
    const key = `${avatar.key}\n${pixels}${family}${crop}${colour}${size}\n${frame}`;
    return faces.get(key, make);
  }

  /** When the patch is wanted, on the wall clock for the order of work and on the pipeline's for giving up. */
  #deadline(pts: number): { deadline: number; expired: () => boolean } | Record<string, never> {
    const now = this.runningTime();
    const latency = this.pipelineLatency;
    if (now === undefined || latency === 0) return {};
    return {
      deadline: performance.now() + (pts + latency - now) / 1e6,
      expired: () => (this.runningTime() ?? 0) > pts + latency,
    };
  }

  #ready(): LoadedModel<Uint8Array<ArrayBuffer>> {
    if (this.#model === undefined) throw new TalkError('core/state-change', 'The model is not loaded.');
    return this.#model;
  }
}
