/** What one event of an answer says. */
import { z } from 'zod';
import { TalkError } from '../../element/error.js';
import type { Party } from '../../service/refusal.js';
import { CallPieces } from './calls.js';
import type { Finish } from './chat.js';
import { streamFailure } from './refusal.js';

/** A step of an answer. */
export interface Delta {
  /** To be said; empty for thoughts, roles and counts. */
  readonly text: string;
  readonly finish?: Finish;
  /** Pieces of calls of tools. */
  readonly calls: z.infer<typeof CallPieces>;
  /** The model did something: it spoke, thought, or called. */
  readonly alive: boolean;
}

const words = z.string().nullish();
const Said = z.object({
  content: words,
  reasoning_content: words,
  reasoning: words,
  role: words,
  tool_calls: CallPieces.nullish(),
});
const Choice = z.object({ delta: Said.nullish(), message: Said.nullish(), finish_reason: words });
const Chunk = z.object({ choices: z.array(Choice).nullish(), error: z.unknown().optional() });

const NOTHING: Delta = { text: '', calls: [], alive: false };

/** Reads an event. Throws stream/format for what is none, and the error that a server tells in mid-answer. */
export function readDelta(party: Party, data: string): Delta {
  const chunk = parse(party, data);
  if (chunk.error !== undefined && chunk.error !== null) throw streamFailure(party, chunk.error);
  // The last event of a server that counts has no choice, only numbers.
  const choice = chunk.choices?.[0];
  if (!choice) return NOTHING;
  const said = choice.delta ?? choice.message ?? {};
  const { content, reasoning_content: thought, reasoning } = said;
  const calls = said.tool_calls ?? [];
  const finish = choice.finish_reason ? { finish: finishOf(choice.finish_reason) } : {};
  const alive = Boolean(content || thought || reasoning || calls.length > 0);
  return { text: content ?? '', calls, alive, ...finish };
}

/** The answer of a server that does not stream. */
export function wholeAnswer(party: Party, body: string): Delta {
  return { finish: 'stop', ...readDelta(party, body) };
}

/** Names differ; what is none of these is an end like any other. */
function finishOf(reason: string): Finish {
  if (reason === 'length' || reason === 'max_tokens') return 'length';
  return reason === 'content_filter' ? 'content_filter' : 'stop';
}

function parse(party: Party, data: string): z.infer<typeof Chunk> {
  try {
    return Chunk.parse(JSON.parse(data));
  } catch (cause) {
    // Not the event itself: what a model says is not for logs.
    throw new TalkError(
      'stream/format',
      `The language model at ${party.host} sent an event that is no part of an answer.`,
      { debug: cause instanceof z.ZodError ? cause.message : `${data.length} characters that are no JSON` },
    );
  }
}
