/**
 * WHEP (draft-ietf-wish-whep-03): who wants to watch posts an SDP offer and gets the answer; WHIP (RFC 9725): the same for who
 * brings a microphone.
 *
 *     POST /whep?avatar=…&voice=…   a new session, and its first viewer
 *     POST /whep/SESSION            one more viewer of it
 *     POST /whip/SESSION            somebody who talks to it
 *
 * The answer's `Location` is theirs alone: PATCH brings candidates that were found later, DELETE ends it. ICE restarts are
 * answered with 422, as both documents ask of those who do without.
 */
import type {
  FastifyError,
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
} from 'fastify';
import { TalkError } from '../../element/index.js';
import type { Answer } from '../../webrtc/viewers.js';
import { mayReach, type SessionTokens, TOKEN_HEADER } from '../caller.js';
import { whenGone } from '../gone.js';
import { clientOf } from '../limits.js';
import { problem, RETRY_AFTER, sentence, statusOf } from '../problem.js';
import { Signalling } from '../signalling.js';

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const EXPOSED = `Location, ETag, Link, Retry-After, Accept-Post, Accept-Patch, ${TOKEN_HEADER}`;

type Where = { Params: { session: string; viewer: string } };

export interface HttpSignallingOptions {
  readonly signalling: Signalling;
  readonly tokens: SessionTokens;
}

const ADDRESS = /^\/(whep|whip)(\/|$)/;

/** Lets pages of other sites ask here, and read why they are refused: they come with the token. Before what refuses them. */
export function openToPages(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!ADDRESS.test(request.url.split('?', 1)[0] ?? '')) return;
    reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', EXPOSED);
    if (request.method !== 'OPTIONS') return;
    reply
      .header('access-control-allow-methods', 'POST, PATCH, DELETE, OPTIONS, GET')
      .header('access-control-allow-headers', 'Authorization, Content-Type, If-Match')
      .header('access-control-max-age', 86_400);
  });
}

/** A scope of its own: bodies are SDP here, and problems are told as RFC 9457 has them. */
export const httpSignalling: FastifyPluginCallback<HttpSignallingOptions> = (
  app,
  { signalling, tokens },
  done,
) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([SDP, FRAGMENT], { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler(tell);
  app.addHook<Where>('preHandler', async (request) => {
    const { session } = request.params;
    if (session !== undefined && !mayReach(request, session)) throw noSession();
  });

  /** An address that takes offers. */
  const endpoint = (
    path: string,
    take: (request: FastifyRequest<Where>, reply: FastifyReply) => Promise<[string, Answer]>,
  ) => {
    app.post<Where>(path, async (request, reply) => {
      expect(request, SDP);
      if (!accepts(request, SDP)) throw new Refusal(406, `Expected to answer with ${SDP}.`);
      const [location, answer] = await take(request, reply);
      const links = answer.servers.map(linkOf);
      if (links.length > 0) reply.header('link', links);
      return reply
        .code(201)
        .type(SDP)
        .header('location', `${location}/${answer.id}`)
        .header('etag', etagOf(answer.id))
        .header('accept-patch', FRAGMENT)
        .send(answer.sdp);
    });
    app.options(path, (_request, reply) => reply.code(200).header('accept-post', SDP).send());
    app.get(path, (_request, reply) => reply.code(204).send());
  };

  endpoint('/whep', async (request, reply) => {
    const { avatar, voice } = request.query as Record<string, unknown>;
    const wish = { avatar: one(avatar), voice: one(voice), client: clientOf(request.ip) };
    await Signalling.check(wish);
    const { session, answer } = await signalling.open(request.body, wish, 'watch', whenGone(reply));
    request.about = session.id;
    tokens.give(session, request, reply);
    return [`/whep/${session.id}`, answer];
  });
  for (const [path, purpose] of [
    ['/whep', 'watch'],
    ['/whip', 'talk'],
  ] as const) {
    endpoint(`${path}/:session`, async ({ params: { session }, body }) => [
      `${path}/${session}`,
      await signalling.join(session, body, purpose),
    ]);
    const resource = `${path}/:session/:viewer`;
    app.patch<Where>(resource, async (request, reply) => {
      const { session, viewer } = request.params;
      if (!signalling.has(session, viewer)) throw nobody();
      expect(request, FRAGMENT);
      precondition(request, viewer);
      await signalling.trickle(session, viewer, request.body);
      return reply.code(204).send();
    });
    app.delete<Where>(resource, async (request, reply) => {
      const { session, viewer } = request.params;
      if (signalling.has(session, viewer)) precondition(request, viewer);
      await signalling.leave(session, viewer);
      return reply.code(200).send();
    });
    app.options(resource, (_request, reply) => reply.code(200).header('accept-patch', FRAGMENT).send());
    app.get<Where>(resource, ({ params: { session, viewer } }, reply) => {
      if (!signalling.has(session, viewer)) throw nobody();
      return reply.code(204).send();
    });
  }
  done();
};

/** What HTTP itself has a status for. */
class Refusal extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const noSession = () => new TalkError('resource/not-found', 'There is no such session.');
const nobody = () => new TalkError('resource/not-found', 'There is nobody of this id in the session.');

/** A connection of ICE is told from the next one by its tag; as there are no restarts each has one for life. */
const etagOf = (viewer: string): string => `"${viewer}"`;

const one = (value: unknown): string => (typeof value === 'string' ? value : '');

function expect({ headers }: FastifyRequest<Where>, type: string): void {
  const given = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (given !== type) throw new Refusal(415, `Expected ${type} as the content type.`);
}

/** RFC 9110 12.5.1: of the ranges that fit, the closest one counts. */
function accepts({ headers }: FastifyRequest<Where>, type: string): boolean {
  const ranges = new Map<string, boolean>();
  for (const range of (headers.accept || '*/*').toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    ranges.set(name, !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)));
  }
  return ranges.get(type) ?? ranges.get('application/*') ?? ranges.get('*/*') ?? false;
}

/** RFC 9110 13.1.1, RFC 6585 3; a goodbye needs none, but keeps to the one it has. */
function precondition({ method, headers }: FastifyRequest<Where>, viewer: string): void {
  const given = headers['if-match'];
  if (given === undefined && method === 'DELETE') return;
  if (given === undefined) throw new Refusal(428, 'Expected an If-Match with the ETag of the answer.');
  const tags = given.split(',').map((tag) => tag.trim());
  if (!tags.includes('*') && !tags.includes(etagOf(viewer)))
    throw new Refusal(412, 'Expected the ETag of the answer in If-Match.');
}

/** Problem details, RFC 9457; and which type would do, RFC 5789 2.2. */
function tell(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = error instanceof TalkError ? statusOf(error) : (error.statusCode ?? 500);
  if (status >= 500 && status !== 503) request.log.error({ err: error }, 'request failed');
  const ours = error instanceof TalkError || status >= 500 ? sentence(error) : error.message;
  if (status === 415) {
    const [header, type] = request.method === 'PATCH' ? ['accept-patch', FRAGMENT] : ['accept-post', SDP];
    return problem(reply.header(header, type), status, `Expected ${type} as the content type.`);
  }
  return problem(reply, status, ours, status === 503 ? RETRY_AFTER : undefined);
}

/** A server that helps to connect, as RFC 9725 4.4 has it in `Link`. Name and password hold no quotes: see src/webrtc/ice.ts. */
function linkOf({ url, username, credential }: Answer['servers'][number]): string {
  const user =
    username === undefined
      ? ''
      : `; username="${username}"; credential="${credential}"; credential-type="password"`;
  return `<${url}>; rel="ice-server"${user}`;
}
