import { type Avatar, Cast, demandBoxes, whenReleased } from '../src/avatar/index.js';
import {
  type Caps,
  type ElementEvent,
  type EventItem,
  type Fraction,
  type Frame,
  floats,
  type Item,
  type Metadata,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  TalkError,
} from '../src/element/index.js';
import { isMissable, Misses, toldBy } from '../src/inference/index.js';
import { blendPatches } from '../src/lipsync/blend.js';
import { forgetFaces } from '../src/lipsync/faces.js';
import { FirstMouth } from '../src/lipsync/firstmouth.js';
import { avatarMark, FrameClock, IDLE_CLIP, sceneMark, type Tick } from '../src/lipsync/frameclock.js';
import { demandFeatures, heardInput } from '../src/lipsync/heard.js';
import { inOrder } from '../src/lipsync/inorder.js';
import { Ladder, RUNGS } from '../src/lipsync/ladder.js';
import { lacksLatents } from '../src/lipsync/latents.js';
import { demandFace, dropLips, type Lips, loadLips } from '../src/lipsync/lips.js';
import { Pace } from '../src/lipsync/pace.js';
import { patchItem, patchOf, silent } from '../src/lipsync/patchitem.js';
import { shownOf } from '../src/lipsync/shown.js';
import { SpeechMouth, toldMouth } from '../src/lipsync/speechmouth.js';
import { Succession } from '../src/lipsync/succession.js';

/** Behind these marks nothing belongs to what was before. */
const ENDS = new Set(['utterance-end', 'utterance-pause', 'replay-epoch']);
whenReleased(forgetFaces);

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
 * Where this machine makes fewer mouths than are shown, for as many sessions as speak with the model, a live session infers
 * every second or fourth one, and blends those between of their neighbours (`rate`); it chooses anew with each utterance,
 * and the element message `mouth-rate` and the log say so. That takes one or three frames of latency. At the end of a
 * stretch the last mouth is held until its silence begins.
 *
 * The message `mouth-begun {id}` tells that the first mouth of an utterance leaves.
 *
 * Another `model` is loaded beside the one that speaks and takes over with a frame, or with the first window of its own
 * where it hears otherwise: then featextract is asked to change with it. The message `model` tells (`refused` where not).
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
    model: {
      type: 'string',
      default: 'tinylip',
      mutable: 'playing',
      blurb:
        'Lip-sync model: a name in models, or a folder; while it plays another one takes over with a frame',
    },
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
    clips: { type: 'path', default: '', blurb: 'Folder of more clips; as in the compositor' },
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

  readonly #models = new Succession({
    load: (name) => this.#load(name),
    demand: (lips) => {
      const avatar = this.#avatars.get(this.#face);
      if (avatar !== undefined) demandFace(lips, avatar);
    },
    ask: (name) => this.sendEvent('model', { name }, { direction: 'up', pad: 'sink' }),
    taken: (lips) => this.#taken(lips),
    refused: (name, stays, { message }) => {
      this.props.model = stays;
      this.post('model', { name: stays, refused: name, message });
      this.warn(message);
    },
  });
  #avatars = new Cast();
  #clock = new FrameClock({ num: 25, den: 1 }, '');
  /** Who was shown last. */
  #face = '';
  #framerate: Fraction = { num: 25, den: 1 };
  #speech: SpeechMouth | undefined;
  /** Patches that have left, to be filled again. */
  #spent: Uint8Array<ArrayBuffer>[] = [];
  readonly #misses = new Misses((fields) =>
    this.log.warn('frames are not done in time, the mouth rests for them', fields),
  );
  #pace: Pace | undefined;
  /** Avatars that were changed to and have no latents. */
  readonly #bare = new Set<string>();

  override async start(): Promise<void> {
    const avatars = new Cast();
    this.#avatars = avatars;
    const [loading, opening] = [this.#load(this.props.model), avatars.begin(this.props.avatar, this.props)];
    try {
      const [lips, avatar] = await Promise.all([loading, opening]);
      demandBoxes(avatar);
      demandFace(lips, avatar);
      this.#bare.clear();
      this.#face = this.props.avatar;
      this.#clock = new FrameClock(this.#framerate, this.#face, (id) => this.#avatars.has(id, IDLE_CLIP));
      this.#pace = new Pace(this, this.props.rate, LipsyncFilter.queue.out);
      this.#models.begin(lips);
    } catch (error) {
      // `stop` is not asked for what did not start.
      loading.then(dropLips).catch(() => undefined);
      opening.catch(() => undefined).finally(() => avatars.close());
      throw error;
    }
  }

  #load(name: string): Promise<Lips> {
    const { drive, provider } = this.props;
    return loadLips(name, { drive, provider, progress: toldBy(this) });
  }

  override stop(): void {
    this.#avatars.close();
    this.#pace?.rest();
    this.#models.end();
    this.#spent = [];
  }

  override setup({ fields }: Caps): string {
    const { model, manifest } = this.#models.now;
    demandFeatures(manifest, fields['dimensions']);
    this.#framerate = fields['framerate'] as Fraction;
    this.#clock.retime(this.#framerate);
    this.#pace?.set(model, this.#framerate.num / this.#framerate.den);
    // Not those of a model that is about to take over: patches of the one before it are still in the works.
    return this.#caps(this.#models.leaving);
  }

  override propertyChanged(name: string): void {
    if (name === 'model') void this.#models.want(this.props.model);
  }

  override event({ name, fields, upstream, oob }: ElementEvent): void {
    if (!upstream && oob && name === 'talkgraph/model')
      this.#models.refuse(fields['name'], fields['refused']);
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    const { signal } = this;
    const [ladder, firsts] = [new Ladder<Item>(), new FirstMouth()];
    this.#listen();
    const by: Lips[] = [];
    const items = inOrder(input, {
      start: (item: Item) => {
        const work = this.#start(ladder, item, signal);
        by.push(this.#models.now);
        return work;
      },
      // Enough to keep every thread busy while the oldest one is waited for.
      depth: () =>
        (this.props['batch-size'] > 1 || this.#models.now.model.provider !== 'cpu' ? 32 : 8) * this.#every,
      starved: () => ladder.open,
      ended: () => ladder.rest(),
    });
    const left: Uint8Array<ArrayBuffer>[] = [];
    for await (const item of items) {
      const lips = by.shift();
      if (lips !== undefined && this.#models.leave(lips)) {
        this.#spent = [];
        this.setOutputCaps(this.#caps(lips));
        this.post('model', { name: lips.name });
      }
      const id = firsts.of(item);
      if (id !== undefined) this.post('mouth-begun', { id });
      yield item;
      if ('event' in item || item.gap === true) continue;
      // C++ has copied it by now; but those that come next may still be blended of it.
      left.push(item.data as Uint8Array<ArrayBuffer>);
      if (left.length > RUNGS.quarter) this.#spent.push(left.shift()!);
    }
  }

  /** Has an item worked on. What it depends on is looked at at once: events behind it must not be seen by it. */
  #start(ladder: Ladder<Item>, item: Item, signal: AbortSignal): Promise<Item> {
    if ('event' in item) {
      if (this.#mark(item)) ladder.rest();
      return Promise.resolve(item);
    }
    if (this.#models.window()) ladder.rest();
    const lips = this.#models.now;
    const { pts = 0, duration = 0, discont = false } = item;
    if (item.gap === true || item.data.length === 0) {
      ladder.rest();
      return Promise.resolve(silent(item));
    }
    this.#pace?.tell();
    const every = this.#every;
    const tick = this.#clock.at(pts);
    this.#face = tick.avatar;
    return ladder.take(
      every,
      { pts, duration, discont, avatar: tick.avatar },
      {
        infer: () => this.#infer(lips, item, tick, signal),
        between: (before, after, step) => {
          this.release(item);
          return this.#between(lips, item, tick, [before, after], { step, every });
        },
      },
    );
  }

  /** The patch of a window as the model makes it, or a gap where it cannot. */
  async #infer(lips: Lips, item: Frame, { avatar: id }: Tick, signal: AbortSignal): Promise<Item> {
    const { manifest, model } = lips;
    const { pts = 0 } = item;
    const mouth = toldMouth(manifest, this.#speech, pts);
    const heard = floats(item).slice();
    this.release(item);
    const avatar = this.#avatars.get(id) ?? (await this.#avatars.open(id));
    // Whether it has an idle clip is known only now.
    const { counter } = this.#clock.at(pts);
    const frame = avatar.index(counter);
    avatar.ahead(counter);
    try {
      const shown = await shownOf(manifest, avatar, frame);
      if (shown === undefined) return this.#bareOf(lips, avatar, item);
      const data = await model.infer({
        inputs: { [heardInput(manifest)]: heard, ...shown, ...mouth },
        into: this.#spent.pop(),
        signal,
        ...(this.props['batch-size'] > 0 ? { batch: this.props['batch-size'] } : {}),
        ...this.#pace?.deadline(pts),
      });
      return patchItem(lips, item, data, avatar, frame);
    } catch (error) {
      if (signal.aborted || !(error instanceof TalkError) || !isMissable(error)) throw error;
      this.props.missed++;
      this.#misses.add(this.props.missed, error.message);
      return silent(item);
    }
  }

  /** A patch of its neighbours, with the meta of its own frame. With one neighbour it is that one again, with none a gap. */
  async #between(
    lips: Lips,
    item: Frame,
    { avatar: id }: Tick,
    neighbours: readonly [Promise<Item>, Promise<Item | undefined>],
    way: { readonly step: number; readonly every: number },
  ): Promise<Item> {
    const [before, after] = (await Promise.all(neighbours)).map(patchOf);
    const [one, other] = [before ?? after, after ?? before];
    const avatar = this.#avatars.get(id);
    if (one === undefined || other === undefined || avatar === undefined) return silent(item);
    const layout = { size: lips.manifest.size, layers: lips.layers };
    const data = blendPatches(layout, one, other, way, this.#spent.pop());
    return patchItem(lips, item, data, avatar, avatar.index(this.#clock.at(item.pts ?? 0).counter));
  }

  /** Says once of an avatar why its mouth rests. */
  #bareOf({ manifest }: Lips, avatar: Avatar, item: Frame): Item {
    if (avatar.boxed && !this.#bare.has(avatar.id)) this.warn(lacksLatents(manifest.name, avatar));
    this.#bare.add(avatar.id);
    return silent(item);
  }

  /** At once, so that frames behind it see it although those before it may still be in the works. True: a stretch ends. */
  #mark({ name, fields }: EventItem): boolean {
    const short = name.slice(name.indexOf('/') + 1);
    const mark = short === 'avatar' ? avatarMark(fields) : undefined;
    if (mark !== undefined) this.#clock.mark(mark);
    const scene = sceneMark(short, fields);
    if (scene !== undefined) this.#clock.act(scene);
    if (scene !== undefined && scene.is !== 'speech') this.#pace?.rest();
    this.#speech?.event(short, fields);
    if (short === 'model' && this.#models.answered(fields['name'])) return true;
    return ENDS.has(short) || (scene?.is === 'speech' && this.#pace?.speak() === true);
  }

  /** From the next window on this one draws. */
  #taken({ model, manifest }: Lips): void {
    this.#pace?.set(model);
    this.#listen();
    const { reason: provider, timing } = model;
    const { median: ms, p99, rows } = timing;
    const facts = { model: manifest.name, provider, ms, p99, fps: Math.round(rows) };
    this.log.info('model ready', { ...facts, speakers: Math.floor(rows / 25) });
  }

  /** Begins to listen to what the voice names, where the model can be told. */
  #listen(): void {
    const { visemes } = this.#models.now;
    this.#speech = visemes === undefined ? undefined : new SpeechMouth(visemes);
  }

  #caps({ manifest: { size } }: Lips): string {
    const { num, den } = this.#framerate;
    return `video/x-raw, format=RGB, width=${size}, height=${size}, framerate=${num}/${den}, pixel-aspect-ratio=1/1`;
  }

  get #every(): number {
    return this.#pace?.now ?? 1;
  }
}
