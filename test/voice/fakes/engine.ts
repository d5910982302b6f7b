/** Voices for tests: every moment of theirs is decided by the test. */
import { TalkError } from '../../../src/element/error.js';
import {
  type EngineInfo,
  type ResolvedVoice,
  type SpeechPiece,
  type SynthesisRequest,
  VoiceEngine,
  type VoiceInfo,
} from '../../../src/voice/index.js';

export type Script = (request: SynthesisRequest, call: number) => AsyncIterable<SpeechPiece>;

/** An engine that does what its script says and remembers what it was asked. */
export class FakeEngine extends VoiceEngine {
  readonly info: EngineInfo;
  readonly requests: SynthesisRequest[] = [];
  /** Requests whose generator has not ended yet. */
  open = 0;
  readonly #script: Script;

  constructor(script: Script, info: Partial<EngineInfo> = {}) {
    super();
    this.#script = script;
    this.info = {
      name: 'fake',
      longName: 'Fake',
      description: 'for tests',
      defaultVoice: 'one',
      text: 'sentences',
      streaming: true,
      marks: [],
      repeatable: false,
      ...info,
    };
  }

  async voices(): Promise<readonly VoiceInfo[]> {
    return [{ name: 'one', language: 'en', description: 'one' }];
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechPiece, void, undefined> {
    this.requests.push(request);
    this.open++;
    try {
      yield* this.#script(request, this.requests.length);
    } finally {
      this.open--;
    }
  }
}

/** A script that never says anything and fails, now or when the promise says with what. */
export function fails(error: unknown): AsyncIterable<SpeechPiece> {
  return { [Symbol.asyncIterator]: () => ({ next: async () => Promise.reject(await error) }) };
}

/** The voice to give to `speak`. */
export function fakeVoice(engine: VoiceEngine): ResolvedVoice {
  return { engine, voice: 'one', name: 'fake/one' };
}

/** `count` samples that tell their place: a ramp from `first`. */
export function ramp(count: number, first = 0): Int16Array {
  return Int16Array.from({ length: count }, (_, n) => (first + n) % 30000);
}

/** A promise and what settles it. */
export function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Waits until the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Lets everything that is ready run, without waiting for a clock. */
export async function settle(turns = 5): Promise<void> {
  for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve));
}

/** An error that may be tried again, or not. */
export function failure(retryable: boolean, details: TalkError['details'] = {}): TalkError {
  return new TalkError('resource/unreachable', 'The service is away.', { retryable, details });
}
