/** What a running session is told to do: say, be silent, play a clip. */
import { mayAskFor } from '../../session/voices.js';
import { Clip, NewVoice, Say, SpeaksWith, Utterance } from '../contract/v1.js';
import { type Api, Refusal } from './api.js';
import type { Found } from './found.js';
import { speakable } from './speakable.js';

export function driveRoutes(api: Api, found: Found): void {
  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/say',
      summary: 'Says a text, or has it answered',
      body: Say,
      status: 202,
      answer: Utterance,
    },
    async ({ text, voice, id, interrupt, answer }, request) => {
      const session = found.running(request);
      if (voice !== undefined && !(await mayAskFor(voice)))
        throw new Refusal(422, `Expected the name of a voice but received '${voice}'.`);
      if (answer && !session.answers) throw new Refusal(409, 'No language model answers in this session.');
      const saying = { text, ...(voice !== undefined && { voice }), ...(id !== undefined && { id }) };
      if (answer) return { id: session.ask({ ...saying, interrupt }) };
      if (interrupt) session.cut();
      return { id: session.say(saying) };
    },
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/voice',
      summary: 'Speaks in another voice from the next utterance on',
      body: NewVoice,
      status: 200,
      answer: SpeaksWith,
    },
    async ({ voice }, request) => {
      const { usualVoice } = found.running(request);
      const names = await speakable(voice, usualVoice);
      const session = found.running(request);
      session.speakWith(voice || usualVoice || names);
      return { voice: names };
    },
  );

  api.route(
    { method: 'POST', path: '/v1/sessions/:id/cut', summary: 'Silences a session now', status: 204 },
    (_body, request) => void found.running(request).cut(),
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/clip',
      summary: 'Plays a clip of the avatar',
      body: Clip,
      status: 202,
      answer: Utterance,
    },
    ({ name, id }, request) => ({ id: found.running(request).clip(name, id) }),
  );
}
