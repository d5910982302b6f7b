/** OpenAI's `POST /v1/chat/completions`, as a session answers it; fields of it that are not here are ignored. */
import { z } from 'zod';

/** Turns one request may bring. */
const MOST = 1000;

const content = z.union([
  z.string(),
  z
    .array(z.object({ type: z.literal('text'), text: z.string() }), 'Expected text, or parts that are text')
    .transform((parts) => parts.map(({ text }) => text).join('')),
]);

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content,
});

export const Chat = z.object({
  messages: z
    .array(message)
    .min(1)
    .max(MOST)
    .refine((all) => all.at(-1)?.role === 'user', 'Expected a message of the user at the end')
    .describe('what the model is told, in the place of what was said in the session; the last one is asked'),
  model: z
    .string()
    .max(200)
    .optional()
    .describe('the id of the session, where neither `session` nor the token names one; else ignored'),
  stream: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false)
    .describe('server-sent events, as it is written'),
  temperature: z.number().min(0).max(2).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.literal(1, 'Expected 1: one face gives one answer').nullish(),
  session: z.string().max(64).optional().describe('ours: the id of the session whose face says the answer'),
  voice: z.string().max(200).optional().describe('ours: ENGINE/NAME that says it'),
  interrupt: z.boolean().default(false).describe('ours: silences the session first'),
});

const finish = z.enum(['stop', 'length', 'content_filter']);

export const ChatCompletion = z.object({
  id: z.string().describe('chatcmpl-UTTERANCE: what the events of the session call it'),
  object: z.literal('chat.completion'),
  created: z.int().describe('seconds since 1970'),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
      finish_reason: finish,
      logprobs: z.null(),
    }),
  ),
});

/** One event of a streamed answer. */
export interface ChatChunk {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: { readonly role?: 'assistant'; readonly content?: string };
    readonly finish_reason: z.output<typeof finish> | null;
    readonly logprobs: null;
  }[];
}
