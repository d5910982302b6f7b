/** What a running session is told to do: say, be silent, play, be recorded. */
import { mayAskFor } from '../../session/voices.js';
import { resolveVoices } from '../../voice/index.js';
import { mayReach } from '../caller.js';
import { Clip, NewVoice, Record, Recorded, Say, SpeaksWith, Utterance } from '../contract/v1.js';
import { captionsOf, type Recordings } from '../recordings.js';
import { type Api, Refusal } from './api.js';
import type { Found } from './found.js';

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
      if (!(await mayAskFor(voice)))
        throw new Refusal(422, `Expected the name of a voice but received '${voice}'.`);
      const wanted = voice || found.running(request).usualVoice;
      const voices = await resolveVoices(wanted);
      // What was asked for by name must be able to speak; of several that the server is set to one is enough.
      const lacks = voice === '' ? undefined : voices.map(({ engine }) => engine.lacks()).find(Boolean);
      if (lacks !== undefined) throw new Refusal(409, lacks);
      const session = found.running(request);
      session.speakWith(wanted);
      return { voice: voices.map(({ name }) => name).join(',') };
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

export function recordRoutes(api: Api, found: Found, recordings: Recordings): void {
  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/record',
      summary: 'Begins to record a session, or finishes its file; either twice changes nothing',
      body: Record,
      status: 200,
      answer: Recorded,
    },
    async ({ action, captions }, request) => {
      const session = found.running(request);
      if (action === 'start') await recordings.start(session, captionsOf(captions));
      else await recordings.end(session);
      return { recording: recordings.has(session), location: `/v1/sessions/${session.id}/record` };
    },
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/sessions/:id/record',
      summary: 'The finished recording of a session, which may have ended',
      status: 200,
      media: 'video/mp4',
    },
    async (_body, request, reply) => {
      const id = request.params['id'] ?? '';
      const file = mayReach(request, id) ? await recordings.file(id) : undefined;
      if (file === undefined) throw new Refusal(404, 'There is no finished recording of this session.');
      return reply.sendFile(file, recordings.folder, { cacheControl: false });
    },
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/sessions/:id/captions',
      summary: 'What was said in the recording of a session, where its captions were asked for as a file',
      status: 200,
      media: 'text/vtt',
    },
    async (_body, request, reply) => {
      const id = request.params['id'] ?? '';
      const file = mayReach(request, id) ? await recordings.file(id, 'vtt') : undefined;
      if (file === undefined) throw new Refusal(404, 'There are no captions of a recording of this session.');
      return reply.sendFile(file, recordings.folder, { cacheControl: false });
    },
  );
}
