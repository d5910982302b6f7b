import { type Avatar, Backdrop, Cast, videoOf } from '../src/avatar/index.js';
import {
  type Caps,
  type ElementEvent,
  type Fields,
  type Fraction,
  type Frame,
  framesToNs,
  type Metadata,
  Mixer,
  ms,
  type Output,
  type PadFrames,
  type PadTemplates,
  type Properties,
  TalkError,
  type TimedFrame,
} from '../src/element/index.js';
import { BodyVideo } from '../src/lipsync/body.js';
import { avatarMark, FrameClock, IDLE_CLIP, sceneMark, type Tick } from '../src/lipsync/frameclock.js';
import { layerBytes } from '../src/lipsync/layers.js';
import { type Mouth, MouthState } from '../src/lipsync/mouth.js';
import { Crossfade } from '../src/picture/crossfade.js';
import { alphaIn, copyPicture, type Picture, pictureBytes, pictureIn } from '../src/picture/picture.js';

/** What a mouth is drawn on: the body's picture, if there is one, and what it is to a crossfade. */
interface Under {
  readonly body: Frame | undefined;
  readonly key: string;
}

/** Where a picture is put together. */
interface Canvas {
  readonly data: Uint8Array;
  readonly layer: Uint8Array;
  readonly key: string;
}

/**
 * Mouth patch and avatar frame to full pictures, one every frame, speech or not.
 *
 * The avatar's loop goes on by itself; a patch names the frame it was made for and gets it. Where no patch is, the
 * last mouth closes within two frames and the loop shows the avatar at rest. With the pad `body` linked, the
 * picture under the mouth comes from there: same framing as the avatar, any size.
 *
 * A `clip` mark shows a clip of the avatar instead, its mouth left alone; a cut ends it. The clip `idle`, where the
 * avatar has one, is shown while nobody speaks.
 *
 * Each picture waits on the clock for the last moment that still meets the sink, so a cut finds nothing of the old
 * speech behind it. All pixels in C++, and a mouth is drawn by the thread that carries the picture.
 */
export default class PasteBackMix extends Mixer<typeof PasteBackMix.properties> {
  static readonly metadata = {
    name: 'pastebackmix',
    longName: 'Mouth compositor',
    klass: 'Filter/Editor/Video/Compositor',
    description: 'Puts mouth patches into the pictures of an avatar',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    avatar: { type: 'string', default: 'ava', blurb: 'Avatar to show: a name, or a folder' },
    width: {
      type: 'uint',
      min: 0,
      max: 4096,
      default: 0,
      unit: 'pixels',
      blurb: "Width of the picture, even; 0 is the avatar's",
    },
    height: {
      type: 'uint',
      min: 0,
      max: 4096,
      default: 0,
      unit: 'pixels',
      blurb: "Height of the picture, even; 0 is the avatar's",
    },
    background: {
      type: 'string',
      default: '',
      blurb:
        "What lies behind the avatar: #rrggbb, a picture file, a video file, which is repeated, or transparent: the pictures keep their alpha; empty is the avatar's own",
    },
    clips: { type: 'path', default: '', blurb: 'Folder of more clips, for this session alone' },
    fade: {
      type: 'uint',
      min: 0,
      max: 5000,
      default: 0,
      unit: 'ms',
      blurb: 'How long one thing that is shown gives way to the next: avatar, clip, idle clip; 0 is at once',
    },
    late: {
      type: 'uint',
      default: 0,
      unit: 'frames',
      readonly: true,
      blurb: 'Patches that came after their picture had left',
    },
  } as const satisfies Properties;

  static readonly pads = {
    patch: {
      direction: 'sink',
      caps: 'video/x-raw, format=RGB, width=[8,1024], height=[8,1024], framerate=[1/1,120/1]',
    },
    body: {
      direction: 'sink',
      caps: 'video/x-raw, format=I420, width=[16,4096], height=[16,4096], framerate=[0/1,120/1]',
    },
    src: {
      caps: 'video/x-raw, format={I420, A420}, width=[16,4096], height=[16,4096], framerate=[1/1,120/1]',
    },
  } satisfies PadTemplates;

  static override readonly hold = true;
  /** What drawing a picture may take. */
  static override readonly holdAhead = ms(3);

  static readonly examples = [
    'audiotestsrc num-buffers=50 samplesperbuffer=320 ! audio/x-raw, rate=16000, channels=1 ! featextract ! lipsyncfilter ! pastebackmix ! fakesink',
    'videotestsrc num-buffers=25 ! video/x-raw, width=512, height=512 ! m.body audiotestsrc num-buffers=50 samplesperbuffer=320 ! audio/x-raw, rate=16000, channels=1 ! featextract ! lipsyncfilter ! m.patch pastebackmix name=m ! fakesink',
  ];

  #avatars = new Cast();
  #shown: Avatar | undefined;
  #clock = new FrameClock({ num: 25, den: 1 }, '');
  #mouth = new MouthState();
  #fade = new Crossfade(0);
  #framerate: Fraction | undefined;
  #patchSize = 0;
  /** How the model of the last patch has its faces cut. */
  #crop = '';
  #body = new BodyVideo();
  /** The video behind her. */
  #behind: Backdrop | undefined;
  /** The picture that is next. */
  #next = 0;
  /** A cut whose first picture has still to be told. */
  #untold: number | undefined;
  /** In a replay: the picture that shows the last old mouth, half closed. */
  #closing: number | undefined;
  /** The epoch that a cut began: marks before it are of what was cut. */
  #awaited: number | undefined;

  override async start(): Promise<void> {
    this.#avatars = new Cast({}, ({ message }) => this.warn(message));
    const { avatar, background } = this.props;
    const video = videoOf(background);
    this.#behind = video === undefined ? undefined : await Backdrop.open(video);
    this.#shown = await this.#avatars.begin(avatar, this.props);
    this.#clock = new FrameClock({ num: 25, den: 1 }, avatar, (id) => this.#idles(id));
    this.#mouth = new MouthState();
    this.#framerate = undefined;
    this.#body = new BodyVideo();
    this.#next = 0;
    this.#untold = undefined;
    this.#closing = undefined;
    this.#awaited = undefined;
    this.props.late = 0;
    this.#offer('[1/1,120/1]');
    this.#announce({ num: 25, den: 1 });
  }

  override async stop(): Promise<void> {
    this.#avatars.close();
    this.#shown = undefined;
    await this.#behind?.close();
  }

  override setup({ fields }: Caps, pad: string): void {
    const framerate = fields['framerate'] as Fraction;
    if (pad === 'src') {
      this.#framerate = framerate;
      this.#clock.retime(framerate);
      this.#behind?.begin(this.#face(), framerate);
      this.#fade = new Crossfade(Math.round((this.props.fade * framerate.num) / (1000 * framerate.den)));
      this.#announce(framerate);
    } else if (pad === 'patch') {
      this.#patchSize = fields['width'] as number;
      const fixed = this.#framerate;
      if (fixed === undefined) this.#offer(`${framerate.num}/${framerate.den}`);
      else if (fixed.num * framerate.den !== framerate.num * fixed.den) {
        throw new TalkError(
          'core/negotiation',
          `Patches come at ${framerate.num}/${framerate.den} a second, pictures leave at ${fixed.num}/${fixed.den}: both must be the same.`,
        );
      }
    } else {
      this.#body.setup(fields, this.#face().colour);
    }
  }

  override event({ name, fields, oob, upstream }: ElementEvent): void | Promise<void> {
    if (upstream) return undefined;
    const mark = name.slice(name.indexOf('/') + 1);
    if (mark === 'cut' && typeof fields['epoch'] === 'number') {
      this.#untold = fields['epoch'];
      this.#awaited = fields['epoch'];
    }
    if (mark === 'replay-cut') this.#replayCut(fields);
    if (oob) return undefined;
    // New speech is here before a picture was made without the old one: the next one is.
    if (mark === 'epoch') this.#tellCut(false);
    if (mark === 'replay-epoch' || (mark === 'epoch' && Number(fields['epoch']) >= (this.#awaited ?? 0))) {
      this.#awaited = undefined;
    }
    return this.#scene(mark, fields);
  }

  #scene(mark: string, fields: Fields): Promise<void> | undefined {
    if (mark === 'avatar') {
      const change = avatarMark(fields);
      if (change === undefined) return undefined;
      this.#clock.mark(change);
      return this.#unhurried(this.#avatars.open(change.name));
    }
    const scene = this.#awaited === undefined ? sceneMark(mark, fields) : undefined;
    if (scene === undefined) return undefined;
    this.#clock.act(scene);
    if (scene.name === undefined) return undefined;
    // One that was made since the avatar was opened.
    return this.#unhurried(this.#avatars.openClip(this.#clock.at(scene.pts).avatar, scene.name));
  }

  /** Live pictures do not wait for a disk: the old face stays until the new one is there. Offline nothing is urgent. */
  #unhurried(opening: Promise<unknown>): Promise<void> | undefined {
    const done = opening.then(
      () => undefined,
      (error: Error) => this.warn(error.message),
    );
    return this.pipelineLatency > 0 ? undefined : done;
  }

  /** Of a cut that is told ahead: what is done ends where it ended live. */
  #replayCut({ closing, picture }: Fields): void {
    this.#closing = closing as number | undefined;
    const pts = this.#closing === undefined ? Number(picture) : framesToNs(this.#closing, this.#rate());
    this.#clock.act({ pts, is: 'rest' });
    this.#awaited = Number.POSITIVE_INFINITY;
  }

  override aggregate(pads: PadFrames, { pts, n }: Output): TimedFrame | Promise<TimedFrame> {
    this.#next = n;
    if (this.lateFrames !== this.props.late) this.props.late = this.lateFrames;
    const { patch, body } = pads;
    const meta = patch === undefined ? undefined : patch.metas?.['TalkgraphPatch'];
    const named = this.#avatars.get(String(meta?.['avatar']));
    const mouth =
      patch === undefined || named === undefined
        ? undefined
        : this.#mouthOf(patch, meta?.['layers'] === true);
    if (patch === undefined || patch.stale === true) this.#tellCut(patch !== undefined);
    this.#mouth.next(mouth, patch?.stale === true || this.#isClosing(n));
    this.#next = n + 1;

    const tick = this.#clock.at(pts);
    const clip = this.#clip(tick, mouth !== undefined);
    if (clip !== undefined && tick.clip !== undefined) {
      clip.ahead(tick.clip.counter);
      const frame = clip.index(tick.clip.counter);
      const key = `${clip.id}@${tick.since}`;
      const show = () => this.#show(clip, frame, key);
      return this.#there(clip, frame) ? show() : this.#loaded(clip, frame).then(show);
    }
    // The one shown is asked for by name, so that it stays the last to be closed.
    const shown = this.#avatars.get(this.#face().id) ?? this.#face();
    const avatar = (mouth === undefined ? undefined : named) ?? this.#avatars.get(tick.avatar) ?? shown;
    this.#shown = avatar;
    const frame = mouth === undefined ? avatar.index(tick.counter) : Number(meta?.['frame']) % avatar.count;
    if (mouth !== undefined) this.#crop = String(meta?.['crop'] ?? '');
    avatar.ahead(tick.counter);
    const draw = () => this.#draw(avatar, frame, { body, key: `${avatar.id}@${tick.since}` });
    return this.#there(avatar, frame) ? draw() : this.#loaded(avatar, frame).then(draw);
  }

  /** The clip to show: none where it is not there yet, or where somebody speaks although no mark said so. */
  #clip({ avatar, clip }: Tick, speaks: boolean): Avatar | undefined {
    if (clip === undefined || (speaks && clip.name === IDLE_CLIP)) return undefined;
    // Behind a clip the avatar goes on: it must not be closed meanwhile.
    this.#avatars.get(avatar);
    return this.#avatars.clip(avatar, clip.name);
  }

  #idles(id: string): boolean {
    return this.#avatars.has(id, IDLE_CLIP);
  }

  /** The picture of an avatar is in memory, and so is what moves behind it. */
  #there(avatar: Avatar, frame: number): boolean {
    return avatar.has(frame) && this.#behindIsThere();
  }

  async #loaded(avatar: Avatar, frame: number): Promise<void> {
    while (!this.#there(avatar, frame)) {
      if (avatar.has(frame)) await this.#behind?.more();
      else await avatar.load(frame);
    }
  }

  #behindIsThere(): boolean {
    const there = this.#behind?.has(this.#next - 1, this.pipelineLatency > 0) ?? true;
    const complaint = this.#behind?.complaint();
    if (complaint !== undefined) this.warn(`${complaint} It stands still behind the avatar.`);
    return there;
  }

  /** A picture of a clip, as it is. */
  #show(clip: Avatar, frame: number, key: string): TimedFrame {
    const { data, layer } = this.#canvas(clip);
    layer.set(clip.data(frame));
    this.#finish(clip, { data, layer, key });
    return { data };
  }

  #draw(avatar: Avatar, frame: number, { body, key }: Under): TimedFrame {
    const { width, height } = avatar;
    const { data, layer } = this.#canvas(avatar);
    const own = avatar.data(frame);
    const video = this.#body.next(body, avatar);
    // A body video covers all of it.
    if (avatar.clear && video !== undefined) alphaIn(layer, width, height).fill(255);
    else if (avatar.clear) alphaIn(layer, width, height).set(alphaIn(own, width, height));
    copyPicture(pictureIn(layer, width, height), video ?? pictureIn(own, width, height));
    // The mouth is drawn behind it, whole.
    const picture = this.#finish(avatar, { data, layer, key });
    const stroke = this.#mouth.stroke(picture, {
      box: avatar.box(frame, this.#crop),
      colour: avatar.colour,
      reference: (size) => avatar.face(frame, size, this.#crop),
      mask: (size) => avatar.mask(size, this.#crop),
    });
    // Breathing is slow: of pictures at rest each second one can be spared.
    return { data, stroke, droppable: this.#mouth.rests && video === undefined && this.#next % 2 === 0 };
  }

  /** The frame that leaves, and what is drawn on: the same, or what comes before a video. */
  #canvas({ width, height, bytes }: Avatar): Pick<Canvas, 'data' | 'layer'> {
    if (this.#behind !== undefined) {
      return { data: this.alloc(pictureBytes(width, height)), layer: this.#behind.layer };
    }
    const data = this.alloc(bytes);
    return { data, layer: data };
  }

  /** What gives way to it, and what is behind it. */
  #finish({ width, height, clear }: Avatar, { data, layer, key }: Canvas): Picture {
    this.#fade.next(layer, key);
    const picture = pictureIn(data, width, height);
    if (this.#behind === undefined)
      return clear ? { ...picture, alpha: alphaIn(data, width, height) } : picture;
    this.#behind.lay(picture);
    return picture;
  }

  /** Upstream, so that the source can note which picture was the first without the old mouth, or `kept` it half closed. */
  #tellCut(kept: boolean): void {
    if (this.#untold === undefined) return;
    const fields = { cut: this.#untold, frame: this.#next, kept };
    this.#clock.act({ pts: framesToNs(this.#next, this.#rate()), is: 'rest' });
    this.sendEvent('gate', fields, { direction: 'up', pad: 'patch' });
    this.#untold = undefined;
  }

  #isClosing(n: number): boolean {
    if (this.#closing !== n) return false;
    this.#closing = undefined;
    return true;
  }

  #mouthOf({ data, gap }: Frame, layers: boolean): Mouth | undefined {
    const size = this.#patchSize;
    const bytes = 3 * size * size + (layers ? layerBytes(size) : 0);
    return gap === true || size === 0 || data.length < bytes ? undefined : { data, size, layers };
  }

  #rate(): Fraction {
    return this.#framerate ?? { num: 25, den: 1 };
  }

  #offer(framerate: string): void {
    const caps = this.#face().caps.replace(/framerate=[^,]*/, `framerate=${framerate}`);
    this.setOutputCaps(this.#behind === undefined ? caps : caps.replace('format=A420', 'format=I420'));
  }

  #announce(framerate: Fraction): void {
    const frame = framesToNs(1, framerate);
    this.setLatency({ min: frame, max: frame });
  }

  #face(): Avatar {
    if (this.#shown === undefined) throw new TalkError('core/state-change', 'No avatar is open.');
    return this.#shown;
  }
}
