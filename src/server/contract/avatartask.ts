/** LiveTalking's requests about avatars that are to be made, and what it answers; fields may come as JSON or as a form. */
import { z } from 'zod';

export const STATES = ['pending', 'running', 'completed', 'failed'] as const;
export type TaskState = (typeof STATES)[number];

/** A task as it is told to clients. Times are seconds since 1970. */
export interface TaskObject {
  readonly task_id: string;
  readonly model_type: string;
  readonly avatar_id: string;
  readonly status: TaskState;
  /** 0 to 100. */
  readonly progress: number;
  readonly error_msg: string | null;
  readonly notify_url: string | null;
  /** When it was asked for. */
  readonly start_time: number;
  readonly end_time: number | null;
  /** Seconds from the one to the other. */
  readonly duration: number | null;
  /** Ours: what is wrong with the video, by time. */
  readonly findings: readonly unknown[];
}

/** Models whose avatars are made; boxes for all of them are found at once. */
export const MODELS = ['wav2lip', 'musetalk', 'tinylip'] as const;

const optional = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));
const yes = z
  .union([z.boolean(), z.string()])
  .nullish()
  .transform((value) => value === true || (typeof value === 'string' && /^(true|1|yes|on)$/i.test(value)));

/** Ids of tasks become keys and parts of addresses, never of paths. */
export const TASK_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/**
 * What a client asks for. Its fields of box and batch sizes (`img_size`, `pads`, `nosmooth`, …) are ignored: boxes are
 * found to fractions of a pixel and smoothed both ways, whatever they say.
 */
export const AvatarTask = z.object({
  model: z.string().min(1).max(64),
  avatar_id: z.string().min(1),
  video_path: optional,
  task_id: optional.refine(
    (id) => id === undefined || TASK_ID.test(id),
    'Expected letters, digits, "-", "_" and "."',
  ),
  notifyurl: optional.refine(
    (url) => url === undefined || url.length <= 2000,
    'Expected at most 2000 characters',
  ),
  /** Ours. */
  name: optional.refine(
    (text) => text === undefined || text.length <= 100,
    'Expected at most 100 characters',
  ),
  licence: optional.refine(
    (text) => text === undefined || text.length <= 200,
    'Expected at most 200 characters',
  ),
  consent: optional.refine(
    (text) => text === undefined || text.length <= 500,
    'Expected at most 500 characters',
  ),
  /** Takes the place of an avatar of that id. */
  replace: yes,
  /** A photo stays one picture. */
  still: yes,
});

export type AvatarTask = z.output<typeof AvatarTask>;
