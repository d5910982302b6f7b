/**
 * A schedule: what a live `ttssrc` said and exactly where, so that the same can be rendered again, frame by frame.
 *
 * One JSON object per line. The first names the format and the counters it is written in, each further one is an
 * utterance with its stretches `[video frame, first sample, samples]` or a cut with the frame it took effect at.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { TalkError } from '../element/index.js';
import type { Placed, Run } from './utterance.js';

const Head = z.object({
  talkgraph: z.literal('schedule'),
  version: z.literal(1),
  rate: z.int().min(8000).max(48000),
  framerate: z.string().regex(/^\d+\/\d+$/),
});

const Entry = z.union([
  z.object({
    say: z.object({
      id: z.string(),
      text: z.string(),
      voice: z.string(),
      runs: z.array(z.tuple([z.int().min(0), z.int().min(0), z.int().min(0)])),
    }),
  }),
  z.object({ cut: z.object({ frame: z.int().min(0) }) }),
]);

export type ScheduleHead = z.infer<typeof Head>;
export type ScheduleEntry = z.infer<typeof Entry>;

export interface Schedule {
  readonly head: ScheduleHead;
  readonly entries: readonly ScheduleEntry[];
}

/** An utterance as an entry. */
export function sayEntry({ id, text, runs }: Placed, voice: string): ScheduleEntry {
  return {
    say: { id, text, voice, runs: runs.map(({ frame, offset, samples }) => [frame, offset, samples]) },
  };
}

/** The stretches of an entry as the timeline takes them. */
export function toRuns(runs: readonly (readonly [number, number, number])[]): Run[] {
  return runs.map(([frame, offset, samples]) => ({ frame, offset, samples }));
}

/** Reads a schedule file. Throws resource/not-found or stream/format with the line that is wrong. */
export async function readSchedule(path: string): Promise<Schedule> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new TalkError('resource/not-found', `Expected a schedule file but "${path}" cannot be read.`, {
      cause,
    });
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const parse = <T>(type: z.ZodType<T>, line: string | undefined, number: number): T => {
    let value: unknown;
    try {
      value = JSON.parse(line ?? '');
    } catch {
      value = undefined;
    }
    const result = type.safeParse(value);
    if (result.success) return result.data;
    const what = number === 1 ? 'the head of a schedule' : 'an utterance or a cut';
    throw new TalkError('stream/format', `Expected ${what} as JSON in line ${number} of "${path}".`, {
      debug: result.error.message,
    });
  };
  const [first, ...rest] = lines;
  return { head: parse(Head, first, 1), entries: rest.map((line, i) => parse(Entry, line, i + 2)) };
}
