/**
 * Test sounds, exact to the sample: for graphs that measure and for tests that count.
 *
 * The text is a sequence of `FREQUENCY:SECONDS` or `FREQUENCY:SECONDS:LEVEL`, frequency 0 is silence, level 1 is full scale:
 * `440:0.5 0:0.2 880:0.1`. Any other text is one beep. Every sound begins at phase zero, on the sample its time rounds to, at the session's
 * own rate, so nothing is resampled and nothing is faded.
 */
import { TalkError } from '../../element/error.js';
import {
  type EngineInfo,
  type SpeechPiece,
  type SynthesisRequest,
  type TimedWord,
  VoiceEngine,
  type VoiceInfo,
} from '../engine.js';

interface Tone {
  readonly text: string;
  readonly frequency: number;
  readonly seconds: number;
  readonly level: number;
}

type Shape = (frequency: number, sample: number, rate: number) => number;

const SHAPES: Readonly<Record<string, Shape>> = {
  sine: (frequency, n, rate) => Math.sin((2 * Math.PI * frequency * n) / rate),
  square: (frequency, n, rate) => (frequency === 0 ? 0 : ((frequency * n) / rate) % 1 < 0.5 ? 1 : -1),
  click: (frequency, n) => (frequency !== 0 && n === 0 ? 1 : 0),
};

const BEEP = '1000:0.2';
const LEVEL = 0.5;
const RATE = 48000;
const PIECE_S = 0.05;
const LONGEST_S = 3600;
const TOKEN = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$/;

export default class ToneEngine extends VoiceEngine {
  readonly info: EngineInfo = {
    name: 'tone',
    longName: 'Tones',
    description: 'Sequences of tones and pauses, exact to the sample, for measuring',
    defaultVoice: 'sine',
    text: 'whole',
    streaming: true,
    marks: ['word'],
    repeatable: true,
    cache: false,
  };

  async voices(): Promise<readonly VoiceInfo[]> {
    return [
      { name: 'sine', language: 'zxx', description: 'Sine waves' },
      { name: 'square', language: 'zxx', description: 'Square waves, the steepest edge at the first sample' },
      { name: 'click', language: 'zxx', description: 'One sample at the beginning of each tone' },
    ];
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechPiece, void, undefined> {
    if (request.text.trim() === '') return;
    const name = request.voice ?? this.info.defaultVoice;
    const shape = SHAPES[name];
    if (shape === undefined) {
      throw new TalkError('resource/not-found', `The voice engine tone has no voice ${name}.`, {
        details: { voice: name },
      });
    }
    const rate = request.rate ?? RATE;
    const tones = parse(request.text, rate);
    let words: TimedWord[] | undefined = [];
    let seconds = 0;
    for (const { text, seconds: length } of tones) {
      words.push({ word: text, start: seconds, end: seconds + length });
      seconds += length;
    }
    const step = Math.max(1, Math.round(PIECE_S * rate));
    let before = 0;
    for (const tone of tones) {
      // Rounded from the beginning, so that a long sequence does not drift.
      const first = Math.round(before * rate);
      before += tone.seconds;
      const end = Math.round(before * rate);
      for (let at = first; at < end; at += step) {
        if (request.signal.aborted) return;
        const samples = new Int16Array(Math.min(step, end - at));
        for (let n = 0; n < samples.length; n++) {
          samples[n] = Math.round(32767 * tone.level * shape(tone.frequency, at - first + n, rate));
        }
        yield words === undefined ? { samples, rate } : { samples, rate, words };
        words = undefined;
      }
    }
  }
}

function parse(text: string, rate: number): Tone[] {
  const tokens = text.trim().split(/\s+/u);
  const matches = tokens.map((token) => TOKEN.exec(token));
  if (matches.every((match) => match === null)) return parse(BEEP, rate);
  const tones = matches.map((match, n): Tone => {
    const token = tokens[n]!;
    if (match === null) throw bad(n, 'FREQUENCY:SECONDS or FREQUENCY:SECONDS:LEVEL');
    const [frequency, seconds, level] = [Number(match[1]), Number(match[2]), Number(match[3] ?? LEVEL)];
    if (frequency > rate / 2) throw bad(n, `a frequency of at most ${rate / 2} Hz`);
    if (level > 1) throw bad(n, 'a level of at most 1');
    return { text: token, frequency, seconds, level };
  });
  if (tones.reduce((sum, tone) => sum + tone.seconds, 0) > LONGEST_S) {
    throw new TalkError('resource/settings', 'Expected at most an hour of tones.');
  }
  return tones;
}

/** Tells the place and not the word: what was meant to be said does not belong in an error. */
function bad(index: number, expected: string): TalkError {
  return new TalkError('resource/settings', `Expected ${expected} for tone ${index + 1}.`);
}
