/**
 * LiveTalking's requests, as its clients send them: unknown keys are ignored, null counts as absent, and a session id
 * may be a number (its older clients).
 */
import { z } from 'zod';

/** `{"code":0,"msg":"ok"}` with optional data, or `code: -1` and a sentence; HTTP 200 either way, as its clients expect. */
export interface Envelope {
  readonly code: 0 | -1;
  readonly msg: string;
  readonly data?: unknown;
}

export const ok = (data?: unknown): Envelope => ({
  code: 0,
  msg: 'ok',
  ...(data === undefined ? {} : { data }),
});
export const failed = (msg: string): Envelope => ({ code: -1, msg });

/** What its own server answers for an id it does not know. */
export const UNKNOWN_SESSION = 'session not found';

/** What is said of a key that is not there, by zod and by us. */
const ABSENT = 'received undefined';

/** Characters one request may ask to say. */
export const LONGEST_TEXT = 100_000;

const sessionid = z
  .union([z.string(), z.number()], {
    error: ({ input }) => (input === undefined ? ABSENT : 'Expected a text or a number'),
  })
  .transform(String);

/** An optional string; null and absent are the empty string. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

export const Offer = z.object({
  sdp: z.string(),
  type: z.literal('offer', {
    error: ({ input }) => (input === undefined ? ABSENT : 'Expected "offer"'),
  }),
  avatar: text,
  refaudio: text,
  reftext: text,
  custom_config: text,
});

export const Human = z.object({
  sessionid,
  type: z.string(),
  text: z.string(),
  interrupt: z
    .union([z.boolean(), z.number(), z.string()], 'Expected true or false')
    .nullish()
    // Python takes any value for one or the other; a text that says no is meant so.
    .transform((value) => Boolean(value) && !/^(false|no|off|0)$/i.test(String(value))),
  tts: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullish())
    .nullish()
    .transform((value) => value ?? {}),
});

export type Human = z.output<typeof Human>;

/** `audiotype` 0 ends what plays. `reinit` is read and changes nothing: a clip begins with its first picture. */
export const AudioType = z.object({
  sessionid,
  // A form's field is a text.
  audiotype: z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,7}$/.test(value) ? Number(value) : value),
    z.int().min(0).max(1_000_000),
  ),
  reinit: z.unknown().optional(),
});

/** `captions` is ours: what is said as a text track (true), as a file of WebVTT beside the recording, or both. */
export const Recording = z.object({
  sessionid,
  type: text,
  captions: z.union([z.boolean(), z.enum(['none', 'track', 'file', 'both'])]).nullish(),
});

export const OnSession = z.object({ sessionid });

/**
 * The sentence for a body that does not fit. LiveTalking answers a missing key with its quoted name; so do we, and
 * say more where there is more to say.
 */
export function complaint(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return 'Expected a JSON object.';
  const name = issue.path.join('.');
  if (issue.message.includes(ABSENT)) return name === '' ? 'Expected a JSON object.' : `'${name}'`;
  return name === '' ? `Expected a JSON object: ${issue.message}.` : `'${name}': ${issue.message}.`;
}
