/**
 * A schedule: what a live `ttssrc` said and exactly where, so that the same can be rendered again, frame by frame.
 *
 * One JSON object per line. The first names the format and the counters it is written in, each further one is an
 * utterance or a clip with its stretches `[video frame, first sample, samples]` (`parts`: the lengths in which its text was
 * written, which decide how it is cut into sentences); a cut, by which the voice went back from one frame to an earlier one; or what a gate made of it: until when old sound was heard and how long it faded (ns), and
 * which picture was the first without the old mouth (`kept`: it still shows it, half closed).
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

const runs = z.array(z.tuple([z.int().min(0), z.int().min(0), z.int().min(0)]));

const lengths = z.array(z.int().min(1));

const Entry = z.union([
  z.object({
    say: z.object({ id: z.string(), text: z.string(), voice: z.string(), runs, parts: lengths.optional() }),
  }),
  z.object({ clip: z.object({ id: z.string(), name: z.string(), runs }) }),
  z.object({ cut: z.object({ number: z.int().min(1), from: z.int().min(0), frame: z.int().min(0) }) }),
  z.object({ sound: z.object({ cut: z.int().min(1), end: z.int().min(0), faded: z.int().min(0) }) }),
  z.object({ picture: z.object({ cut: z.int().min(1), frame: z.int().min(0), kept: z.boolean() }) }),
]);

export type ScheduleHead = z.infer<typeof Head>;
export type ScheduleEntry = z.infer<typeof Entry>;

export interface Schedule {
  readonly head: ScheduleHead;
  readonly entries: readonly ScheduleEntry[];
}

/** An utterance or a clip as an entry. */
export function placedEntry({ id, text, kind, runs, parts }: Placed, voice: string): ScheduleEntry {
  const rows = runs.map(({ frame, offset, samples }): [number, number, number] => [frame, offset, samples]);
  return kind === 'clip'
    ? { clip: { id, name: text, runs: rows } }
    : { say: { id, text, voice, runs: rows, ...(parts && { parts: [...parts] }) } };
}

/** What a gate told of a cut, as an entry; undefined when it is none. */
export function gateEntry(fields: Readonly<Record<string, unknown>>): ScheduleEntry | undefined {
  const { cut, sound, faded, frame, kept } = fields;
  const entry =
    sound === undefined ? { picture: { cut, frame, kept } } : { sound: { cut, end: sound, faded } };
  return Entry.safeParse(entry).data;
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
    const what =
      number === 1 ? 'the head of a schedule' : 'an utterance, a clip, a cut or what a gate made of one';
    throw new TalkError('stream/format', `Expected ${what} as JSON in line ${number} of "${path}".`, {
      debug: result.error.message,
    });
  };
  const [first, ...rest] = lines;
  return { head: parse(Head, first, 1), entries: rest.map((line, i) => parse(Entry, line, i + 2)) };
}
