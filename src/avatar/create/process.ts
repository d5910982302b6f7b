/** The process that `createApart` starts: one order, answers, and its end. */
import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { TalkError } from '../../element/error.js';
import { readManifest } from '../../inference/index.js';
import { makeLatents } from '../make-latents.js';
import type { Answer, Order } from './apart.js';
import { createAvatar } from './create.js';
import type { CreateProgress } from './options.js';

/** Steps of `nice` behind the process that asked. */
const STEPS_BACK = 10;

const abort = new AbortController();
const stop = () => abort.abort(new Error('stopped'));
process.once('SIGTERM', stop);
// Ctrl-C reaches all of a terminal's processes: whoever asked for this one decides.
process.on('SIGINT', () => undefined);
// Nobody is there any more who could want it.
process.once('disconnect', stop);

function answer(message: Answer): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    process.send?.(message, undefined, undefined, () => resolve());
    return undefined;
  });
}

async function run(order: Order): Promise<void> {
  try {
    const { latents, ...how } = order;
    const { signal } = abort;
    const progress = (progress: CreateProgress) => void answer({ told: 'progress', progress });
    const made = await createAvatar({ ...how, signal, progress });
    if (latents !== undefined) {
      await makeLatents(made.folder, await readManifest(latents), {
        signal,
        progress: (done, of) => progress({ stage: 'latents', done, of, part: done / of }),
      });
    }
    await answer({ told: 'made', made });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const ours = error instanceof TalkError ? { code: error.code, details: error.details } : {};
    await answer({ told: 'failed', message, ...ours });
  }
  if (process.connected) process.disconnect();
}

setPriority(STEPS_BACK);
// Where memory runs out, this process goes and not one that talks with people.
writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined);
process.once('message', (order: Order) => {
  void run(order);
});
