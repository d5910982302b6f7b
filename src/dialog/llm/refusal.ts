/**
 * What a chat server says when it does not answer: what the room `service` makes of its status, and the codes of OpenAI.
 *
 * The shape `{error: {message, type, code}}`: https://platform.openai.com/docs/guides/error-codes
 */
import { z } from 'zod';
import { type ErrorCode, TalkError } from '../../element/error.js';
import { answered, type Party, refused } from '../../service/refusal.js';
import { type ChatServer, host } from './server.js';

const Problem = z.object({
  error: z.object({ type: z.string().nullish(), code: z.union([z.string(), z.number()]).nullish() }),
});

/** Whom errors speak of. `said`: what people said, which a server may repeat. */
export function partyOf(server: ChatServer, said: readonly string[]): Party {
  const party: Party = {
    what: 'the language model',
    host: host(server.url),
    hide: [...(server.key === undefined ? [] : [server.key]), ...said],
    keys: server.keyNames,
    expects: 'a stream of events',
    discreet: true,
    explain: (status, body) => explain(status, body, server, party),
  };
  return party;
}

/** An error that comes as an event, after the answer has begun. */
export function streamFailure(party: Party, error: unknown): TalkError {
  const body = JSON.stringify({ error });
  const status = Number(codeOf(body));
  return refused(party, status >= 400 ? status : 500, {}, body);
}

function explain(status: number, body: string, server: ChatServer, party: Party): TalkError | undefined {
  const at = party.host;
  const means = (code: ErrorCode, sentence: string) =>
    new TalkError(code, sentence, {
      debug: answered(status, body, party),
      details: { host: at, status },
    });
  const code = codeOf(body);
  if (code === 'insufficient_quota')
    return means('resource/quota', `The account at ${at} has no quota left.`);
  if (code === 'context_length_exceeded')
    return means('resource/quota', `The conversation is too long for ${server.model} at ${at}.`);
  if (status === 404)
    return means('resource/not-found', `There is no chat with the model ${server.model} at ${at}.`);
  return undefined;
}

function codeOf(body: string): string {
  try {
    const { error } = Problem.parse(JSON.parse(body));
    return String(error.code ?? error.type ?? '');
  } catch {
    return '';
  }
}
