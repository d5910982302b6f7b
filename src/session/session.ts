/**
 * One viewer's session: a running graph, the controls at its `in` end, questions at its `ask` end if it answers any, what hears the
 * viewer at its `ears` end if anything does, its `out` end, and its events.
 *
 * Nothing of a session lives outside its graph. It exists, in state `starting`, from its constructor on; whatever
 * ends it (its owner, its last viewer, an error of its graph) ends it wholly and says why, once.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type typed from 'typed-emitter';
import { logger, type Ns, TalkError, toTalkError } from '../element/index.js';
import { closeWithin } from '../graph/ending.js';
import type { ElementHandle } from '../graph/handle.js';
import type { ReadText } from '../graph/load.js';
import { type OpenGraph, openGraph } from '../graph/open.js';
import type { Pipeline } from '../graph/pipeline.js';
import type { SessionEvent, SessionState } from '../server/contract/events.js';
import { bring, letGo, type Sound } from '../voice/index.js';
import type { ViewerSink } from '../webrtc/viewers.js';
import type { Asking, Saying } from './asking.js';
import { Branches } from './branches.js';
import { Commands } from './commands.js';
import { crossing } from './crossing.js';
import { type EarSettings, Ears } from './ears.js';
import { changeFace } from './face.js';
import { type PostedMark, toEvent } from './marks.js';
import { Told } from './told.js';
import { Warnings } from './warnings.js';
import { elementsOf, type Seen, type SeenElement, Watch } from './watch.js';

/** ms after which a graph that does not end hangs, and is left to itself: the session is over all the same. */
const CLOSING = 3000;

export interface SessionSettings {
  /** Graph file every session is made from. */
  readonly graph: string;
  /** Parameters of that graph for all sessions, unless one says otherwise. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** How the file is read, where it is none of the disk's. */
  readonly read?: ReadText;
}

type Events = {
  event: (event: SessionEvent) => void;
  /** What was asked of it, the moment it was, and the utterance it makes; and what a viewer's data channel asked, and whether it was done. */
  command: (name: 'say' | 'ask' | 'cut', id: string) => void;
  obeyed: (type: string, done: boolean) => void;
  /** What a model writes for whoever wished to read along, long before it is heard; not for clients in general. */
  written: (mark: PostedMark) => void;
  /** Everything its graph posts, and the running time of that, ns: for who watches how it works, never for clients. */
  posted: (mark: PostedMark, now: Ns) => void;
};
const Emitter = EventEmitter as unknown as new () => typed.default<Events>;

export class Session {
  readonly id: string;
  /** One `event` for everything the session tells. */
  readonly events = new Emitter();
  readonly #settings: SessionSettings;
  #parameters: Readonly<Record<string, string | number>>;
  #state: SessionState = 'starting';
  #pipeline: Pipeline | undefined;
  #live: OpenGraph['live'] | undefined;
  #in: ElementHandle | undefined;
  #ask: ElementHandle | undefined;
  #ears: Ears | undefined;
  #out: ElementHandle | undefined;
  #viewers: Pick<ViewerSink, 'tell'> | undefined;
  readonly #told = new Told();
  readonly #warnings = new Warnings();
  readonly #commands = new Commands();
  #watch: Watch | undefined;
  /** Utterance that is being heard. */
  #heard: string | undefined;
  readonly #branches: Branches;
  /** Sounds that are heard or wait, by utterance. */
  readonly #brought = new Map<string, string>();
  #closing: Promise<void> | undefined;

  constructor(id: string, settings: SessionSettings, parameters: Readonly<Record<string, string | number>>) {
    this.id = id;
    this.#branches = new Branches(id);
    this.#settings = settings;
    this.#parameters = { ...settings.parameters, ...parameters };
    this.events.setMaxListeners(0);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** True while an utterance is being heard: from its first sample to its last, at the sink. */
  get speaking(): boolean {
    return this.#heard !== undefined;
  }

  /** True when the graph answers questions. */
  get answers(): boolean {
    return this.#ask !== undefined;
  }

  get listens(): boolean {
    return this.#ears !== undefined;
  }

  /** Viewers that its sink has now; 0 where it has none to have. */
  get viewers(): number {
    return this.#out?.alive === true && this.#out.properties.includes('viewers')
      ? Number(this.#out.get('viewers'))
      : 0;
  }

  /** What the graph was made with, and changed to. */
  get parameters(): Readonly<Record<string, string | number>> {
    return this.#parameters;
  }

  /** Name of the graph's file. */
  get graph(): string {
    return this.#settings.graph;
  }

  /** Where the session comes out, while it runs: who serves viewers asks its `instance`. */
  get out(): ElementHandle | undefined {
    return this.#state === 'running' ? this.#out : undefined;
  }

  /** `ENGINE/NAME` that it speaks with unless a text says otherwise; empty where it does not speak by itself. */
  get voice(): string {
    const properties = this.#in?.factory === 'ttssrc' && this.#in.alive ? this.#in : undefined;
    return String(properties?.get('voice') ?? '');
  }

  /** What sessions of its kind speak with where nobody wishes for another; empty where the usual one of all is meant. */
  get usualVoice(): string {
    return String(this.#settings.parameters['voice'] ?? '');
  }

  /** The graph, for those who want to look at it (DOT, properties). */
  get pipeline(): Pipeline | undefined {
    return this.#pipeline;
  }

  /** Its graph as it is now, with what passes since the look before; undefined while it does not run. */
  look(): Seen | undefined {
    if (this.#pipeline === undefined || this.#state !== 'running') return undefined;
    this.#watch ??= new Watch(this.#pipeline);
    return this.#watch.look();
  }

  /** Its elements alone, while there are any. */
  elements(): SeenElement[] {
    return this.#pipeline === undefined || this.#pipeline.closed ? [] : elementsOf(this.#pipeline);
  }

  /** Builds the graph and plays it. Throws what was wrong; the session has ended then. */
  async start(): Promise<void> {
    try {
      const { pipeline, ends, live } = await openGraph(this.#settings.graph, this.#parameters, {
        name: `session-${this.id}`,
        ...(this.#settings.read && { read: this.#settings.read }),
      });
      if (this.#closing !== undefined) {
        await pipeline.close();
        throw new TalkError('core/state-change', 'The session was ended while it started.');
      }
      this.#pipeline = pipeline;
      this.#live = live;
      this.#in = ends.in;
      this.#ask = ends.ask;
      this.#ears = ends.ears && new Ears(ends.ears);
      this.#out = ends.out;
      pipeline.on('mark', (mark) => {
        // What an added output hears the session's own has told.
        if (!this.#branches.own(mark)) this.#marked(mark);
      });
      pipeline.on('error', (error) => this.#broken(error));
      pipeline.on('warning', (warning) => {
        const event = this.#warnings.event(this.id, this.#now(), warning);
        if (event !== undefined) this.#tell(event);
      });
      pipeline.on('eos', () => void this.close('the graph ended'));
      await pipeline.play();
      if (this.#state !== 'starting')
        throw new TalkError('core/state-change', 'The session was ended while it started.');
      // Not before: an element is made in JS when it starts.
      const sink = ends.out?.instance as Partial<ViewerSink> | undefined;
      if (sink?.tell !== undefined) this.#viewers = sink as ViewerSink;
      this.#become('running');
    } catch (error) {
      await this.close(toTalkError(error).message);
      throw error;
    }
  }

  /** Queues speech and returns the utterance's id. */
  say({ text, voice, id = randomUUID() }: Saying): string {
    this.events.emit('command', 'say', id);
    this.#speaker().emit('say', crossing(text), voice ?? null, id);
    return id;
  }

  /**
   * Queues a sound, which belongs to the session from now on, and returns the utterance's id. Its `close` is called once: when it
   * was heard, cut or refused, or the session ends. Throws resource/quota, resource/not-found; it is closed then, too.
   */
  play(sound: Sound, { text = '', id = randomUUID() }: { text?: string; id?: string } = {}): string {
    let voice: string | undefined;
    const close = (): void => {
      this.#brought.delete(id);
      sound.close();
    };
    try {
      const speaker = this.#speaker();
      voice = bring({ open: (signal) => sound.open(signal), close });
      this.#brought.set(id, voice);
      speaker.emit('say', crossing(text), voice, id);
      return id;
    } catch (error) {
      if (voice === undefined) sound.close();
      else letGo(voice);
      throw error;
    }
  }

  /** Calls back once when the session begins to end. Returns what takes that back. */
  onEnd(listener: () => void): () => void {
    const hear = (event: SessionEvent): void => {
      if (event.type === 'state' && event.state === 'ending') listener();
    };
    this.events.on('event', hear);
    return () => this.events.off('event', hear);
  }

  /**
   * Asks, and returns the id that the answer is spoken with. Throws resource/not-found when the graph answers nothing; what goes
   * wrong later is told as an error event.
   */
  ask({ text, voice, id = randomUUID(), interrupt, wish }: Asking): string {
    const [speaker, ask] = [this.#speaker(), this.#ask];
    if (ask === undefined) throw new TalkError('resource/not-found', 'no LLM configured');
    this.events.emit('command', 'ask', id);
    const cut = interrupt ? randomUUID() : null;
    if (cut !== null) {
      speaker.emit('cut', cut);
      this.#ears?.cut(cut);
    }
    const more = wish === undefined ? [] : [crossing(JSON.stringify(wish))];
    ask.emit('ask', crossing(text), id, voice ?? null, cut, ...more);
    return id;
  }

  /**
   * Speaks with this voice, or voices, from the next utterance on, whoever is answered; which there are is for the caller to know.
   * Throws resource/not-found when it does not speak by itself.
   */
  speakWith(voice: string): void {
    const speaker = this.#speaker();
    if (speaker.factory !== 'ttssrc')
      throw new TalkError('resource/not-found', 'This session has no voice of its own to change.');
    speaker.set('voice', voice);
    this.#parameters = { ...this.#parameters, voice };
  }

  /** Queues a clip of the avatar and returns its id; one that there is none of is told as an error event. */
  clip(name: string, id: string = randomUUID()): string {
    this.#speaker().emit('clip', crossing(name), id);
    return id;
  }

  /** Silences the session now. */
  cut(): void {
    const id = randomUUID();
    this.events.emit('command', 'cut', id);
    this.#silence(id);
    this.#ears?.cut(id);
  }

  /** Changes how the viewer is heard, and tells what holds now. Throws resource/not-found when the graph hears nobody. */
  hear(settings: EarSettings): ReturnType<Ears['set']> {
    this.#speaker();
    if (this.#ears !== undefined) return this.#ears.set(settings);
    throw new TalkError(
      'resource/not-found',
      'Nobody is heard in this session: no speech recogniser is set.',
    );
  }

  /**
   * Adds an output to the running graph and returns the function that finishes it and takes it away. One that fails
   * is taken away, told as a warning, and costs the session nothing else. Throws what `Branch.open` does.
   */
  async attach(
    factory: string,
    properties: Readonly<Record<string, string | number>> = {},
  ): Promise<() => Promise<void>> {
    this.#speaker();
    return this.#branches.add(this.#pipeline as Pipeline, factory, properties);
  }

  /** Gives parameters of the graph other values from now on. Throws what `LiveParameters.change` and `changeFace` do; nothing is changed then. */
  change(values: Readonly<Record<string, string | number>>): void {
    const speaker = this.#speaker();
    this.#live?.change(values);
    this.#parameters = { ...this.#parameters, ...values };
    if (values['avatar'] !== undefined) changeFace(speaker, String(values['avatar']), this.#now());
  }

  /** Ends the session and frees everything it had. Any number of times. */
  close(reason: string): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  /** The `in` end. Throws resource/not-found while the session does not run, or has none. */
  #speaker(): ElementHandle {
    if (this.#state === 'running' && this.#in) return this.#in;
    throw new TalkError('resource/not-found', `The session has no "in" end to reach: it is ${this.#state}.`);
  }

  /** Both who speak and who ask hear of a cut at once, each before what comes next; the id makes it one. */
  #silence(id: string): void {
    this.#speaker().emit('cut', id);
    this.#ask?.emit('cut', id);
  }

  #marked(mark: PostedMark): void {
    const { name, fields } = mark;
    if (this.events.listenerCount('posted') > 0) this.events.emit('posted', mark, this.#now());
    // One that was asked for may be refused: then it is the one before.
    if (name === 'model') this.#parameters = { ...this.#parameters, model: String(fields['name']) };
    if (name === 'empty') void this.close('the last viewer left');
    if (name === 'message') this.#commands.take(this, String(fields['text']), (error) => this.#fail(error));
    if (name === 'written' || name === 'written-end') this.events.emit('written', mark);
    // The ears have told the graph by themselves; what was typed and still waits is old as well.
    if (name === 'barge-in' && this.#state === 'running') this.#silence(String(fields['cut']));
    const event = toEvent(this.id, mark);
    if (!event || this.#told.skips(event)) return;
    if ('message' in event) this.#warnings.told(event.message);
    if (event.type === 'error') letGo(this.#brought.get(event.id ?? '') ?? '');
    if (event.type === 'speech.start') this.#heard = event.id;
    if (event.type === 'speech.end' || event.type === 'interrupted') this.#heard = undefined;
    this.#tell(event);
  }

  #fail({ code, message, retryable }: TalkError): void {
    this.#tell({ type: 'error', session: this.id, pts: this.#now(), code, message, retryable });
  }

  /** The first error ends the session; those behind it follow from the first, and may come while it ends. */
  #broken(error: TalkError): void {
    if (this.#closing !== undefined) return;
    const { code, message } = error;
    const warn = () => this.#tell({ type: 'warning', session: this.id, pts: this.#now(), code, message });
    if (this.#branches.lose(error, warn)) return;
    this.#fail(error);
    void this.close(message);
  }

  /** Running time of the graph, ns; 0 where there is none any more. */
  #now(): number {
    const pipeline = this.#pipeline;
    return pipeline && !pipeline.closed ? (pipeline.runningTime() ?? 0) : 0;
  }

  async #close(reason: string): Promise<void> {
    this.#become('ending', reason);
    try {
      this.#watch?.close();
      await this.#branches.close();
      if (this.#pipeline) await closeWithin(this.#pipeline, CLOSING);
    } catch (error) {
      // Nobody waits for every end: what goes wrong in this one must not end the process and all other sessions.
      const { code, message, element = '' } = toTalkError(error);
      logger({ session: this.id }).error('the graph did not end cleanly', { code, element });
      this.#tell({ type: 'warning', session: this.id, pts: this.#now(), code, message });
    } finally {
      this.#heard = undefined;
      for (const voice of this.#brought.values()) letGo(voice);
      this.#become('ended', reason);
      this.events.removeAllListeners();
    }
  }

  #become(state: SessionState, reason?: string): void {
    this.#state = state;
    const pts = state === 'running' ? 0 : this.#now();
    this.#tell({ type: 'state', session: this.id, pts, state, ...(reason === undefined ? {} : { reason }) });
  }

  #tell(event: SessionEvent): void {
    if (this.#state === 'running') this.#ears?.follow(event);
    this.#viewers?.tell(event);
    this.events.emit('event', event);
  }
}
