/** The voice that a session is to speak with from now on. */
import { mayAskFor } from '../../session/voices.js';
import { resolveVoices } from '../../voice/index.js';
import { Refusal } from './api.js';

/**
 * Names of a voice that can speak here, or of several. What is asked for by name must be able to; of those that the server is set to one is enough.
 * @param voice empty for the usual one
 * @throws Refusal, TalkError resource/not-found
 */
export async function speakable(voice: string, usual = ''): Promise<string> {
  if (!(await mayAskFor(voice)))
    throw new Refusal(422, `Expected the name of a voice but received '${voice}'.`);
  const voices = await resolveVoices(voice || usual);
  const lacks = voice === '' ? undefined : voices.map(({ engine }) => engine.lacks()).find(Boolean);
  if (lacks !== undefined) throw new Refusal(409, lacks);
  return voices.map(({ name }) => name).join(',');
}
