/** `/api/admin/…`: what LiveTalking's admin page shows. Keys and addresses with keys in them are not shown. */
import { readdir } from 'node:fs/promises';
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

  app.get('/api/admin/sessions', async () => {
    const running = [...sessions.list()].filter(({ state }) => state === 'running');
    const told = await Promise.all(
      running.map(async (session) => {
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
          customopt: await actionsIn(session.parameters['clips']),
        };
      }),
    );
    return ok({ sessions: told });
  });
}

/** LiveTalking's words for the graphs whose sessions stand from the start. */
const TRANSPORTS: Readonly<Record<string, string>> = {
  'rtmp.yaml': 'rtmp',
  'virtualcam.yaml': 'virtualcam',
  'whip.yaml': 'rtcpush',
};

/** Custom actions in a folder of clips, by LiveTalking's numbers; where they lie is nobody's business. */
async function actionsIn(folder: string | number = ''): Promise<{ readonly audiotype: number }[]> {
  const names = folder === '' ? [] : await readdir(String(folder)).catch(() => []);
  const numbers = names.map((name) => (name === 'idle' ? 1 : Number(name)));
  return numbers
    .filter(Number.isInteger)
    .sort((a, b) => a - b)
    .map((audiotype) => ({ audiotype }));
}
