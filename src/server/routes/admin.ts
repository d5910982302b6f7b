/** `/api/admin/…`: what LiveTalking's admin page shows. Keys and addresses with keys in them are not shown. */
import type { FastifyInstance } from 'fastify';
import type { Sessions } from '../../session/sessions.js';
import { ok } from '../contract/livetalking.js';
import type { Recordings } from '../recordings.js';

/** What was set, by LiveTalking's names; nothing secret. */
export type ShownConfig = Readonly<Record<string, string | number | null>>;

export function adminRoutes(
  app: FastifyInstance,
  sessions: Sessions,
  { recordings, config }: { readonly recordings: Recordings; readonly config: ShownConfig },
): void {
  app.get('/api/admin/config', () => ok({ config }));

  app.get('/api/admin/sessions', () => {
    const running = [...sessions.list()].filter(({ state }) => state === 'running');
    return ok({
      sessions: running.map((session) => {
        const { model, avatar, voice } = session.parameters;
        return {
          sessionid: session.id,
          speaking: session.speaking,
          recording: recordings.has(session),
          model: model ?? 'tinylip',
          avatar_id: avatar ?? '',
          REF_FILE: voice ?? '',
          transport: TRANSPORTS[session.graph] ?? 'webrtc',
          batch_size: session.parameters['batch-size'] ?? 0,
          customopt: [],
        };
      }),
    });
  });
}

/** LiveTalking's words for the graphs whose sessions stand from the start. */
const TRANSPORTS: Readonly<Record<string, string>> = { 'rtmp.yaml': 'rtmp', 'virtualcam.yaml': 'virtualcam' };
