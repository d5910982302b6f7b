/**
 * What somebody wishes of one answer: a conversation of their own in the place of the one that was held here, and how freely and how long
 * the model answers. It goes with a turn, as JSON in its meta.
 */
import { z } from 'zod';
import { TalkError } from '../element/error.js';
import type { ChatMessage } from './llm/chat.js';

const Wish = z.object({
  /** The turns before the one that is asked; the model is told these and nothing that was said here. */
  before: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
  /** 0 to 2; absent: as the graph says. */
  temperature: z.number().min(0).max(2).optional(),
  /** Tokens; absent: as the graph says. */
  maxTokens: z.int().min(1).optional(),
});
export type Wish = z.output<typeof Wish>;

/** @throws TalkError stream/format for what is none */
export function readWish(text: string): Wish {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const wish = Wish.safeParse(parsed);
  if (wish.success) return wish.data;
  throw new TalkError('stream/format', 'Expected the wish of a turn as JSON with a list "before".');
}

/** What the model is told: the system prompt of the graph where the wish brings none, what came before, and the question. */
export function wishedMessages({ before }: Wish, system: string, question: string): ChatMessage[] {
  const own = system !== '' && !before.some(({ role }) => role === 'system');
  return [
    ...(own ? [{ role: 'system' as const, content: system }] : []),
    ...before,
    { role: 'user', content: question },
  ];
}
