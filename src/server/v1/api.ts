/** Routes under `/v1`: declared once, and from that both served and described. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { TalkError } from '../../element/index.js';
import { wrongValues } from '../../session/catalogue.js';
import { Problem } from '../contract/v1.js';
import { problem, RETRY_AFTER, sentence } from '../problem.js';

export interface RouteInfo<B extends z.ZodType | undefined = z.ZodType | undefined> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As fastify writes it: `/v1/sessions/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly body?: B;
  /** What may stand behind the `?`, for the description; the handler reads it. */
  readonly query?: z.ZodObject;
  /** What comes back when it goes well. 101: it is a WebSocket from then on. */
  readonly status: 101 | 200 | 201 | 202 | 204;
  readonly answer?: z.ZodType;
  /** Media type of an answer that is no JSON. */
  readonly media?: string;
  /** It comes as events where the body asks for that. */
  readonly streams?: boolean;
}

/** A request that does not fit; `status` says how. */
export class Refusal extends Error {
  readonly status: number;
  /** Seconds after which the same may succeed. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** A request of a route with names in its path. */
export type ApiRequest = FastifyRequest<{ Params: Record<string, string> }>;

type Handler<B> = (body: B, request: ApiRequest, reply: FastifyReply) => unknown;

export class Api {
  readonly #app: FastifyInstance;
  readonly #routes: RouteInfo[] = [];

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /** Serves a route; what the handler throws becomes problem details. */
  route<S extends z.ZodType>(info: RouteInfo<S>, handler: Handler<z.output<S>>): void;
  route(info: RouteInfo<undefined>, handler: Handler<undefined>): void;
  route(info: RouteInfo, handler: Handler<never>): void {
    this.#routes.push(info);
    this.#app.route<{ Params: Record<string, string> }>({
      method: info.method,
      url: info.path,
      handler: async (request, reply) => {
        try {
          const body = info.body === undefined ? undefined : read(info.body, request.body);
          reply.code(info.status);
          return await handler(body as never, request, reply);
        } catch (error) {
          return refuse(request, reply, error);
        }
      },
    });
  }

  /** A WebSocket; the handler closes one that it does not want. After `openSockets`. */
  socket(
    info: Omit<RouteInfo<undefined>, 'method' | 'status'>,
    handler: (socket: WebSocket, request: ApiRequest) => void,
  ): void {
    this.#routes.push({ ...info, method: 'GET', status: 101 });
    this.#app.get<{ Params: Record<string, string> }>(info.path, { websocket: true }, handler);
  }

  /** The OpenAPI 3.1 document of all routes so far. */
  document(version: string): unknown {
    const paths: Record<string, Record<string, unknown>> = {};
    for (const info of this.#routes) {
      const path = info.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [info.method.toLowerCase()]: operation(info) };
    }
    return {
      openapi: '3.1.0',
      info: { title: 'talkgraph', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      paths,
      components: {
        schemas: { Problem: schemaOf(Problem, 'output') },
        securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      },
      security: [{ token: [] }, {}],
    };
  }
}

function read(schema: z.ZodType, body: unknown): unknown {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const told = result.error.issues.slice(0, 5).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join('.')}: ${message}`;
  });
  throw new Refusal(400, told.join('; '));
}

/** Which status an error of ours has. */
const STATUS: Readonly<Record<string, number>> = {
  'resource/not-found': 404,
  'resource/settings': 422,
  'resource/quota': 503,
  'resource/busy': 503,
  'resource/rate': 429,
  'stream/format': 422,
  'core/missing-element': 501,
  'core/state-change': 409,
};

function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof Refusal) {
    if (error.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter));
    return problem(reply, error.status, error.message);
  }
  const values = wrongValues(error);
  if (values !== undefined) return problem(reply, 422, values);
  const status = error instanceof TalkError ? (STATUS[error.code] ?? 502) : 500;
  if (status >= 500) request.log.error({ err: error }, 'request failed');
  if (status === 503 || status === 429) reply.header('retry-after', String(RETRY_AFTER));
  return problem(reply, status, sentence(error));
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): unknown => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<
    string,
    unknown
  >;
  return rest;
};

const STREAM = { 'text/event-stream': { schema: { type: 'string' } } };

function operation({ path, summary, body, query, status, answer, media, streams }: RouteInfo): unknown {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...queried(query),
  ];
  const type = media ?? 'application/json';
  const content =
    answer === undefined
      ? media === undefined
        ? {}
        : { content: { [type]: { schema: { type: 'string' } } } }
      : { content: { [type]: { schema: schemaOf(answer, 'output') }, ...(streams && STREAM) } };
  const refused = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: {
      [status]: { description: summary, ...content },
      default: { description: 'what is wrong (RFC 9457)', content: refused },
    },
  };
}

function queried(query: z.ZodObject | undefined): unknown[] {
  if (query === undefined) return [];
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !z.safeParse(schema as z.ZodType, undefined).success,
    schema: schemaOf(schema as z.ZodType, 'input'),
  }));
}
