/**
 * `POST /humanaudio`: a form with `sessionid` and a sound file `file`, which the avatar says (LiveTalking). Anything GStreamer decodes;
 * refused at once when there is no sound in it. The file is removed when it was heard or cut.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Sessions } from '../../session/sessions.js';
import { recordedSound } from '../../voice/pcm/recorded.js';
import { reach } from '../caller.js';
import { failed, ok, UNKNOWN_SESSION } from '../contract/livetalking.js';
import { sentence } from '../problem.js';
import { readForm } from '../tasks/upload.js';
import type { Uploads } from '../uploads.js';

/** Bytes of a file: what LiveTalking takes. */
const LIMIT = 100 << 20;

/** What a file that was sent is called in a sentence. */
const NAME = 'the sound file';

/** A plugin: what reads forms is only there for this route. */
export function humanAudioRoute(
  app: FastifyInstance,
  { sessions, uploads }: { readonly sessions: Sessions; readonly uploads: Uploads },
  done: () => void,
): void {
  let folder: Promise<string> | undefined;
  void app.register(multipart);
  app.addHook('onClose', async () => {
    if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
  });
  app.post('/humanaudio', async (request, reply) => {
    if (!request.isMultipart()) return failed('Expected a form with sessionid and file.');
    return await uploads.place(request, reply, () => take(request));
  });
  async function take(request: FastifyRequest) {
    let file: string | undefined;
    const drop = (): void => {
      if (file === undefined) return;
      rm(file, { force: true }).catch((error: unknown) => request.log.warn({ err: error }, 'a sound stays'));
    };
    try {
      folder ??= mkdtemp(join(tmpdir(), 'talkgraph-sound-'));
      const form = await readForm(request, await folder, LIMIT, { field: 'file', what: 'sound file' });
      file = form.file;
      const { sessionid } = form.fields;
      if (sessionid === undefined) return refused("'sessionid'", drop);
      if (file === undefined) return refused("'file'", drop);
      const session = reach(sessions, request, sessionid);
      if (session === undefined) return refused(UNKNOWN_SESSION, drop);
      const sound = await recordedSound(file, drop);
      session.play(sound, { text: '', id: randomUUID() });
      return ok();
    } catch (error) {
      // Its name is ours: whoever sent it knows it by another.
      return refused(
        file === undefined ? sentence(error) : sentence(error).replace(basename(file), NAME),
        drop,
      );
    }
  }
  done();
}

function refused(msg: string, drop: () => void) {
  drop();
  return failed(msg);
}
