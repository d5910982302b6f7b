/** Who may watch all of a server, and who may run graphs of their own on it. */
import type { FastifyRequest } from 'fastify';
import type { Keys } from './keys.js';

export interface Rights {
  /** May see all sessions, the log and the like. */
  watches(request: FastifyRequest): boolean;
  /** May run a graph that is none of the server's: it can read and write whatever the server can. */
  edits(request: FastifyRequest): boolean;
  /** Graphs can be edited at all. */
  readonly editing: boolean;
}

/** @param editing graphs can be edited: never unless whoever runs the server says so */
export function rightsOf(keys: Keys, editing: boolean): Rights {
  const watches = ({ caller: { kind } }: FastifyRequest): boolean =>
    kind !== 'session' && (kind !== 'key' || !keys.ranked);
  return { watches, editing, edits: (request) => editing && watches(request) };
}
