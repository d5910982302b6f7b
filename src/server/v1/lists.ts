/** `/v1/avatars`, `/v1/models`, `/v1/graphs`: what there is to make sessions of. */
import { listAvatars, readAvatar } from '../../avatar/index.js';
import { listModels, readManifest } from '../../inference/index.js';
import { listGraphs } from '../../session/catalogue.js';
import { AvatarList, GraphList, ModelList } from '../contract/v1.js';
import type { Api } from './api.js';

export function listRoutes(api: Api): void {
  api.route(
    { method: 'GET', path: '/v1/avatars', summary: 'Who can speak', status: 200, answer: AvatarList },
    async () => {
      const found = await readable(await listAvatars(), readAvatar);
      return {
        avatars: found.map(({ id, manifest: { name, width, height } }) => ({ id, name, width, height })),
      };
    },
  );

  api.route(
    { method: 'GET', path: '/v1/models', summary: 'Lip-sync models', status: 200, answer: ModelList },
    async () => {
      const names = await listModels();
      const found = await readable(names, async (id) => ({ id, ...(await readManifest(id)) }));
      const data = found.map(({ id, family, size, features, licence }) => ({
        id,
        object: 'model' as const,
        created: 0,
        owned_by: 'talkgraph',
        family,
        size,
        features,
        licence,
      }));
      return { object: 'list', data };
    },
  );

  api.route(
    { method: 'GET', path: '/v1/graphs', summary: 'Graphs of sessions', status: 200, answer: GraphList },
    async () => ({ graphs: await listGraphs() }),
  );
}

/** What can be read; one that cannot must not hide the others. */
async function readable<T>(names: readonly string[], read: (name: string) => Promise<T>): Promise<T[]> {
  const tried = await Promise.allSettled(names.map((name) => read(name)));
  return tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
