/** `/v1/sessions`: made of any graph, watched and ended. */
import { demandOpen, graphFile } from '../../session/catalogue.js';
import { settingsOf } from '../../session/editing.js';
import type { Session } from '../../session/session.js';
import type { SessionTokens } from '../caller.js';
import {
  MadeSession,
  NewSession,
  SessionAnswer,
  SessionInfo,
  SessionList,
  SessionOffer,
} from '../contract/v1.js';
import { whenGone } from '../gone.js';
import { clientOf } from '../limits.js';
import { RETRY_AFTER } from '../problem.js';
import type { Rights } from '../rights.js';
import type { Signalling } from '../signalling.js';
import { type Api, Refusal } from './api.js';
import { streamEvents } from './events.js';
import type { Found } from './found.js';
import { named } from './named.js';

/** What the routes need besides. */
export interface SessionRoutes {
  readonly signalling: Signalling;
  readonly tokens: SessionTokens;
  readonly rights: Rights;
}

export function sessionRoutes(api: Api, found: Found, { signalling, tokens, rights }: SessionRoutes): void {
  const { sessions } = signalling;

  api.route(
    { method: 'GET', path: '/v1/sessions', summary: 'All sessions', status: 200, answer: SessionList },
    () => ({ sessions: [...sessions.list()].map(shown), limit: sessions.limit }),
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions',
      summary: 'Makes a session of a graph',
      body: NewSession,
      status: 201,
      answer: MadeSession,
    },
    async ({ graph, text, parameters }, request, reply) => {
      if (sessions.fullFor(clientOf(request.ip))) {
        sessions.events.emit('refused');
        const message = `Maximum session limit reached (${sessions.size}/${sessions.limit})`;
        throw new Refusal(503, message, RETRY_AFTER);
      }
      if (text !== undefined && !rights.edits(request)) throw new Refusal(403, closed(rights));
      const bound = await named(parameters);
      if (graph === undefined && text === undefined) demandOpen(bound);
      const settings =
        text !== undefined
          ? settingsOf(text)
          : graph !== undefined
            ? { graph: await graphFile(graph, bound), parameters: {} }
            : undefined;
      const making = settings === undefined ? {} : { settings };
      const session = await sessions.create(bound, {
        ...making,
        signal: whenGone(reply),
        client: clientOf(request.ip),
      });
      found.touch(session);
      request.about = session.id;
      reply.header('location', `/v1/sessions/${session.id}`);
      const token = tokens.give(session, request, reply);
      return { ...shown(session), ...(token !== undefined && { token }) };
    },
  );

  api.route(
    { method: 'GET', path: '/v1/sessions/:id', summary: 'One session', status: 200, answer: SessionInfo },
    (_body, request) => shown(found.any(request)),
  );

  api.route(
    { method: 'DELETE', path: '/v1/sessions/:id', summary: 'Ends a session', status: 204 },
    async (_body, request) => {
      await found.any(request).close('it was ended from outside');
    },
  );

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/offer',
      summary: 'A viewer joins: a complete SDP offer, answered',
      body: SessionOffer,
      status: 200,
      answer: SessionAnswer,
    },
    async ({ sdp }, request) => {
      const { id } = found.running(request);
      return { sdp: (await signalling.join(id, sdp, 'both')).sdp, type: 'answer' };
    },
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/sessions/:id/events',
      summary: 'What happens in a session, as it is heard (server-sent events)',
      status: 200,
      media: 'text/event-stream',
    },
    (_body, request, reply) => streamEvents(found.any(request), reply),
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/sessions/:id/graph',
      summary: 'The running graph, in Graphviz’ language',
      status: 200,
      media: 'text/vnd.graphviz',
    },
    (_body, request, reply) => {
      const { pipeline } = found.running(request);
      reply.type('text/vnd.graphviz; charset=utf-8');
      // States and caps; values of properties may be secret.
      return pipeline?.dot('caps') ?? '';
    },
  );
}

/** Why a graph of the caller's own is not run. */
const closed = ({ editing }: Rights): string =>
  editing
    ? 'Expected the token of whoever runs this server.'
    : 'Graphs cannot be edited here: the server was not started with --edit-graphs.';

function shown(session: Session) {
  const { avatar, model } = session.parameters;
  const voice = session.voice || session.parameters['voice'];
  const text = (value: unknown) => (value === undefined || value === '' ? null : String(value));
  return {
    id: session.id,
    state: session.state,
    graph: session.graph.replace(/^.*\//, '').replace(/\.ya?ml$/, ''),
    avatar: text(avatar),
    model: text(model),
    voice: text(voice),
    speaking: session.speaking,
    answers: session.answers,
  };
}
