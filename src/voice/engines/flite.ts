/** The voice that is always there: CMU flite, inside the process, English, no download and no key. */
import { TalkError } from '../../element/error.js';
import {
  type EngineInfo,
  type SpeechPiece,
  type SynthesisRequest,
  VoiceEngine,
  type VoiceInfo,
} from '../engine.js';
import { FliteHost } from '../flite/host.js';
import { type FliteVoice, VOICES } from '../flite/synthesizer.js';
import { asciiText, portions } from '../flite/text.js';
import { withPauses } from '../flite/trim.js';
import { isSpeakable } from '../normalise.js';
import { readSettings } from '../options.js';

const LISTED: readonly VoiceInfo[] = [
  {
    name: 'slt',
    language: 'en-US',
    gender: 'female',
    rate: 16000,
    description: 'American woman, statistical model',
  },
  {
    name: 'rms',
    language: 'en-US',
    gender: 'male',
    rate: 16000,
    description: 'American man, statistical model',
  },
  {
    name: 'awb',
    language: 'en-GB',
    gender: 'male',
    rate: 16000,
    description: 'Scottish man, statistical model',
  },
  {
    name: 'kal16',
    language: 'en-US',
    gender: 'male',
    rate: 16000,
    description: 'American man, joined recordings',
  },
  {
    name: 'kal',
    language: 'en-US',
    gender: 'male',
    rate: 8000,
    description: 'American man, joined recordings, telephone quality',
  },
];

const OPTIONS = {
  speed: { type: 'number', blurb: 'speed, 1 as recorded', min: 0.25, max: 4, default: 1 },
} as const;

export default class FliteEngine extends VoiceEngine {
  readonly info: EngineInfo = {
    name: 'flite',
    longName: 'CMU Flite',
    description: 'Small English voices that run inside the process',
    defaultVoice: 'slt',
    text: 'sentences',
    streaming: true,
    marks: ['phoneme', 'word'],
    repeatable: true,
    // Its host does: one thread speaks for all, and many speakers on a busy machine make one another wait for longer than a service may be silent.
    watchesItself: true,
    reads: 'English in Latin letters',
    // Its first sound comes after the analysis of the whole sentence, 5 ms per second of speech.
    maxSentence: 250,
    firstSentence: 160,
    options: OPTIONS,
  };

  #warm: Promise<void> | undefined;
  readonly #host: FliteHost;

  /** @param host who speaks, for tests */
  constructor(host = new FliteHost()) {
    super();
    this.#host = host;
  }

  async voices(): Promise<readonly VoiceInfo[]> {
    return LISTED;
  }

  override normalise(text: string): string {
    return asciiText(text);
  }

  override leavesOut(sign: string): boolean {
    return !isSpeakable(asciiText(sign));
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechPiece, void, undefined> {
    const voice = request.voice ?? this.info.defaultVoice;
    if (!isVoice(voice)) {
      throw new TalkError('resource/not-found', `The voice engine flite has no voice ${voice}.`, {
        details: { voice },
      });
    }
    const stretch = 1 / readSettings(this.name, OPTIONS, request.options).speed;
    const parts = portions(asciiText(request.text), stretch);
    let seconds = 0;
    for (const [n, text] of parts.entries()) {
      const { signal, utterance: owner = 0 } = request;
      const pieces = this.#host.say({ owner, voice, text, stretch, signal });
      const pause = n < parts.length - 1 ? 'none' : (request.pause ?? 'end');
      const from = seconds;
      for await (const piece of withPauses(pieces, pause)) {
        seconds += piece.samples.length / piece.rate;
        yield n === 0 ? piece : later(piece, from);
      }
    }
  }

  /** Starts the thread and has it say something, once: 100 to 300 ms that the first sentence does not take then. */
  override warm(): Promise<void> {
    this.#warm ??= this.#rehearse();
    return this.#warm;
  }

  async #rehearse(): Promise<void> {
    const signal = new AbortController().signal;
    for await (const _ of this.synthesize({ text: 'Good morning, this is a test.', signal }));
  }

  override async close(): Promise<void> {
    this.#warm = undefined;
    await this.#host.close();
  }
}

/** A piece whose times count from the beginning of the request, not of its portion. */
function later(piece: SpeechPiece, seconds: number): SpeechPiece {
  const move = <T extends { start: number; end: number }>(timed: readonly T[] = []): T[] =>
    timed.map((item) => ({ ...item, start: item.start + seconds, end: item.end + seconds }));
  return { ...piece, phonemes: move(piece.phonemes), words: move(piece.words) };
}

function isVoice(name: string): name is FliteVoice {
  return (VOICES as readonly string[]).includes(name);
}
