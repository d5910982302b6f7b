/**
 * Who did what: a JSON line in a file for each request that changes something, is refused, or shows what is not everybody's.
 *
 * `{time, who, key, from, method, route, session?, status, outcome}`: `who` and `key` are the name of the token and the beginning of its hash, `route` is the
 * route and not the address, `outcome` is `done` or `refused`. No token, no text, no name of a file. Bounded: more than 200 lines a second are counted, not
 * written, and so is what a disk does not take; the next line says how many, `skipped`. The file is opened anew by `renew`, for whoever rotates it.
 */
import { open } from 'node:fs/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { TalkError } from '../element/index.js';
import type { Sessions } from '../session/sessions.js';
import { mayReach } from './caller.js';

/** Lines a second. */
const MOST = 200;
/** Bytes that wait for the disk. */
const WAITING = 1 << 20;

/** Asked again and again by pages, and change nothing. */
const POLLED = new Set(['/is_speaking']);
/** What shows who is there, or what somebody said. */
const SHOWS = /^\/(api\/admin|metrics|sse|record|v1\/(sessions|pool|log))/;
/** ms for which one who looks at the same again is not noted again: pages do, every second. */
const LOOKED = 60_000;
/** Looks remembered. */
const LOOKS = 1000;

export class Audit {
  readonly #file: ReturnType<typeof pino.destination>;
  readonly #most: number;
  #second = 0;
  #lines = 0;
  #skipped = 0;
  /** When somebody last looked at something and it was noted. */
  readonly #looks = new Map<string, number>();

  private constructor(file: ReturnType<typeof pino.destination>, most: number) {
    this.#file = file;
    this.#most = most;
    file.on('drop', () => this.#skipped++);
    // A disk that is full must not end the server; what it did not take is counted.
    file.on('error', () => this.#skipped++);
  }

  /** Lines are added to those that are there; only its owner reads it. Throws TalkError resource/write. @param most lines a second */
  static async open(path: string, most = MOST): Promise<Audit> {
    // Tried first: what cannot be opened would be closed a second time when the process ends.
    const tried = await open(path, 'a', 0o600).catch((cause: unknown) => {
      throw new TalkError('resource/write', `The audit log ${path} cannot be written.`, { cause });
    });
    await tried.close();
    const file = pino.destination({ dest: path, mode: 0o600, sync: false, maxLength: WAITING });
    await new Promise<void>((resolve, reject) => file.once('ready', resolve).once('error', reject));
    return new Audit(file, most);
  }

  /** Notes what becomes of the requests. After `knowCallers`. */
  watch(app: FastifyInstance): void {
    const refused = new WeakSet<FastifyRequest>();
    app.addHook('onSend', async (request, _reply, payload) => {
      // LiveTalking's clients are refused with HTTP 200.
      if (typeof payload === 'string' && payload.startsWith('{"code":-1')) refused.add(request);
      return payload;
    });
    app.addHook('preHandler', async (request) => {
      // Nothing is sent on a socket that this server's hooks would see.
      if (request.raw.headers.upgrade === undefined) return;
      const { id } = request.params as { id?: string };
      const refused = id !== undefined && !mayReach(request, id);
      this.#note(request, 101, refused);
    });
    app.addHook('onResponse', async (request, reply) => {
      const { statusCode } = reply;
      if (request.raw.headers.upgrade !== undefined && statusCode < 400) return;
      this.#note(request, statusCode, refused.has(request));
    });
  }

  /** Notes what viewers ask for by their data channels: `route` is `data-channel/` and the command, and `from` is empty. */
  follow(sessions: Sessions): void {
    sessions.events.on('made', ({ id, events }) => {
      events.on('obeyed', (type, done) => {
        if (!this.#room()) return;
        const line = { time: new Date().toISOString(), who: 'viewer', key: '', from: '', method: 'DATA' };
        const outcome = done ? 'done' : 'refused';
        this.#write({
          ...line,
          route: `data-channel/${type}`,
          session: id,
          status: 0,
          outcome,
          ...this.#missing(),
        });
      });
    });
  }

  /** The file of that name, which may be another by now. */
  renew(): void {
    this.#file.reopen();
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    if (this.#skipped > 0) this.#write({ time: new Date().toISOString(), ...this.#missing() });
    await new Promise<void>((resolve) => {
      this.#file.once('close', () => resolve());
      this.#file.once('error', () => resolve());
      this.#file.end();
    });
  }

  #note(request: FastifyRequest, status: number, refused = false): void {
    const { method, ip, caller, about, routeOptions } = request;
    const route = routeOptions.url ?? 'none';
    const denied = [401, 403, 429].includes(status);
    const quiet = POLLED.has(route) || (['GET', 'HEAD', 'OPTIONS'].includes(method) && !SHOWS.test(route));
    if (quiet && !denied && status !== 101) return;
    if (
      method === 'GET' &&
      status >= 200 &&
      status < 400 &&
      this.#again(`${caller?.mark} ${ip} ${route} ${about}`)
    )
      return;
    if (!this.#room()) return;
    const line = {
      time: new Date().toISOString(),
      who: caller?.name || 'anybody',
      key: caller?.mark ?? '',
      from: ip,
      ...{ method, route, session: about, status },
      outcome: refused || status >= 400 ? 'refused' : 'done',
      ...this.#missing(),
    };
    this.#write(line);
  }

  /** The same was noted a moment ago. */
  #again(look: string): boolean {
    const now = performance.now();
    if (now - (this.#looks.get(look) ?? Number.NEGATIVE_INFINITY) < LOOKED) return true;
    if (this.#looks.size >= LOOKS) this.#looks.clear();
    this.#looks.set(look, now);
    return false;
  }

  #missing(): { skipped?: number } {
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped > 0 ? { skipped } : {};
  }

  #write(line: object): void {
    this.#file.write(`${JSON.stringify(line)}\n`);
  }

  #room(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) [this.#second, this.#lines] = [second, 0];
    if (++this.#lines <= this.#most) return true;
    this.#skipped++;
    return false;
  }
}
