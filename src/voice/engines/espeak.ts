/**
 * More than a hundred languages on this machine: the program espeak-ng, one process for each sentence.
 *
 * A machine's voice, clear and quick: sound comes 15 ms after it is asked for, a hundred times faster than it is heard. `espeak/de` is German,
 * `espeak/de+f3` the same by the third woman of its variants. It tells of no word and no sound when it is: its program has no way to.
 * https://github.com/espeak-ng/espeak-ng/blob/master/src/espeak-ng.1.ronn
 */
import { availableParallelism } from 'node:os';
import { TalkError } from '../../element/error.js';
import {
  type EngineInfo,
  type SpeechPiece,
  type SynthesisRequest,
  VoiceEngine,
  type VoiceInfo,
} from '../engine.js';
import { CURE, endAll, isThere, printed, Run } from '../espeak/program.js';
import { Turns } from '../espeak/turns.js';
import { type EspeakVoice, RATE, readVariants, readVoices } from '../espeak/voices.js';
import { readSettings } from '../options.js';
import { decodeStream } from '../stream/index.js';

const OPTIONS = {
  program: {
    type: 'file',
    blurb: 'the program, a name or a path',
    environment: ['ESPEAK_PROGRAM'],
    default: 'espeak-ng',
  },
  speed: { type: 'number', blurb: 'speed, 1 is 175 words a minute', min: 0.5, max: 4, default: 1 },
  pitch: { type: 'number', blurb: 'pitch, 50 as usual', min: 0, max: 99, default: 50 },
} as const;

/** Words a minute at speed 1, the program's own default. */
const WORDS = 175;
/** Sentences that may wait for a process. */
const WAITING = 256;

/** What there is to speak with. */
interface Known {
  readonly voices: readonly EspeakVoice[];
  readonly variants: ReadonlySet<string>;
}

export default class EspeakEngine extends VoiceEngine {
  readonly info = {
    name: 'espeak',
    longName: 'eSpeak NG',
    description: 'More than a hundred languages by the program espeak-ng',
    defaultVoice: 'en-us',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: true,
    // Each run of the program does; whoever waits until one may begin is not late.
    watchesItself: true,
    options: OPTIONS,
  } as const satisfies EngineInfo;

  readonly #turns = new Turns(Math.min(8, availableParallelism()), WAITING);
  readonly #known = new Map<string, Promise<Known>>();

  override lacks(): string | undefined {
    return super.lacks() ?? (isThere(readSettings(this.name, OPTIONS).program) ? undefined : CURE);
  }

  /** All of them; the default alone where there is no program to ask. */
  async voices(): Promise<readonly VoiceInfo[]> {
    if (this.lacks() !== undefined)
      return [{ name: 'en-us', language: 'en-us', rate: RATE, description: 'English (America)' }];
    const { voices } = await this.#list(readSettings(this.name, OPTIONS).program);
    return voices.map(({ file: _, ...voice }) => voice);
  }

  /** `de`, `de+f3`. Without the program nobody knows, and its absence is told when it is to speak. */
  override async accepts(voice: string): Promise<boolean> {
    if (this.lacks() !== undefined) return true;
    return fileOf(voice, await this.#list(readSettings(this.name, OPTIONS).program)) !== undefined;
  }

  /** `[[` begins sounds written in its own alphabet. */
  override normalise(text: string): string {
    return text.replace(/\[(?=\[)/g, '[ ');
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechPiece, void, undefined> {
    const { text, voice = this.info.defaultVoice, utterance = 0, pause = 'end', signal, options } = request;
    const { program, speed, pitch } = readSettings(this.name, OPTIONS, options);
    const file = fileOf(voice, await this.#list(program));
    if (file === undefined) {
      throw new TalkError('resource/not-found', `The voice engine espeak has no voice ${voice}.`, {
        details: { voice },
      });
    }
    const turn = await this.#turns.take(utterance, signal);
    if (turn === 'full') {
      throw new TalkError('resource/busy', 'Too many sentences are waiting for the voice espeak.', {
        retryable: true,
        details: { waiting: WAITING },
      });
    }
    if (turn === 'closed') throw closed();
    if (turn === 'unwanted') return;
    const args = ['--stdin', '--stdout', '-b', '1', '-v', file, '-s', `${Math.round(WORDS * speed)}`];
    // Without it a quarter of a second of silence follows, as behind a sentence that another one follows.
    if (pause === 'none' || pause === 'end') args.push('-z');
    const run = new Run(program, [...args, '-p', `${Math.round(pitch)}`], text);
    // Its place is free when the process has ended, and not when everything was heard.
    void run.closed.then(() => this.#turns.leave());
    const stop = (): void => run.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      yield* decodeStream(run, { signal });
    } finally {
      signal.removeEventListener('abort', stop);
      run.stop();
    }
  }

  override async close(): Promise<void> {
    this.#known.clear();
    this.#turns.clear();
    await endAll(closed());
  }

  /** Asks the program once what it has. */
  #list(program: string): Promise<Known> {
    let known = this.#known.get(program);
    if (known === undefined) {
      known = Promise.all([printed(program, ['--voices']), printed(program, ['--voices=variant'])]).then(
        ([voices, variants]) => ({ voices: readVoices(voices), variants: readVariants(variants) }),
      );
      this.#known.set(program, known);
      known.catch(() => this.#known.delete(program));
    }
    return known;
  }
}

const closed = (): TalkError => new TalkError('library/shutdown', 'The voice espeak was closed.');

/** What `-v` is given for a voice; undefined for one that there is none of. Nothing else becomes an argument. */
function fileOf(voice: string, { voices, variants }: Known): string | undefined {
  const [name, variant, ...more] = voice.split('+');
  const found = voices.find((one) => one.name === name);
  if (found === undefined || more.length > 0) return undefined;
  if (variant === undefined) return found.file;
  return variants.has(variant) ? `${found.file}+${variant}` : undefined;
}
