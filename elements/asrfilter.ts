import { randomUUID } from 'node:crypto';
import { Attention, type Heard } from '../src/dialog/ears/attention.js';
import type { Recogniser, RecogniserSettings } from '../src/dialog/ears/recogniser.js';
import { recogniser } from '../src/dialog/ears/recognisers.js';
import { TurnCuts } from '../src/dialog/ears/turncuts.js';
import {
  type Caps,
  type ElementEvent,
  type EventItem,
  type Fields,
  type Item,
  type Metadata,
  type Ns,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  pcm,
  type Signals,
} from '../src/element/index.js';

/** A microphone of which nothing came for so long is closed. */
const CLOSED: Ns = 1e9;

/**
 * Turns what a user says into text, turn by turn: one buffer for each, its PTS where the turn began.
 *
 * Put `vadfilter` before it: its marks make the turns, unless a button does (`mode=push-to-talk`, signal `button`). Tell it by the
 * signal `saying` what is being said to the user, and `''` when that is over: whoever speaks meanwhile takes the turn. Each buffer
 * has a meta `TalkgraphTurn` {id, voice, cut, by} as `textsrc` gives it: `id` is what the answer is to be called, `cut` the last cut
 * that was known when the turn ended, its own by `barge-in` or one that the signal `cut` told.
 *
 * With `speculate` the recogniser is asked in each pause that may end a turn (`asr`), and what it heard goes out as a draft (`llm`, `tts`):
 * its meta has `draft`, how far it may go, and `due`, the running time at which it will be known. Then it is kept or dropped, by the events
 * `draft-kept {id}`, with the mark `transcript.final`, or `draft-dropped {id}`, which overtake everything.
 *
 * Marks in the stream and messages of the same name: `transcript.partial {turn, text, pts}`, `transcript.final {turn, text, pts, id}`.
 * Messages alone: `turn-start {turn, pts}`, `turn-end {turn, pts, end}`, `barge-in {turn, pts, at, cut}` (fall silent now), `turn-nothing
 * {turn, why, resume}` (it was a cough, a "mhm", our own voice; with `resume` what was cut may go on), `duck {on, at}` (be unheard, for
 * somebody may have begun to speak; it becomes `barge-in`, or `on` is false and it was nothing), `asr-failed {turn, code, message,
 * retryable, again}`. Events that overtake everything, for who is behind: `duck {on}`, `barge-in {cut, by}`, and `resume {cut}` when that
 * cut was for nothing. A recogniser that goes away is asked again; if it stays away the turn is lost, and nothing else.
 */
export default class AsrFilter extends Pipe<typeof AsrFilter.properties> {
  static readonly metadata = {
    name: 'asrfilter',
    longName: 'Speech recogniser',
    klass: 'Filter/Converter/Audio/Text',
    description: 'Turns what a user says into text, and says whose turn it is',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    engine: {
      type: 'string',
      default: '',
      blurb:
        'Recogniser: openai (any /v1/audio/transcriptions), funasr (WebSocket), sherpa (on this machine); empty: TALKGRAPH_ASR, or openai',
    },
    url: { type: 'string', default: '', blurb: 'Address of its server; empty: as the environment says' },
    model: { type: 'string', default: '', blurb: 'Model it is to use; empty: its own choice' },
    language: { type: 'string', default: '', blurb: 'Language that is spoken, as en or zh; empty: any' },
    hotwords: { type: 'string', default: '', blurb: 'Words that are likely: names, products' },
    'funasr-mode': {
      type: 'enum',
      values: ['2pass', 'online', 'offline'],
      default: '2pass',
      blurb: 'How FunASR hears: words on the way and the sentence again, only the one, only the other',
    },
    mode: {
      type: 'enum',
      values: ['auto', 'push-to-talk'],
      default: 'auto',
      mutable: 'playing',
      blurb: 'What makes a turn: speech, or the button',
    },
    'barge-in': {
      type: 'enum',
      values: ['voice', 'words', 'off'],
      default: 'voice',
      mutable: 'playing',
      blurb: 'What takes the turn while we speak: a voice, words, or nothing',
    },
    'min-words': {
      type: 'uint',
      min: 1,
      max: 20,
      default: 2,
      blurb: 'Words that take the turn; those that only say that one listens do not count',
    },
    'end-delay': {
      type: 'uint',
      unit: 'ms',
      max: 10_000,
      ui: [200, 2000],
      default: 600,
      blurb: 'Silence that ends a turn',
    },
    'min-turn': {
      type: 'uint',
      unit: 'ms',
      max: 5000,
      default: 160,
      blurb: 'Speech shorter than this, of which no word is known, is no turn',
    },
    'max-turn': {
      type: 'uint',
      unit: 'ms',
      min: 1000,
      max: 55_000,
      default: 30_000,
      blurb: 'A turn ends after this, also in the middle of speech',
    },
    speculate: {
      type: 'enum',
      values: ['off', 'asr', 'llm', 'tts'],
      default: 'asr',
      blurb:
        'What is asked in a pause that may end a turn: nothing, the recogniser, the language model as well, or the voice, too. Each pause inside a turn then costs one more question to each',
    },
    deadline: {
      type: 'uint',
      unit: 'ms',
      min: 100,
      max: 60_000,
      default: 8000,
      blurb: 'How long the words of a turn are waited for after its end',
    },
  } as const satisfies Properties;

  static readonly pads = {
    sink: { caps: 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=16000' },
    src: { caps: 'text/x-raw, format=utf8' },
  } satisfies PadTemplates;

  static readonly signals = {
    button: { params: { down: 'bool' }, blurb: 'The button to talk was pressed or let go' },
    saying: {
      params: { text: 'string' },
      blurb: 'This is being said to the user from now on; empty: nothing any more',
    },
    cut: {
      params: { id: 'string?' },
      blurb: 'What we say was interrupted: what was asked before and is not answered yet is old',
    },
  } as const satisfies Signals;

  static readonly examples = [
    'audiotestsrc num-buffers=50 samplesperbuffer=320 volume=0 ! audio/x-raw, rate=16000, channels=1 ! vadfilter ! asrfilter url=http://127.0.0.1:9/v1 ! fakesink',
  ];

  #recogniser: Recogniser | undefined;
  #attention: Attention | undefined;
  /** What is being said to the user, which may begin before there is any sound. */
  #said = '';
  /** Whether the button is held, which may be so before there is any sound. */
  #held = false;
  /** How far the sound was behind the clock when some came last. */
  #late: Ns | undefined;
  #cuts = new TurnCuts();
  /** What was said, as far as it may be all of it; and the last cut that it knows of. */
  #draft: { readonly id: string; readonly turn: number; readonly text: string; cut?: string } | undefined;
  #out: Item[] = [];
  #wake: () => void = () => undefined;

  override async start(): Promise<void> {
    const found = await recogniser(this.props.engine || process.env['TALKGRAPH_ASR'] || 'openai');
    await found.check(this.#settings());
    this.#recogniser = found;
    this.setLatency({ min: 0 });
  }

  override stop(): void {
    this.#attention = undefined;
    this.#said = '';
    this.#held = false;
    this.#late = undefined;
    this.#cuts = new TurnCuts();
    this.#draft = undefined;
    this.#out = [];
  }

  override setup(_caps: Caps): string {
    return 'text/x-raw, format=utf8';
  }

  override propertyChanged(name: string): void {
    if (name === 'mode' || name === 'barge-in') this.#attention?.set(this.#whose());
  }

  /** What the voice tells of a cut: one that somebody else made has made the draft old. */
  override event({ name, fields, upstream }: ElementEvent): void {
    if (!upstream || name !== 'talkgraph/interrupted' || this.#draft === undefined) return;
    if (this.#draft.cut !== fields['cut']) delete this.#draft.cut;
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    const attention = this.#listen();
    this.#attention = attention;
    this.#out = [];
    if (this.#said !== '') this.saying(this.#said);
    const came = () => input.next().then((item) => ({ item }));
    for (let next = came(); ; ) {
      const told = new Promise<undefined>((resolve) => {
        this.#wake = () => resolve(undefined);
      });
      yield* this.#out.splice(0);
      const got = await Promise.race([next, told]);
      if (got === undefined) continue;
      if (got.item === undefined) break;
      if ('event' in got.item) yield this.#marked(attention, got.item);
      else this.#sound(attention, pcm(got.item), got.item.pts);
      next = came();
    }
    await attention.finish();
    yield* this.#out.splice(0);
  }

  /** Signal `button`. */
  button(down: boolean): void {
    this.#held = down;
    const attention = this.#attention;
    if (attention === undefined || this.#late === undefined) return;
    // Of a microphone that was closed the last sound may be minutes old.
    const silent = (this.runningTime() ?? 0) - this.#late - attention.now;
    attention.take({ type: 'button', down, at: attention.now + (silent > CLOSED ? silent : 0) });
  }

  /** Signal `saying`. */
  saying(text: string): void {
    this.#said = text;
    const attention = this.#attention;
    attention?.take({ type: 'saying', text, at: attention.now });
  }

  /** Signal `cut`. */
  cut(id?: string | null): void {
    this.#interrupt(id || randomUUID());
  }

  /** Whoever is behind falls silent, and forgets what it was asked before. */
  #interrupt(cut: string): void {
    this.#cuts.cut(cut);
    this.sendEvent('barge-in', { cut, by: this.name }, { oob: true });
  }

  /** What decides whose turn it is, and may change on the way. */
  #whose() {
    const { mode, 'barge-in': bargeIn } = this.props;
    return { mode: mode as 'auto' | 'push-to-talk', bargeIn: bargeIn as 'voice' | 'words' | 'off' };
  }

  #listen(): Attention {
    const { 'min-words': minWords, 'end-delay': endDelay } = this.props;
    const { 'min-turn': minTurn, 'max-turn': maxTurn, deadline, speculate } = this.props;
    return new Attention({
      turns: { ...this.#whose(), minWords, endDelay, minTurn, maxTurn, pauses: speculate !== 'off' },
      recogniser: this.#recogniser as Recogniser,
      settings: this.#settings(),
      limits: { finishMs: deadline },
      signal: this.signal,
      tell: (heard) => this.#tell(heard),
    });
  }

  #sound(attention: Attention, samples: Int16Array, pts: Ns = attention.now): void {
    // It was pressed before there was any.
    if (this.#late === undefined && this.#held) attention.take({ type: 'button', down: true, at: pts });
    attention.sound(samples, pts);
    this.#late = (this.runningTime() ?? 0) - attention.now;
  }

  #settings(): RecogniserSettings {
    const { url, model, language, hotwords, 'funasr-mode': mode } = this.props;
    return { url, model, language, hotwords, mode };
  }

  #marked(attention: Attention, item: EventItem): EventItem {
    const { state, pts, from, at } = item.fields as Record<string, unknown>;
    const likely = item.name.endsWith('/voice-likely');
    if (likely || item.name.endsWith('/voice-unlikely')) {
      attention.take({ type: 'likely', likely, at: Number(at) });
      return item;
    }
    if (!item.name.endsWith('/vad') || typeof pts !== 'number') return item;
    const times = { pts, from: Number(from ?? pts), at: Number(at ?? pts) };
    if (state === 'speech') attention.take({ type: 'speech', ...times });
    else attention.take({ type: 'silence', ...times });
    return item;
  }

  #tell(heard: Heard): void {
    const { turn, type } = heard;
    const pts = this.#attention?.begun(turn) ?? 0;
    if (type === 'partial') this.#mark('transcript.partial', { turn, text: heard.text, pts: heard.pts });
    else if (type === 'said') this.#asked(turn, heard.text, pts);
    else if (type === 'draft') this.#drafted(turn, heard.text, heard.due, pts);
    else if (type === 'dropped') this.#dropDraft();
    else if (type === 'turn-start') this.post(type, { turn, pts: heard.from });
    else if (type === 'turn-end') {
      this.#cuts.ended(turn);
      this.post(type, { turn, pts: heard.from, end: heard.to });
    } else if (type === 'barge-in') {
      const cut = randomUUID();
      this.#cuts.barged(turn, cut);
      this.#interrupt(cut);
      this.post(type, { turn, pts, at: heard.at, cut });
    } else if (type === 'duck') this.#duck(heard.on, heard.at);
    else if (type === 'nothing') {
      const { made } = this.#cuts.take(turn);
      if (made !== undefined) this.sendEvent('resume', { cut: made }, { oob: true });
      this.post('turn-nothing', { turn, why: heard.why, resume: heard.resume });
    } else {
      const { code, message, retryable } = heard.error;
      this.log.warn('speech was not recognised', { code, again: heard.again });
      this.post('asr-failed', { turn, code, message, retryable, again: heard.again });
    }
  }

  /** Something that wants an answer. */
  #asked(turn: number, text: string, pts: number): void {
    const { last = '' } = this.#cuts.take(turn);
    const draft = this.#draft;
    if (draft?.turn === turn && draft.text === text && draft.cut === last) {
      this.#draft = undefined;
      this.sendEvent('draft-kept', { id: draft.id }, { oob: true });
      this.#mark('transcript.final', { turn, text, pts, id: draft.id });
      return;
    }
    if (draft?.turn === turn) this.#dropDraft();
    const id = randomUUID();
    this.#mark('transcript.final', { turn, text, pts, id });
    this.#ask(text, pts, { id, cut: last });
  }

  /** Something that may want an answer. `end`: where in the sound that is known. */
  #drafted(turn: number, text: string, end: number, pts: number): void {
    const { speculate } = this.props;
    if (speculate !== 'llm' && speculate !== 'tts') return;
    const [id, cut] = [randomUUID(), this.#cuts.last];
    this.#draft = { id, turn, text, cut };
    // As late behind the sound as now: the pause is told when the sound of it is here.
    const late = Math.max(0, (this.runningTime() ?? 0) - (this.#attention?.now ?? 0));
    this.#ask(text, pts, { id, cut, draft: speculate, due: end + late });
    this.#wake();
  }

  #ask(text: string, pts: number, turn: Fields): void {
    const asked = { voice: '', by: this.name, ...turn };
    this.#out.push({ data: Buffer.from(text), pts, metas: { TalkgraphTurn: asked } });
  }

  #dropDraft(): void {
    if (this.#draft !== undefined) this.sendEvent('draft-dropped', { id: this.#draft.id }, { oob: true });
    this.#draft = undefined;
  }

  /** Whoever is behind is silent for now, or heard again; nothing is lost of what it says. */
  #duck(on: boolean, at: number): void {
    this.sendEvent('duck', { on }, { oob: true });
    this.post('duck', { on, at });
  }

  /** A mark in the stream, and the message of the same name. */
  #mark(name: string, fields: Fields): void {
    this.post(name, fields);
    this.#out.push({ event: true, name, fields });
    this.#wake();
  }
}
