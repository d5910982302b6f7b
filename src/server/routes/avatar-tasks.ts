/** `/api/avatar/task` and `/api/avatar/tasks`: avatars made of uploaded videos, as LiveTalking's clients ask for them. */
import { existsSync } from 'node:fs';
import { realpath, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isAvatarId } from '../../avatar/index.js';
import { TalkError } from '../../element/index.js';
import { AvatarTask } from '../contract/avatartask.js';
import { complaint, failed, ok } from '../contract/livetalking.js';
import { sentence } from '../problem.js';
import type { AvatarTasks } from '../tasks/tasks.js';
import { type Form, readForm } from '../tasks/upload.js';
import type { Uploads } from '../uploads.js';

/** What the routes need to know. */
export interface TaskRoutes {
  readonly tasks: AvatarTasks;
  /** Where avatars are, and videos that may be named by `video_path`. */
  readonly avatars: string;
  /** Where uploads go. */
  readonly folder: string;
  readonly uploads: Uploads;
  /** Bytes of an upload. */
  readonly limit: number;
}

/** A plugin: what reads forms is only there for these routes. */
export function avatarTaskRoutes(
  app: FastifyInstance,
  { tasks, avatars, folder, uploads, limit }: TaskRoutes,
  done: () => void,
): void {
  void app.register(multipart);

  app.post('/api/avatar/task', async (request, reply) =>
    request.isMultipart() ? await uploads.place(request, reply, () => take(request)) : await take(request),
  );
  async function take(request: FastifyRequest) {
    let form: Form | undefined;
    let taken = false;
    try {
      form = await formOf(request, folder, limit);
      const wish = AvatarTask.safeParse(form.fields);
      if (!wish.success) return failed(complaint(wish.error));
      const { avatar_id, video_path, replace } = wish.data;
      if (!isAvatarId(avatar_id))
        return failed(`Expected the id of an avatar but received '${avatar_id.slice(0, 80)}'.`);
      if (!replace && existsSync(join(avatars, avatar_id))) {
        return failed(`There is an avatar ${avatar_id} already; replace=true puts the new one in its place.`);
      }
      const source =
        form.file ?? (video_path === undefined ? undefined : await serverVideo(video_path, avatars));
      if (source === undefined) return failed('video_file or video_path is required');
      const { task_id } = await tasks.add(wish.data, source, form.file !== undefined);
      taken = true;
      return ok({ task_id });
    } catch (error) {
      request.log.warn({ err: error }, 'no task');
      return failed(sentence(error));
    } finally {
      if (!taken && form?.file !== undefined) await rm(form.file, { force: true });
    }
  }

  app.get<{ Params: { id: string } }>('/api/avatar/task/:id', async ({ params }) => {
    const task = tasks.get(params.id);
    return task === undefined ? { code: 404, msg: 'Task not found' } : ok(task);
  });

  app.get('/api/avatar/tasks', async () => ok({ tasks: tasks.list() }));

  app.delete<{ Params: { id: string } }>('/api/avatar/task/:id', async ({ params }) => {
    try {
      return ok({ msg: `Task ${await tasks.remove(params.id)}` });
    } catch (error) {
      return failed(sentence(error));
    }
  });
  done();
}

async function formOf(request: FastifyRequest, folder: string, limit: number): Promise<Form> {
  if (request.isMultipart()) return readForm(request, folder, limit);
  return { fields: (request.body ?? {}) as Record<string, string>, file: undefined };
}

/**
 * A video that lies on the server. Only in the folder of avatars: any other file is nobody's business, and even whether
 * it is there is not told.
 */
async function serverVideo(path: string, avatars: string): Promise<string> {
  const root = await realpath(avatars).catch(() => resolve(avatars));
  const file = await realpath(resolve(avatars, path)).catch(() => undefined);
  if (file?.startsWith(root + sep) === true) return file;
  throw new TalkError(
    'resource/not-found',
    `There is no video '${path.slice(0, 80)}' among the avatars; upload it as video_file.`,
  );
}
