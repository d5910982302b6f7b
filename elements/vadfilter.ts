import type { Detector } from '../src/dialog/ears/detector.js';
import { EnergyDetector } from '../src/dialog/ears/energy.js';
import { Interleaved } from '../src/dialog/ears/interleaved.js';
import { type HeardChange, Listening } from '../src/dialog/ears/listening.js';
import { OwnVoice } from '../src/dialog/ears/ownvoice.js';
import { probeOf } from '../src/dialog/ears/probes.js';
import { loadSilero, SileroDetector, type SileroModel } from '../src/dialog/ears/silero.js';
import {
  type EventItem,
  type Fields,
  type Item,
  type Metadata,
  ms,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  pcm,
} from '../src/element/index.js';
import { isMissable, latencyOf, Misses, readListener } from '../src/inference/index.js';

/**
 * Hears when somebody speaks. The sound goes on as it came; what is new is the mark `vad {state, pts, from, at}` before the
 * frame in which it became known, and the message of the same name on the bus.
 *
 * `state` is `speech` or `silence`, `pts` when that began, `from` where speech is to be listened to from (`pre-roll` before it:
 * the first consonant is softer than what gives a voice away), `at` when it was known. All are running times, ns.
 *
 * Before it is known, the mark and message `voice-likely {pts, at}` says that it may be: it becomes `speech`, or it was nothing
 * (`voice-unlikely {pts, at}`). Whoever is speaking meanwhile does well to stop for that moment.
 *
 * With `probe` it knows what we play, by the `echoprobe` of that name in the same pipeline: our own voice that comes back is
 * no speech, as long as nobody is louder than it. Until it is known whether it does, half a second of loud sound over ours, nobody is heard.
 *
 * Silero's network runs in the pool that all sessions share, 0.15 ms of a core for 32 ms of sound, and with `likely` twice, 16 ms
 * apart; digital silence is not asked about. A hop that it could not hear in time is judged by its level, as `engine=energy` judges all.
 */
export default class VadFilter extends Pipe<typeof VadFilter.properties> {
  static readonly metadata = {
    name: 'vadfilter',
    longName: 'Voice activity detector',
    klass: 'Filter/Analyzer/Audio',
    description: 'Marks where somebody speaks and where nobody does',
    author: 'talkgraph',
  } satisfies Metadata;

  static readonly properties = {
    engine: {
      type: 'enum',
      values: ['silero', 'energy'],
      default: 'silero',
      blurb: 'What hears: a network that knows voices, or the level of the sound alone',
    },
    model: { type: 'string', default: 'silero', blurb: 'Model of the engine silero' },
    threshold: {
      type: 'double',
      min: 0.2,
      max: 0.98,
      ui: [0.3, 0.9],
      default: 0.5,
      blurb: 'Likelihood from which on it is speech; it goes on down to 0.15 less',
    },
    likely: {
      type: 'double',
      min: 0,
      max: 0.98,
      ui: [0, 0.5],
      default: 0.2,
      blurb:
        'Likelihood from which on it may become speech, which is told; 0 tells nothing, and is half the work',
    },
    'min-speech': {
      type: 'uint',
      unit: 'ms',
      max: 2000,
      ui: [32, 250],
      default: 64,
      blurb: 'Speech shorter than this is none; what is certainly a voice counts twice',
    },
    'min-silence': {
      type: 'uint',
      unit: 'ms',
      max: 5000,
      ui: [100, 1000],
      default: 250,
      blurb: 'A pause shorter than this is part of the speech around it',
    },
    'pre-roll': {
      type: 'uint',
      unit: 'ms',
      max: 2000,
      default: 200,
      blurb: 'So much before its beginning belongs to speech',
    },
    'min-level': {
      type: 'int',
      unit: 'dBFS',
      min: -90,
      max: 0,
      ui: [-60, -30],
      default: -55,
      blurb: 'What is not this loud does not begin speech',
    },
    probe: {
      type: 'string',
      default: '',
      blurb: 'Name of the echoprobe behind our voice; empty: there is none',
    },
    'echo-delay': {
      type: 'int',
      unit: 'ms',
      min: -1,
      default: -1,
      readonly: true,
      blurb: 'How late our voice comes back; -1 where it does not, or it is not known',
    },
    missed: {
      type: 'uint',
      default: 0,
      unit: 'hops',
      readonly: true,
      blurb: 'Hops that the network could not hear in time; their level decided',
    },
  } as const satisfies Properties;

  static readonly pads = {
    sink: { caps: 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=16000' },
    src: { caps: 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=16000' },
  } satisfies PadTemplates;

  static readonly examples = [
    'audiotestsrc num-buffers=50 samplesperbuffer=320 ! audio/x-raw, rate=16000, channels=1 ! vadfilter ! fakesink',
  ];

  #model: SileroModel | undefined;
  #meeting: ReturnType<typeof probeOf> | undefined;
  #own: OwnVoice | undefined;
  readonly #misses = new Misses((fields) =>
    this.log.warn('speech is not heard in time, its level decides', fields),
  );

  override async start(): Promise<void> {
    this.#model = undefined;
    this.setLatency({ min: 0 });
    this.#meet();
    if (this.props.engine === 'energy') return;
    const model = await loadSilero(await readListener(this.props.model));
    this.#model = model;
    const latency = latencyOf(model.timing);
    this.setLatency({ min: latency, max: latency + ms(500) });
  }

  override stop(): void {
    if (this.#own !== undefined) this.#meeting?.probe.remove(this.#own);
    this.#meeting?.leave();
    this.#meeting = this.#own = undefined;
  }

  #meet(): void {
    this.props['echo-delay'] = -1;
    if (this.props.probe === '') return;
    this.#meeting = probeOf(this.path, this.props.probe);
    this.#own = new OwnVoice();
    this.#meeting.probe.add(this.#own);
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    const {
      threshold,
      likely,
      'min-speech': minSpeech,
      'min-silence': minSilence,
      'min-level': minLevel,
    } = this.props;
    const settings = { threshold, likely, minSpeech, minSilence, minLevel, own: this.#own };
    const listening = new Listening(this.#detector(), settings, (error) => this.#missed(error));
    for await (const item of input) {
      if (!('event' in item)) {
        for await (const change of listening.push(pcm(item), item.pts)) yield this.#mark(change);
        this.#tellDelay();
      }
      yield item;
    }
    for (const last of listening.finish()) yield this.#mark(last);
  }

  #detector(): Detector {
    const model = this.#model;
    if (model === undefined) return new EnergyDetector();
    const silero = () => new SileroDetector(model, this.signal);
    return this.props.likely === 0 ? silero() : new Interleaved(silero(), silero());
  }

  #tellDelay(): void {
    const delay = this.#own?.delay;
    const told = delay === undefined ? -1 : Math.round(delay / 1e6);
    if (told !== this.props['echo-delay']) this.props['echo-delay'] = told;
  }

  #mark({ state, pts, at }: HeardChange): EventItem {
    if (state === 'likely' || state === 'unlikely') return this.#told(`voice-${state}`, { pts, at });
    const from = state === 'speech' ? Math.max(0, pts - ms(this.props['pre-roll'])) : pts;
    return this.#told('vad', { state, pts, from, at });
  }

  /** A mark in the stream, and the message of the same name. */
  #told(name: string, fields: Fields): EventItem {
    this.post(name, fields);
    return { event: true, name, fields };
  }

  #missed(error: unknown): void {
    if (!isMissable(error)) throw error;
    this.props.missed++;
    this.#misses.add(this.props.missed, error.message);
  }
}
