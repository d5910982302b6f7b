import { type Avatar, Cast, demandBoxes, whenReleased } from '../src/avatar/index.js';
import {
  type Caps,
  type EventItem,
  type Fields,
  type Fraction,
  type Frame,
  floats,
  framesToNs,
  type Item,
  type Metadata,
  type Ns,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  TalkError,
  type TimedFrame,
} from '../src/element/index.js';
import {
  isMissable,
  type LoadedModel,
  latencyOf,
  Misses,
  readManifest,
  readProviders,
  sharedPool,
  toldBy,
} from '../src/inference/index.js';
import { blendPatches } from '../src/lipsync/blend.js';
import { faceOf, forgetFaces } from '../src/lipsync/faces.js';
import { avatarMark, FrameClock, IDLE_CLIP, sceneMark, type Tick } from '../src/lipsync/frameclock.js';
import { demandFeatures, heardInput } from '../src/lipsync/heard.js';
import { inOrder } from '../src/lipsync/inorder.js';
import { type Every, Ladder, RUNGS, rungFor, tooSlow } from '../src/lipsync/ladder.js';
import { hasLayers, LAYERS } from '../src/lipsync/layers.js';
import { demandLatents, lacksLatents } from '../src/lipsync/musetalk.js';
import { PATCH_BYTES } from '../src/lipsync/patchbytes.js';
import { patchOf, silent } from '../src/lipsync/patchitem.js';
import { SpeechMouth, toldMouth } from '../src/lipsync/speechmouth.js';
import { type Visemes, visemesFor } from '../src/lipsync/visemes.js';

/** Behind these marks nothing belongs to what was before. */
const ENDS = new Set(['utterance-end', 'utterance-pause', 'replay-epoch']);
whenReleased(forgetFaces);

type Model = LoadedModel<Uint8Array<ArrayBuffer>>;

/**
 * Feature windows to mouth patches, by a lip-sync model that all sessions share.
 *
 * Each patch is an RGB square with the meta TalkgraphPatch, which names the avatar frame it was made for: a pure
 * function of PTS and of the marks before it (`avatar`; with an idle clip, who speaks). Where the model gives layers (flow, alpha, paint), they
 * follow behind the RGB bytes and the meta says so; the compositor then opens the mouth at full sharpness. A
 * silent window passes through as the gap it is.
 *
 * Where the voice names its sounds and the model can be told a mouth, the mouth is what they look like: right for any
 * voice. Otherwise, and with `drive=audio`, it is what the model hears.
 *
 * Several windows are in the works at a time and leave in order. A window that cannot be done in time becomes a
 * gap: a mouth that rests for one frame is better than a late one.
 *
 * Where this machine makes fewer mouths than are shown, a live session infers every second or fourth one, and blends those
 * between of their neighbours (`rate`); the element message `mouth-rate` and the log say so. That takes one or three
 * frames of latency. At the end of a stretch the last mouth is held until its silence begins.
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
    rate: {
      type: 'enum',
      values: ['auto', 'full', 'half', 'quarter'],
      default: 'auto',
      blurb:
        'Which frames are inferred: all, every second or every fourth, those between are blended; auto is what this machine keeps up with, and all where nothing is live',
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

  #model: Model | undefined;
  #avatars = new Cast();
  #clock = new FrameClock({ num: 25, den: 1 }, '');
  #layers = false;
  #visemes: Visemes | undefined;
  #speech: SpeechMouth | undefined;
  /** Patches that have left, to be filled again. */
  #spent: Uint8Array<ArrayBuffer>[] = [];
  readonly #misses = new Misses((fields) =>
    this.log.warn('frames are not done in time, the mouth rests for them', fields),
  );
  #framerate = 25;
  /** Every how many-th frame this machine keeps up with, or was told. */
  #rung: Every = 1;
  /** The latency that was declared. */
  #latency: Ns = -1;
  /** The speed of the model was looked at, where it matters. */
  #told = false;
  /** Avatars that were changed to and have no latents. */
  readonly #bare = new Set<string>();

  override async start(): Promise<void> {
    this.#avatars = new Cast();
    const manifest = await readManifest(this.props.model);
    this.#layers = hasLayers(manifest);
    this.#visemes = await visemesFor(manifest, this.props.drive);
    const outputs = manifest.pixels === 'bytes' ? ['rgb'] : ['out', ...(this.#layers ? LAYERS : [])];
    const providers = readProviders(this.props.provider);
    const [model, avatar] = await Promise.all([
      sharedPool().load(manifest, { providers, outputs, finish: PATCH_BYTES, progress: toldBy(this) }),
      this.#avatars.begin(this.props.avatar, this.props),
    ]);
    demandBoxes(avatar);
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
    this.#latency = -1;
    this.#pace(25);
  }

  /** Chooses the rung for a frame rate, and declares the latency: a frame between waits for the next inferred one. */
  #pace(framerate: number): void {
    const [{ timing }, { rate }] = [this.#ready(), this.props];
    this.#framerate = framerate;
    this.#rung = rate === 'auto' ? rungFor(timing.rows, framerate) : RUNGS[rate];
    const min = latencyOf(timing) + framesToNs(this.#rung - 1, framerate);
    if (min === this.#latency) return;
    this.#latency = min;
    // Frames wait in the out queue; it holds this much.
    this.setLatency({ min, max: min + framesToNs(LipsyncFilter.queue.out, framerate) });
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
    this.#clock = new FrameClock({ num, den }, this.props.avatar, (id) => this.#avatars.has(id, IDLE_CLIP));
    this.#pace(num / den);
    const { size } = manifest;
    return `video/x-raw, format=RGB, width=${size}, height=${size}, framerate=${num}/${den}, pixel-aspect-ratio=1/1`;
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    const model = this.#ready();
    const { signal } = this;
    this.#speech = this.#visemes === undefined ? undefined : new SpeechMouth(this.#visemes);
    const ladder = new Ladder<Item>();
    // Enough to keep every thread busy while the oldest one is waited for.
    const depth = (this.props['batch-size'] > 1 || model.provider !== 'cpu' ? 32 : 8) * this.#rung;
    const items = inOrder(input, {
      start: (item: Item) => this.#start(model, ladder, item, signal),
      depth,
      starved: () => ladder.open,
      ended: () => ladder.rest(),
    });
    const left: Uint8Array<ArrayBuffer>[] = [];
    for await (const item of items) {
      yield item;
      if ('event' in item || item.gap === true) continue;
      // C++ has copied it by now; but those that come next may still be blended of it.
      left.push(item.data as Uint8Array<ArrayBuffer>);
      if (left.length > this.#rung) this.#spent.push(left.shift()!);
    }
  }

  /** Has an item worked on. What it depends on is looked at at once: events behind it must not be seen by it. */
  #start(model: Model, ladder: Ladder<Item>, item: Item, signal: AbortSignal): Promise<Item> {
    if ('event' in item) {
      this.#mark(item);
      if (ENDS.has(item.name.slice(item.name.indexOf('/') + 1))) ladder.rest();
      return Promise.resolve(item);
    }
    const { pts = 0, duration = 0, discont = false } = item;
    if (item.gap === true || item.data.length === 0) {
      ladder.rest();
      return Promise.resolve(silent(item));
    }
    this.#tellSpeed(model);
    // What has time is rendered as well as can be.
    const every = this.props.rate === 'auto' && this.pipelineLatency === 0 ? 1 : this.#rung;
    const tick = this.#clock.at(pts);
    return ladder.take(
      every,
      { pts, duration, discont, avatar: tick.avatar },
      {
        infer: () => this.#infer(model, item, tick, signal),
        between: (before, after, step) => {
          this.release(item);
          return this.#between(item, tick, [before, after], { step, every });
        },
      },
    );
  }

  /** The patch of a window as the model makes it, or a gap where it cannot. */
  async #infer(model: Model, item: Frame, { avatar: id }: Tick, signal: AbortSignal): Promise<Item> {
    const { pts = 0 } = item;
    const mouth = toldMouth(model.manifest, this.#speech, pts);
    const heard = floats(item).slice();
    this.release(item);
    const avatar = this.#avatars.get(id) ?? (await this.#avatars.open(id));
    // Whether it has an idle clip is known only now.
    const { counter } = this.#clock.at(pts);
    const frame = avatar.index(counter);
    avatar.ahead(counter);
    try {
      const shown = await this.#shown(avatar, frame);
      if (shown === undefined) return silent(item);
      const data = await model.infer({
        inputs: { [heardInput(model.manifest)]: heard, ...shown, ...mouth },
        into: this.#spent.pop(),
        signal,
        ...(this.props['batch-size'] > 0 ? { batch: this.props['batch-size'] } : {}),
        ...this.#deadline(pts),
      });
      return this.#patch(item, data, avatar, frame);
    } catch (error) {
      if (signal.aborted || !(error instanceof TalkError) || !isMissable(error)) throw error;
      this.props.missed++;
      this.#misses.add(this.props.missed, error.message);
      return silent(item);
    }
  }

  /** A patch of its neighbours, with the meta of its own frame. With one neighbour it is that one again, with none a gap. */
  async #between(
    item: Frame,
    { avatar: id }: Tick,
    neighbours: readonly [Promise<Item>, Promise<Item | undefined>],
    way: { readonly step: number; readonly every: number },
  ): Promise<Item> {
    const [before, after] = (await Promise.all(neighbours)).map(patchOf);
    const [one, other] = [before ?? after, after ?? before];
    const avatar = this.#avatars.get(id);
    if (one === undefined || other === undefined || avatar === undefined) return silent(item);
    const layout = { size: this.#ready().manifest.size, layers: this.#layers };
    const data = blendPatches(layout, one, other, way, this.#spent.pop());
    return this.#patch(item, data, avatar, avatar.index(this.#clock.at(item.pts ?? 0).counter));
  }

  #patch({ pts, duration, discont }: Frame, data: Uint8Array, avatar: Avatar, frame: number): TimedFrame {
    return { data, pts, duration, discont, metas: { TalkgraphPatch: this.#meta(avatar, frame) } };
  }

  /** At once, so that frames behind it see it although those before it may still be in the works. */
  #mark({ name, fields }: EventItem): void {
    const short = name.slice(name.indexOf('/') + 1);
    const mark = short === 'avatar' ? avatarMark(fields) : undefined;
    if (mark !== undefined) this.#clock.mark(mark);
    const scene = sceneMark(short, fields);
    if (scene !== undefined) this.#clock.act(scene);
    this.#speech?.event(short, fields);
  }

  #meta(avatar: Avatar, frame: number): Fields {
    const { crop } = this.#ready().manifest;
    const { x, y, w, h } = avatar.box(frame, crop);
    return { avatar: avatar.id, frame, crop, x, y, w, h, layers: this.#layers };
  }

  /** What the model is shown of a frame: its pixels, or its latents; undefined where the avatar has none, or no boxes. */
  async #shown(
    avatar: Avatar,
    frame: number,
  ): Promise<Record<string, Float32Array | Uint8Array> | undefined> {
    const { name, family } = this.#ready().manifest;
    if (!avatar.boxed) return undefined;
    if (family !== 'musetalk') {
      while (!avatar.has(frame)) await avatar.load(frame);
      return { face: faceOf(this.#ready().manifest, avatar, frame) };
    }
    const latent = await avatar.latent(frame);
    if (latent !== undefined) return { latent };
    if (!this.#bare.has(avatar.id)) this.warn(lacksLatents(name, avatar));
    this.#bare.add(avatar.id);
    return undefined;
  }

  /** Says once, where pictures have their time, that this machine makes fewer than are shown, and what is done about it. */
  #tellSpeed({ manifest: { name: model }, provider, timing: { rows } }: Model): void {
    const live = this.pipelineLatency > 0;
    if (this.#told || !(live || (this.props.rate !== 'auto' && this.#rung > 1))) return;
    this.#told = true;
    const [every, wanted] = [this.#rung, this.#framerate];
    if (every > 1) {
      this.post('mouth-rate', { every, model, rows, wanted });
      this.log.info('some mouths are inferred, those between are blended', { every, model, rows, wanted });
    }
    if (!live || rows >= wanted / every) return;
    this.warn(tooSlow({ model, provider, rows }, wanted, every));
  }

  /**
   * When the patch is wanted, on the wall clock for the order of work and on the pipeline's for giving up: frames between
   * want it earlier, but late for them it is still in time for its own.
   */
  #deadline(pts: number): { deadline: number; expired: () => boolean } | Record<string, never> {
    const now = this.runningTime();
    const latency = this.pipelineLatency;
    if (now === undefined || latency === 0) return {};
    return {
      deadline: performance.now() + (pts - framesToNs(this.#rung - 1, this.#framerate) + latency - now) / 1e6,
      expired: () => (this.runningTime() ?? 0) > pts + latency,
    };
  }

  #ready(): Model {
    if (this.#model === undefined) throw new TalkError('core/state-change', 'The model is not loaded.');
    return this.#model;
  }
}
