/** What whoever runs a server may see of it: running graphs, the inference pool, the log, and graphs to edit. */
import { z } from 'zod';

const level = z.object({
  name: z.string().describe('in and out of a pipe; empty for an element that is a queue'),
  buffers: z.int(),
  time: z.number().optional().describe('ms that they last'),
  full: z.number().min(0).max(1).describe('by whichever of its limits is nearest'),
});

const element = z.object({
  name: z.string(),
  factory: z.string(),
  ours: z.boolean().describe("talkgraph's, and not GStreamer's own"),
  state: z.string(),
  levels: z.array(level),
  lost: z.int().optional().describe('frames given up by now'),
});

const link = z.object({
  from: z.string(),
  fromPad: z.string(),
  to: z.string(),
  toPad: z.string(),
  caps: z.string(),
  rate: z.number().optional().describe('buffers a second, since the look before'),
  bitrate: z.number().optional().describe('bit/s'),
  gaps: z.number().optional().describe('part of them that hold nothing'),
  p50: z
    .number()
    .optional()
    .describe('ms behind the clock when they pass, of half of the last; negative is ahead'),
  p95: z.number().optional(),
});

const viewer = z.object({
  state: z.enum(['connecting', 'connected', 'closed']),
  codec: z.string().nullable(),
  low: z.boolean().describe('shown the low rendition'),
  bitrate: z.number().describe('bit/s'),
  loss: z.number().nullable().describe('part of the packets, 0 to 1'),
  rtt: z.number().nullable().describe('ms'),
});

/** A running session as one looks at it, once a second at most. */
export const LiveGraph = z.object({
  state: z.enum(['starting', 'running', 'ending', 'ended']),
  speaking: z.boolean(),
  seconds: z.number().describe('that it has been playing'),
  latency: z.number().nullable().describe('ms that the pipeline holds what it plays'),
  fps: z.number().nullable().describe('pictures a second at the end of the graph'),
  skew: z.number().nullable().describe('ms that the picture leaves later than the voice, median'),
  viewers: z.array(viewer),
  elements: z.array(element),
  links: z.array(link),
});

export const Pool = z.object({
  threads: z.array(z.object({ busy: z.boolean(), served: z.int() })),
  waiting: z.int().describe('rows without a thread'),
  done: z.int(),
  batches: z.int(),
  sizes: z.record(z.string(), z.int()).describe('batches by the number of their rows'),
  expired: z.int().describe('rows whose moment had passed'),
  refused: z.int().describe('rows for which there was no room'),
  crashes: z.int(),
  models: z.array(
    z.object({
      name: z.string(),
      provider: z.string(),
      reason: z.string(),
      users: z.int(),
      median: z.number().describe('ms a row, timed when it was loaded'),
      p99: z.number(),
      rows: z.number().describe('rows a second with all threads'),
    }),
  ),
});

export const LogQuery = z.object({ after: z.coerce.number().int().min(0).default(0) });

export const LogLines = z.object({
  lines: z.array(
    z.object({
      number: z.int(),
      time: z.number().describe('ms since 1970'),
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
      message: z.string(),
      fields: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** Who asks, and what they may. */
export const Me = z.object({
  kind: z.enum(['anybody', 'key', 'admin', 'session']),
  name: z.string(),
  watches: z.boolean().describe('may see all sessions, pool, log and graphs'),
  edits: z.boolean().describe('may run graphs of their own'),
});

export const GraphText = z.object({ name: z.string(), text: z.string() });
export const GraphCheck = z.strictObject({ text: z.string().max(200_000) });

export const Checked = z.object({
  problems: z.array(
    z.object({
      message: z.string(),
      file: z.string().optional(),
      line: z.int().optional(),
      column: z.int().optional(),
      length: z.int().optional(),
    }),
  ),
  elements: z.array(z.object({ name: z.string(), factory: z.string(), ours: z.boolean() })),
  links: z.array(
    z.object({ from: z.string(), fromPad: z.string(), to: z.string(), toPad: z.string(), caps: z.string() }),
  ),
});

export const AvatarReport = z.object({
  id: z.string(),
  findings: z.array(z.object({ severity: z.enum(['error', 'warning']), text: z.string() })),
});

/** What an editor completes: every element here, with its properties. */
export const ElementList = z.object({
  elements: z.array(z.object({ name: z.string(), blurb: z.string(), ours: z.boolean() })),
});
export const ElementProperties = z.object({
  name: z.string(),
  blurb: z.string(),
  properties: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      blurb: z.string(),
      unit: z.string().optional(),
      values: z.array(z.string()).optional(),
    }),
  ),
});
