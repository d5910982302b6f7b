/** `GET /avatars` and `GET /avatars/ID/picture`: who can speak here, and what they look like at rest. */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type Description, isAvatarId, listAvatars, posterFile, readAvatar } from '../../avatar/index.js';
import { failed, ok } from '../contract/livetalking.js';
import { sentence } from '../problem.js';

const TYPES: Readonly<Record<string, string>> = {
  '.webp': 'image/webp',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
};

/** @param preset who speaks unless an offer says otherwise */
export function avatarRoutes(app: FastifyInstance, preset: string | undefined): void {
  app.get('/avatars', async (request) => {
    const avatars = [];
    for (const id of await listAvatars()) {
      try {
        avatars.push(summary(await readAvatar(id)));
      } catch (error) {
        // One that cannot be read must not hide the others.
        request.log.warn({ err: error }, 'avatar left out');
      }
    }
    return ok({ avatars, preset: preset ?? null });
  });

  app.get<{ Params: { id: string } }>('/avatars/:id/picture', async (request, reply) => {
    const { id } = request.params;
    if (!isAvatarId(id))
      return reply.code(404).send(failed(`Expected the id of an avatar but received '${id}'.`));
    try {
      const { folder, manifest, mtimeMs } = await readAvatar(id);
      const tag = `"${Math.round(mtimeMs)}"`;
      reply.header('cache-control', 'no-cache').header('etag', tag);
      if (request.headers['if-none-match'] === tag) return reply.code(304).send();
      const file = posterFile(manifest);
      const picture = await readFile(join(folder, file));
      return reply.type(TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream').send(picture);
    } catch (error) {
      return reply.code(404).send(failed(sentence(error)));
    }
  });
}

function summary({ id, manifest: { name, width, height, background } }: Description) {
  // A picture behind somebody is not a colour a page could use.
  const colour = background?.startsWith('#') ? background : '#000000';
  return { id, name, width, height, background: colour };
}
