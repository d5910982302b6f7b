/**
 * Text to speech, on the media clock.
 *
 * All time of a session is made here, from one counter of video frames (src/voice/timeline.ts), and only carried afterwards. Each buffer is one
 * video frame's worth of samples. Live, speech leaves up to `lead` before it is heard, so that the mouth model can look ahead without
 * anybody waiting; silence leaves at its own time, so that a new utterance starts with the next frame.
 *
 * Text comes by the signal `say`, or by the pad `text` while it is written (docs/conversation.md has its events); what was heard
 * of it goes back there when it was cut, and what is said of it again when the cut was not meant.
 *
 * In-band events, each right before the frame it belongs to: `talkgraph/lead` (once, sticky), `utterance-start`, `utterance-pause`,
 * `utterance-resume`, `sentence`, `word`, `utterance-end`; `clip` where a clip of the avatar begins, and without a name where it ends; `epoch`
 * after a cut; `phonemes` before what a voice names the sounds of (`list`: JSON of [phone, start, duration], us from `pts`; `epoch`). Messages:
 * `schedule` (JSON of each utterance, clip, cut, and what a gate made of it), `interrupted`, `speech-failed`, `speech-incomplete`, `voice-fallback`,
 * `voice-begun` {id, engine, ms} (its first sound is there, `ms` after it was asked of that engine).
 */
import { randomUUID } from 'node:crypto';
import { playedClip } from '../src/avatar/played-clip.js';
import {
  Cuts,
  Drafts,
  type ElementEvent,
  type EventItem,
  type Fields,
  type Frame,
  type Metadata,
  type Ns,
  type PadTemplates,
  type Position,
  type Properties,
  type Signals,
  Source,
  TalkError,
  type TimedFrame,
} from '../src/element/index.js';
import { Heard } from '../src/voice/heard.js';
import { expectVoices, readyVoices } from '../src/voice/index.js';
import { LONGEST, parseFramerate, refusal, voiceFailure } from '../src/voice/limits.js';
import { MARK_LEVELS, Narrator, type Saying } from '../src/voice/narrator.js';
import { Notes } from '../src/voice/notes.js';
import { Replayer } from '../src/voice/replayer.js';
import { readSchedule } from '../src/voice/schedule.js';
import { endsIn, slotItems } from '../src/voice/slotitems.js';
import { SpokenDrafts } from '../src/voice/spokendrafts.js';
import { TextInput, type Utterable } from '../src/voice/textinput.js';
import { type Slot, Timeline } from '../src/voice/timeline.js';
import { Unheard } from '../src/voice/unheard.js';

export default class TtsSrc extends Source<typeof TtsSrc.properties> {
  static readonly metadata = {
    name: 'ttssrc',
    longName: 'Text-to-speech source',
    klass: 'Source/Audio',
    description: 'Speaks text with any voice, paced by the clock, silent in between',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    text: {
      type: 'string',
      default: '',
      blurb: 'Said at the start; when not live, the stream ends behind it',
    },
    voice: {
      type: 'string',
      default: 'flite/slt',
      mutable: 'playing',
      blurb: 'ENGINE/NAME of the voice; several with commas between: where one fails, the next one goes on',
    },
    avatar: { type: 'string', default: '', mutable: 'playing', blurb: 'Avatar whose clips it plays' },
    clips: { type: 'path', default: '', blurb: 'Folder of more clips, for this session alone' },
    rate: {
      type: 'uint',
      unit: 'Hz',
      min: 8000,
      max: 48000,
      default: 24000,
      blurb: 'Sample rate of the session',
    },
    framerate: {
      type: 'string',
      default: '25/1',
      blurb: 'Video frames per second that speech is aligned to',
    },
    lead: {
      type: 'uint',
      unit: 'ms',
      min: 0,
      max: 2000,
      default: 300,
      blurb: 'How far ahead of its time speech may leave',
    },
    'look-ahead': {
      type: 'uint',
      unit: 'ms',
      min: 0,
      max: 2000,
      default: 200,
      blurb: 'How much speech must be in hand before an utterance starts',
    },
    'is-live': {
      type: 'bool',
      default: true,
      blurb: 'Keep to the clock; otherwise as fast as the graph takes it',
    },
    marks: {
      type: 'enum',
      values: MARK_LEVELS,
      default: 'word',
      blurb: 'Finest marks that travel with the speech',
    },
    loudness: {
      type: 'int',
      min: -40,
      max: 0,
      default: 0,
      blurb: 'Level in dBFS that voices are brought to, as -20; 0 leaves them as they are',
    },
    'max-queue': {
      type: 'uint',
      min: 1,
      max: 10000,
      default: 64,
      blurb: 'Utterances that may wait; one more is refused',
    },
    schedule: { type: 'path', default: '', blurb: 'Say what this schedule says, frame by frame as it was' },
  } as const satisfies Properties;

  static readonly pads = {
    src: { caps: 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=[8000,48000]' },
    text: { caps: 'text/x-raw, format=utf8' },
  } satisfies PadTemplates;

  static readonly signals = {
    say: {
      params: { text: 'string', voice: 'string?', id: 'string?' },
      blurb: 'Says text after what is being said; events carry the id, one is made up when there is none',
    },
    clip: {
      params: { name: 'string', id: 'string?' },
      blurb: 'Plays a clip of the avatar after what is being said, with its sound',
    },
    cut: {
      params: { id: 'string?' },
      blurb: 'Stops speaking now and forgets what was to be said; a cut whose id it knows is done',
    },
  } as const satisfies Signals;

  static readonly examples = ['ttssrc is-live=false text="Hello there." ! audioconvert ! fakesink'];

  #timeline!: Timeline;
  #narrator!: Narrator;
  #live = true;
  #epoch = 0;
  /** The next frame to leave follows a jump. */
  #jumped = false;
  #proposed: Slot | undefined;
  #wake: (() => void) | undefined;
  #replay: Replayer | undefined;
  #cuts = new Cuts();
  #drafts = new Drafts();
  #drafted!: SpokenDrafts;
  readonly #heard = new Heard();
  readonly #unheard = new Unheard(this.#heard);
  #input!: TextInput;
  /** Somebody writes, and may write more. */
  #written = false;
  readonly #notes = new Notes(
    (entry) => this.post('schedule', { entry }),
    () => this.props.voice,
  );

  override async start(): Promise<void> {
    const { lead, framerate, text, voice, schedule } = this.props;
    const replay = schedule === '' ? undefined : await readSchedule(schedule);
    const rate = replay?.head.rate ?? this.props.rate;
    this.#live = this.props['is-live'] && !replay;
    this.#written = this.inputs.length > 0;
    if (!this.#live && !replay && text.trim() === '' && !this.#written) {
      throw new TalkError('resource/settings', 'Expected something to say for text but received nothing.');
    }
    const fps = parseFramerate(replay?.head.framerate ?? framerate);
    await readyVoices(voice);
    this.#timeline = new Timeline({
      rate,
      fps,
      lead: lead * 1e6,
      lookAhead: this.props['look-ahead'] * 1e6,
      pacing: replay ? 'schedule' : this.#live ? 'live' : 'offline',
    });
    this.#narrator = new Narrator({
      timeline: this.#timeline,
      rate,
      marks: this.props.marks,
      loudness: this.props.loudness === 0 ? undefined : this.props.loudness,
      clip: async (name) => {
        const { sound, frames } = await playedClip(this.props.avatar, name, this.props.clips);
        return { sound, seconds: this.#timeline.ptsOf(frames) / 1e9 };
      },
      made: (id, samples, marks) => this.#heard.made(id, samples, marks),
      begun: (id, engine, ms) => this.post('voice-begun', { id, engine, ms }),
      changed: () => this.#changed(),
      failed: (error, { id }) => this.#failed(error, id),
      warned: ({ name, fields }, { id }) => {
        this.post(name, { id, ...fields });
        this.warn(fields.message);
      },
    });
    [this.#cuts, this.#drafts] = [new Cuts(), new Drafts()];
    this.#unheard.clear();
    this.#input = new TextInput({
      cuts: this.#cuts,
      drafts: this.#drafts,
      longest: LONGEST,
      say: (utterable) => this.#utter(utterable),
      failed: (error, id) => this.#failed(error, id),
      expected: () => expectVoices(this.props.voice),
    });
    this.#drafted = new SpokenDrafts({
      ...{ timeline: this.#timeline, narrator: this.#narrator, unheard: this.#unheard, input: this.#input },
      ...{ live: this.#live, lead: lead * 1e6, latency: () => this.pipelineLatency },
      now: () => (this.#live ? this.runningTime() : undefined),
      takeBack: () => this.#jump(this.#timeline.rewind(this.#unheardFrom())),
      interrupted: (heard, pts) => {
        const fields = this.#heard.interrupted(heard, this.#timeline, pts);
        this.#tellWriter('heard', { id: fields.id, text: fields.heard });
        this.post('interrupted', fields);
      },
      placed: (placed) => this.#notes.placed(placed),
      changed: () => this.#changed(),
    });
    [this.#proposed, this.#jumped] = [undefined, false];
    this.setOutputCaps(`audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${rate}`);
    // Offline too, with nothing in it: who follows knows before the first utterance that they are marked, as it does live.
    this.sendEvent('lead', { ns: this.#live ? lead * 1e6 : 0 }, { sticky: true });
    this.#replay = replay && new Replayer(replay.entries, this.#timeline, this.#narrator);
    if (text !== '') this.say(text);
  }

  override async stop(): Promise<void> {
    await this.#narrator?.close();
    this.#wake?.();
    this.#notes.clear();
  }

  override create({
    pts,
  }: Position): (TimedFrame | EventItem)[] | null | Promise<(TimedFrame | EventItem)[] | null> {
    // Exactly its end: after a cut the position is a later one until the first frame has left.
    if (this.#proposed && pts === this.#timeline.ptsOf(this.#proposed.frame + 1)) this.#left(this.#proposed);
    this.#proposed = undefined;
    const jump = this.#replay?.cutAgain();
    this.#jumped ||= jump !== undefined;
    if (jump !== undefined) return [jump];
    const now = this.#live ? (this.runningTime() ?? 0) : undefined;
    if (now !== undefined) this.#drafted.check(now);
    const slot = this.#timeline.slot(now);
    if (typeof slot === 'object') {
      this.#proposed = slot;
      const [timeline, epoch, discont] = [this.#timeline, this.#epoch, this.#jumped];
      const announced = this.#replay?.announce(slot.frame) ?? [];
      return slotItems(slot, { timeline, epoch, discont, announced });
    }
    if (slot === 'empty' && this.#narrator.idle && !this.#written) return null;
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
    }).then(() => (this.signal.aborted ? null : this.create({ pts, frames: 0 })));
  }

  /** Queues `text`. What cannot be queued is told as `speech-failed`; what is being said goes on. */
  say(text: string, voice?: string | null, id?: string | null): void {
    this.#utter({ id: id || randomUUID(), text, voice: voice ?? '' });
  }

  /** Queues a clip of the avatar. What cannot be played is told as `speech-failed`. */
  clip(name: string, id?: string | null): void {
    this.#queue({ id: id || randomUUID(), text: name, voice: '', kind: 'clip' });
  }

  #utter({ voice, due, ...rest }: Utterable): boolean {
    const draft = due === undefined ? {} : { draft: this.#drafted.startOf(due), due };
    return this.#queue({ ...rest, ...draft, voice: voice || this.props.voice });
  }

  /** A cut was not meant: what it left unsaid is said, unless something else was since. */
  #resume(cut: string): void {
    for (const { id, of, text, voice } of this.#unheard.take(cut)) {
      if (!this.#queue({ id, text, voice }, true)) return;
      this.#tellWriter('resumed', { id, of, text });
    }
  }

  #tellWriter(name: string, fields: Fields): void {
    if (this.inputs.length > 0) this.sendEvent(name, fields, { direction: 'up', pad: 'text' });
  }

  /** False when it is refused. */
  #queue(saying: Saying, again = false): boolean {
    const problem = refusal(saying.text, this.#timeline.pending, this.props['max-queue']);
    if (problem) {
      this.#failed(problem, saying.id);
      return false;
    }
    if (saying.kind !== 'clip') this.#notes.speaks(saying.id, saying.voice);
    const text = saying.kind === 'clip' ? '' : saying.text;
    if (saying.draft === undefined) this.#unheard.add(saying.id, text, saying.voice, again);
    else this.#drafted.add(saying);
    this.#narrator.say(saying);
    return true;
  }

  /** A part of a text that another element writes. */
  override render({ data }: Frame): void {
    this.#input.take(Buffer.from(data).toString());
  }

  /** Nobody writes any more. */
  override drain(): void {
    this.#input.end();
    this.#written = false;
    this.#changed();
  }

  /** Stops at once: the voice's work, what is queued here, and by an event that overtakes all data what is on its way. */
  cut(id?: string | null): void {
    const cut = id || randomUUID();
    if (!this.#cuts.take(cut)) return;
    this.#narrator.cut();
    this.#drafted.clear();
    const { heardAt, from, frame } = this.#unheardFrom();
    const heard = heardAt === undefined ? undefined : this.#timeline.heard(heardAt);
    this.#unheard.cut(cut, heard);
    this.#input.cut();
    const dropped = this.#timeline.cut(frame);
    const pts = this.#jump({ frame, heardAt });
    this.#tellWriter('interrupted', { cut, cuts: this.#cuts.count, ...this.#heard.told(heard) });
    this.#notes.cut(dropped, { number: this.#epoch, from, frame: Math.min(from, frame) });
    if (heard?.over === false) this.post('interrupted', this.#heard.interrupted(heard, this.#timeline, pts));
    this.#changed();
  }

  /** The first frame that nobody has heard; `from` is the next to leave. */
  #unheardFrom(): { heardAt: Ns | undefined; from: number; frame: number } {
    const now = this.#live ? this.runningTime() : undefined;
    // What cannot be taken back has left, also when nobody has asked for the next yet.
    if (!this.revise() && this.#proposed) this.#left(this.#proposed);
    this.#proposed = undefined;
    const from = this.#timeline.frame;
    const heardAt = now === undefined ? undefined : now - this.pipelineLatency;
    // One before it: the gates leave away what is out already, and one that is late still finds silence that joins.
    const frame = heardAt === undefined ? from : Math.max(0, this.#timeline.frameAt(heardAt) - 1);
    return { heardAt, from, frame };
  }

  /** Tells everybody behind that time goes on at `frame`, and what was heard until now, and returns when that is. */
  #jump({ frame, heardAt: heard }: { readonly frame: number; readonly heardAt: Ns | undefined }): Ns {
    const pts = this.#timeline.ptsOf(frame);
    const fields = { epoch: ++this.#epoch, pts, ...(heard !== undefined && { heard }) };
    this.sendEvent('cut', fields, { oob: true });
    this.#jumped = true;
    this.sendEvent('epoch', fields);
    return pts;
  }

  /** A gate tells what it made of a cut; whoever writes marks off what belongs together; a duck is for the gates. */
  override event({ name, fields, upstream }: ElementEvent): void {
    const draft = upstream ? undefined : this.#drafts.event(name, fields);
    if (draft !== undefined) this.#drafted.settle(draft);
    else if (!upstream) {
      if (name === 'talkgraph/barge-in') this.cut(String(fields['cut'] ?? ''));
      else if (name === 'talkgraph/resume') this.#resume(String(fields['cut'] ?? ''));
      else if (name === 'talkgraph/duck') this.sendEvent('duck', fields, { oob: true });
      else this.#input.event(name, fields);
    } else this.#notes.gate(name, fields);
  }

  /** A proposed frame has been pushed. */
  #left(slot: Slot): void {
    this.#timeline.commit();
    this.#jumped = false;
    this.#narrator.drained();
    // A draft that has ended is noted when it is kept.
    if (endsIn(slot) && this.#timeline.draft === undefined) this.#notes.placed(this.#timeline.lastEnded);
  }

  /** New samples: a silent frame that still waits for its time gives way to them. */
  #changed(): void {
    this.#wake?.();
    this.#wake = undefined;
    if (this.#live && this.#proposed && !this.#proposed.samples) this.revise();
  }

  #failed(error: unknown, id: string): void {
    const failure = voiceFailure(error);
    const { code, message, retryable } = failure;
    this.post('speech-failed', { id, code, message, retryable });
    if (this.#live) this.warn(message);
    else this.fail(failure);
  }
}
