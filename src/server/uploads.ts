/** Forms with files that are being received: each has a connection, a file that grows and a place until it is through. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { failed } from './contract/livetalking.js';
import { clientOf } from './limits.js';
import { RETRY_AFTER } from './problem.js';

export interface UploadLimits {
  /** At a time. */
  readonly all: number;
  /** Of one address, or network in IPv6. */
  readonly each: number;
}

const LIMITS: UploadLimits = { all: 16, each: 4 };

/** Places for uploads; who comes when all are taken is refused at once. */
export class Uploads {
  readonly #limits: UploadLimits;
  readonly #clients = new Map<string, number>();
  #all = 0;

  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

  /** Answers by `take` where there is a place, else with LiveTalking's refusal and when to come again. */
  async place<T>(request: FastifyRequest, reply: FastifyReply, take: () => Promise<T>) {
    const client = clientOf(request.ip);
    const own = this.#clients.get(client) ?? 0;
    if (this.#all >= this.#limits.all || own >= this.#limits.each) {
      reply.header('retry-after', String(RETRY_AFTER));
      return failed(`${own >= this.#limits.each ? own : this.#all} uploads are under way already.`);
    }
    this.#all++;
    this.#clients.set(client, own + 1);
    try {
      return await take();
    } finally {
      this.#all--;
      const left = (this.#clients.get(client) ?? 1) - 1;
      if (left > 0) this.#clients.set(client, left);
      else this.#clients.delete(client);
    }
  }
}
