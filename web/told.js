// @ts-check
/** What an answer says, whoever gave it: this server, or a proxy before it that knows nothing but its own words. */
import { say } from './words.js';

/** JSON of a text; undefined for what is none. @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Asks, as `fetch` does. Rejects with a sentence where nobody answers, and with what `fetch` rejects with when it was called off.
 * @param {string} path @param {RequestInit} [init]
 */
export function reach(path, init) {
  return fetch(path, init).catch((error) => {
    throw error instanceof DOMException ? error : new Error(say('The server does not answer.'));
  });
}

/**
 * What an answer tells, and what is wrong with it: the server's own sentence, or one about whoever else has answered.
 * @param {{status: number, statusText: string}} answer
 * @param {string} text of its body
 * @returns {{told?: any, problem?: string}} `told` undefined where there is nothing
 */
export function read({ status, statusText }, text) {
  const told = parsed(text);
  const ok = status >= 200 && status < 300;
  // LiveTalking refuses with `msg` and HTTP 200, what is below /v1 with problem details.
  if (ok && text === '') return {};
  if (ok && told !== undefined)
    return told?.code ? { told, problem: told.msg ?? told.detail ?? '' } : { told };
  const own = told?.detail ?? told?.msg;
  if (typeof own === 'string') return { told, problem: own };
  const answered = `${status} ${statusText}`.trim();
  if (status >= 502 && status <= 504)
    return {
      problem: say('The server does not answer, says what stands before it ({answered}).', { answered }),
    };
  if (status === 413)
    return {
      problem: say('That is more than what stands before the server lets through ({answered}).', {
        answered,
      }),
    };
  return {
    problem: say('Something else than the server has answered ({answered}).', { answered }),
  };
}

/** What an answer of `fetch` is a refusal for; undefined where it is none. @param {Response} reply */
export async function refusal(reply) {
  return reply.ok ? undefined : read(reply, await reply.text()).problem;
}
