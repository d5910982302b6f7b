/** A remote engine and its fake, for what only that engine can be asked. */
import type { Test } from 'tap';
import type { TalkError } from '../../../src/element/error.js';
import {
  clearSpeechCache,
  closeVoices,
  type SpeechMark,
  speak,
  type VoiceOptions,
} from '../../../src/voice/index.js';
import type { HttpFake } from '../../fakes/http.js';

/** Runs the fake and leads the engine there. Ended by the test. */
export async function lead<T extends HttpFake>(t: Test, fake: T): Promise<T> {
  await fake.listen();
  const before = { ...process.env };
  Object.assign(process.env, fake.environment);
  t.teardown(async () => {
    for (const key of Object.keys(fake.environment)) {
      if (before[key] === undefined) delete process.env[key];
      else process.env[key] = before[key];
    }
    await closeVoices();
    await fake.close();
  });
  return fake;
}

/** What a voice says for a text: samples and marks, or the error. */
export async function sayAs(
  voice: string,
  text: string,
  options: VoiceOptions = {},
): Promise<{ count: number; marks: SpeechMark[]; error?: TalkError }> {
  clearSpeechCache();
  let count = 0;
  const marks: SpeechMark[] = [];
  try {
    for await (const chunk of speak({ text, voice, rate: 24000, options })) {
      count += chunk.samples.length;
      marks.push(...chunk.marks);
    }
  } catch (error) {
    return { count, marks, error: error as TalkError };
  }
  return { count, marks };
}

/** The JSON of the last request of a fake. */
export function lastJson(fake: HttpFake): Record<string, unknown> {
  return JSON.parse(fake.asked.at(-1)?.body.toString('utf8') ?? 'null');
}
