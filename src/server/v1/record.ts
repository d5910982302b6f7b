/** A session as a file, or as one in segments. */
import { mayReach } from '../caller.js';
import { Record, Recorded, RecordedSegments } from '../contract/v1.js';
import { captionsOf, type Recordings } from '../recordings.js';
import { type Api, Refusal } from './api.js';
import type { Found } from './found.js';

/** What a recording has left. */
interface File {
  readonly media: string;
  /** Its name in the folder of recordings. */
  readonly find: (id: string, number: string) => Promise<string | undefined>;
  /** What is said where there is none. */
  readonly missing: string;
}

export function recordRoutes(api: Api, sessions: Found, recordings: Recordings): void {
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
      const session = sessions.running(request);
      if (action === 'start') await recordings.start(session, { captions: captionsOf(captions), segments });
      else await recordings.end(session);
      return { recording: recordings.has(session), location: `/v1/sessions/${session.id}/record` };
    },
  );

  const file = (path: string, summary: string, { find, media, missing }: File): void =>
    api.route(
      { method: 'GET', path: `/v1/sessions/:id/${path}`, summary, status: 200, media },
      async (_body, request, reply) => {
        const { id = '', number = '' } = request.params;
        const name = mayReach(request, id) ? await find(id, number) : undefined;
        if (name === undefined) throw new Refusal(404, missing);
        return reply.sendFile(name, recordings.folder, { cacheControl: false });
      },
    );

  file('record', 'The finished recording of a session, which may have ended', {
    media: 'video/mp4',
    find: (id) => recordings.file(id),
    missing: 'There is no finished recording of this session.',
  });
  file(
    'captions',
    'What was said in the recording of a session, where its captions were asked for as a file',
    {
      media: 'text/vtt',
      find: (id) => recordings.file(id, 'vtt'),
      missing: 'There are no captions of a recording of this session.',
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
      // A session that has ended is known by what it left alone.
      if (found.length === 0) sessions.any(request);
      const location = (number: number) => `/v1/sessions/${id}/record/segments/${number}`;
      return { segments: found.map((one) => ({ ...one, location: location(one.number) })) };
    },
  );

  const noSegment = 'There is no such segment of a recording.';
  file('record/segments/:number', 'One of them, which plays alone', {
    media: 'video/mp4',
    find: (id, number) => recordings.segment(id, number),
    missing: noSegment,
  });
  file(
    'record/segments/:number/captions',
    'What was said in it, up to three seconds later than the file itself',
    { media: 'text/vtt', find: (id, number) => recordings.segment(id, number, 'vtt'), missing: noSegment },
  );
}
