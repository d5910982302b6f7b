import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
// Not the room's door: what makes avatars is loaded by the process that makes them.
import { createApart } from '../../avatar/create/apart.js';
import type { CreateProgress } from '../../avatar/create/options.js';
import { NO_PAINTER, painter } from '../../avatar/painter.js';
import { TalkError } from '../../element/index.js';
import { type AvatarTask, MODELS, type TaskObject } from '../contract/avatartask.js';
import { postOut } from './outgoing.js';
import { readTasks, shown, type Task, writeTasks } from './record.js';

/** Where and how. */
export interface TasksOptions {
  /** Folder of the list and of uploads. */
  readonly folder: string;
  /** Where avatars are written. */
  readonly avatars: string;
  /** Notes for the log. */
  readonly warn: (fact: object, text: string) => void;
  /** Notify addresses on this machine and its network, too. */
  readonly anywhere?: boolean;
}

/** Tasks that are over and still told of. */
const KEPT = 200;
/** Tasks that may wait. */
const MOST = 100;
/** How long a notified server may take, ms. */
const PATIENCE = 5000;
const CANCELLED = new Error('Task was cancelled');
const SHUTDOWN = new Error('the server ends');

/** Avatars that are to be made, one after the other; the list outlives the server, and so does what is under way. */
export class AvatarTasks {
  readonly #options: TasksOptions;
  readonly #file: string;
  readonly #tasks: Map<string, Task>;
  #running:
    | { readonly id: string; readonly abort: AbortController; readonly over: Promise<void> }
    | undefined;
  #saving: Promise<void> = Promise.resolve();
  #notifying: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(options: TasksOptions, file: string, tasks: readonly Task[]) {
    this.#options = options;
    this.#file = file;
    this.#tasks = new Map(tasks.map((task) => [task.task_id, task]));
  }

  /** Reads the list and goes on with it. What was under way when the server ended begins again. */
  static async open(options: TasksOptions): Promise<AvatarTasks> {
    const file = join(options.folder, 'tasks.json');
    const tasks = new AvatarTasks(options, file, await readTasks(file));
    for (const task of tasks.#tasks.values()) {
      if (task.status === 'running') Object.assign(task, { status: 'pending', progress: 0 });
    }
    tasks.#next();
    return tasks;
  }

  /** Takes a task on. @throws TalkError resource/settings (its id is under way), resource/quota */
  async add(wish: AvatarTask, source: string, uploaded: boolean): Promise<TaskObject> {
    const {
      model,
      avatar_id,
      notifyurl,
      name,
      licence,
      consent,
      replace,
      still,
      task_id = randomUUID(),
    } = wish;
    const known = this.#tasks.get(task_id);
    if (known?.status === 'pending' || known?.status === 'running') {
      throw new TalkError('resource/settings', `Task ${task_id} is in ${known.status} state already.`);
    }
    if ([...this.#tasks.values()].filter(({ status }) => status === 'pending').length >= MOST) {
      throw new TalkError('resource/quota', `${MOST} tasks are waiting; try again when some are done.`, {
        retryable: true,
      });
    }
    const task: Task = {
      ...{ task_id, model, avatar_id, source, uploaded, replace, still },
      ...{ status: 'pending' as const, progress: 0, start: Date.now(), findings: [] },
      ...(notifyurl !== undefined && { notifyurl }),
      ...(name !== undefined && { name }),
      ...(licence !== undefined && { licence }),
      ...(consent !== undefined && { consent }),
    };
    this.#tasks.delete(task_id);
    this.#tasks.set(task_id, task);
    this.#trim();
    await this.#changed(task);
    this.#next();
    return shown(task);
  }

  get(id: string): TaskObject | undefined {
    const task = this.#tasks.get(id);
    return task && shown(task);
  }

  /** All, the newest first. */
  list(): TaskObject[] {
    return [...this.#tasks.values()].sort((a, b) => b.start - a.start).map(shown);
  }

  /** Takes a waiting task away, or ends a running one. @returns what became of it @throws TalkError */
  async remove(id: string): Promise<'deleted' | 'cancelled'> {
    const task = this.#tasks.get(id);
    if (task === undefined) throw new TalkError('resource/not-found', 'Task not found');
    if (this.#running?.id === id) {
      const { abort, over } = this.#running;
      abort.abort(CANCELLED);
      await over;
      return 'cancelled';
    }
    if (task.status !== 'pending') {
      throw new TalkError('resource/busy', `Task is in ${task.status} state, cannot delete`);
    }
    this.#tasks.delete(id);
    await this.#discard(task);
    await this.#save();
    return 'deleted';
  }

  /** Ends what is under way; it begins again with the next server. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#running?.abort.abort(SHUTDOWN);
    await this.#running?.over;
    await this.#saving;
    await this.#notifying;
  }

  #next(): void {
    if (this.#closed || this.#running !== undefined) return;
    const task = [...this.#tasks.values()]
      .filter(({ status }) => status === 'pending')
      .sort((a, b) => a.start - b.start)[0];
    if (task === undefined) return;
    const abort = new AbortController();
    const over = this.#run(task, abort.signal).finally(() => {
      this.#running = undefined;
      this.#next();
    });
    this.#running = { id: task.task_id, abort, over };
  }

  /** Never rejects: what goes wrong is the task's own. */
  async #run(task: Task, signal: AbortSignal): Promise<void> {
    try {
      Object.assign(task, { status: 'running', progress: 5 });
      await this.#changed(task);
      const { model, source, avatar_id: id, name, licence, consent, replace, still } = task;
      if (!(MODELS as readonly string[]).includes(model))
        throw new TalkError('resource/settings', `Unsupported model type: ${model}`);
      if (!existsSync(source)) throw new TalkError('resource/not-found', 'The video is not there any more.');
      const latents = model === 'musetalk' ? await painter() : undefined;
      const made = await createApart({
        ...(latents !== undefined && { latents }),
        ...{ source, id, folder: this.#options.avatars, replace, still, signal },
        ...(name !== undefined && { name }),
        ...(licence !== undefined && { licence }),
        ...(consent !== undefined && { consent }),
        progress: (now) => {
          task.progress = Math.max(task.progress, marks(now, latents !== undefined));
        },
      });
      Object.assign(task, {
        status: 'completed',
        progress: 100,
        end: Date.now(),
        findings: [...made.findings, ...(model === 'musetalk' && latents === undefined ? [NO_PAINTER] : [])],
      });
    } catch (error) {
      if (error === SHUTDOWN) Object.assign(task, { status: 'pending', progress: 0 });
      else this.#failed(task, error);
    }
    try {
      if (task.status !== 'pending') await this.#discard(task);
      await this.#changed(task);
    } catch (error) {
      this.#options.warn({ err: error }, 'the list of tasks cannot be written');
    }
  }

  #failed(task: Task, error: unknown): void {
    const ours = error instanceof TalkError;
    if (!ours && error !== CANCELLED) this.#options.warn({ err: error }, 'an avatar was not made');
    const text =
      ours || error === CANCELLED ? (error as Error).message : 'Something went wrong; the log says more.';
    const found = ours ? error.details['findings'] : undefined;
    const findings = typeof found === 'string' ? (JSON.parse(found) as unknown[]) : [];
    Object.assign(task, { status: 'failed', error: text, end: Date.now(), findings });
  }

  /** An uploaded video goes when nobody needs it any more. */
  async #discard({ uploaded, source }: Task): Promise<void> {
    if (uploaded) await rm(source, { force: true });
  }

  /** Forgets the oldest of those that are over. */
  #trim(): void {
    const over = [...this.#tasks.values()]
      .filter(({ end }) => end !== undefined)
      .sort((a, b) => a.start - b.start);
    for (const { task_id } of over.slice(0, Math.max(0, over.length - KEPT))) this.#tasks.delete(task_id);
  }

  /** Writes the new state down, then tells who wanted to know. */
  async #changed(task: Task): Promise<void> {
    const { notifyurl } = task;
    const body = shown(task);
    await this.#save();
    if (notifyurl === undefined) return;
    // In order, and nobody waits for it: a server that does not answer holds up no avatar.
    this.#notifying = this.#notifying
      .then(() => postOut(notifyurl, body, PATIENCE, this.#options.anywhere))
      .catch((error: unknown) =>
        this.#options.warn({ err: error, task: task.task_id }, 'notifyurl was not reached'),
      );
  }

  #save(): Promise<void> {
    const saving = this.#saving.then(() => writeTasks(this.#file, [...this.#tasks.values()]));
    this.#saving = saving.catch(() => undefined);
    return saving;
  }
}

/** LiveTalking's marks, from and to: 5 is begun; it looks for the face, writes, and makes latents. */
const MARKS = { reading: [20, 80], writing: [85, 100], latents: [100, 100] } as const;
const MARKS_OF_LATENTS = { reading: [20, 50], writing: [50, 75], latents: [75, 100] } as const;

function marks({ stage, done, of }: CreateProgress, latents: boolean): number {
  const part = of === undefined || of === 0 ? 0 : Math.min(1, done / of);
  const [from, to] = (latents ? MARKS_OF_LATENTS : MARKS)[stage];
  return Math.floor(from + (to - from) * part);
}
