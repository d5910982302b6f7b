/** The list of tasks on disk: it outlives the server. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { TalkError } from '../../element/index.js';
import { STATES, type TaskObject } from '../contract/avatartask.js';

const schema = z.object({
  task_id: z.string(),
  model: z.string(),
  avatar_id: z.string(),
  /** Where the video lies. */
  source: z.string(),
  /** It was uploaded for this task and goes with it. */
  uploaded: z.boolean(),
  status: z.enum(STATES),
  progress: z.number(),
  error: z.string().optional(),
  notifyurl: z.string().optional(),
  name: z.string().optional(),
  licence: z.string().optional(),
  consent: z.string().optional(),
  replace: z.boolean(),
  still: z.boolean().default(false),
  /** Milliseconds since 1970. */
  start: z.number(),
  end: z.number().optional(),
  findings: z.array(z.unknown()),
});

/** A task as it is kept. */
export type Task = z.output<typeof schema>;

/** The task as clients see it. */
export function shown(task: Task): TaskObject {
  const { start, end } = task;
  return {
    task_id: task.task_id,
    model_type: task.model,
    avatar_id: task.avatar_id,
    status: task.status,
    progress: task.progress,
    error_msg: task.error ?? null,
    notify_url: task.notifyurl ?? null,
    start_time: start / 1000,
    end_time: end === undefined ? null : end / 1000,
    duration: end === undefined ? null : (end - start) / 1000,
    findings: task.findings,
  };
}

/** Reads the list; none when there is no file yet. @throws TalkError resource/read when it is damaged */
export async function readTasks(file: string): Promise<Task[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  try {
    return z.array(schema).parse(JSON.parse(text));
  } catch (cause) {
    throw new TalkError(
      'resource/read',
      `The list of tasks ${file} is damaged. Move it away to start with none.`,
      {
        details: { file },
        cause,
      },
    );
  }
}

/** Writes the list, as a whole or not at all. */
export async function writeTasks(file: string, tasks: readonly Task[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(tasks, null, 1));
  await rename(`${file}.new`, file);
}
