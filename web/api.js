// @ts-check
/** Requests to this server. Who has no token any more is asked for one by the page itself, which is loaded anew. */
import { reach, read } from './told.js';

/** What the server refused. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object | FormData} [body] JSON unless it is a form
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>} the answer's JSON; undefined where there is none
 */
export async function ask(method, path, body, signal) {
  const form = body instanceof FormData;
  const reply = await reach(path, {
    method,
    ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    ...(body === undefined || form ? {} : { headers: { 'content-type': 'application/json' } }),
    ...(signal === undefined ? {} : { signal }),
  });
  // The cookie's token is none any more: the same address asks for another.
  if (reply.status === 401) location.reload();
  const { told, problem } = read(reply, await reply.text());
  if (problem !== undefined) throw new Refused(reply.status, problem);
  return told;
}

/** @param {string} path @param {AbortSignal} [signal] */
export const get = (path, signal) => ask('GET', path, undefined, signal);

/**
 * Does it again and again while the page is looked at, never twice at once. @param {() => Promise<unknown>} work says itself what went wrong; @param {number} ms between the end
 * of one and the next @returns {{now(): Promise<void>, stop(): void}}
 */
export function poll(work, ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let stopped = false;
  let busy = false;
  const run = async () => {
    clearTimeout(timer);
    if (busy || stopped) return;
    busy = true;
    await work();
    busy = false;
    if (!stopped && !document.hidden) timer = setTimeout(run, ms);
  };
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void run();
  });
  void run();
  return {
    now: run,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
