/** A session as a file, or as one in segments. */
import { mayReach } from '../caller.js';
import { Record, Recorded, RecordedSegments } from '../contract/v1.js';
import { captionsOf, type Recordings } from '../recordings.js';
import { type Api, Refusal } from './api.js';
import type { Found } from './found.js';

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
    async ({ action, captions, segments }, request) => {
      const session = found.running(request);
      if (action === 'start') await recordings.start(session, { captions: captionsOf(captions), segments });
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

  api.route(
    {
      method: 'GET',
      path: '/v1/sessions/:id/record/segments',
      summary:
        'The finished files of a recording in segments, also while it goes on and when its session has ended',
      status: 200,
      answer: RecordedSegments,
    },
    async (_body, request) => {
      const id = request.params['id'] ?? '';
      if (!mayReach(request, id)) throw new Refusal(404, 'There is no such session.');
      const found = await recordings.segments(id);
      const location = (number: number) => `/v1/sessions/${id}/record/segments/${number}`;
      return { segments: found.map((one) => ({ ...one, location: location(one.number) })) };
    },
  );

  for (const [end, as, media, summary] of [
    ['', 'mp4', 'video/mp4', 'One of them, which plays alone'],
    ['/captions', 'vtt', 'text/vtt', 'What was said in it, up to three seconds later than the file itself'],
  ] as const)
    api.route(
      { method: 'GET', path: `/v1/sessions/:id/record/segments/:number${end}`, summary, status: 200, media },
      async (_body, request, reply) => {
        const { id = '', number = '' } = request.params;
        const file = mayReach(request, id) ? await recordings.segment(id, number, as) : undefined;
        if (file === undefined) throw new Refusal(404, 'There is no such segment of a recording.');
        return reply.sendFile(file, recordings.folder, { cacheControl: false });
      },
    );
}
