/**
 * The HTTP server: LiveTalking's routes, the event stream, and the page.
 *
 * Secure by default: it listens on loopback; any other address needs a token, sent as `Authorization: Bearer …` or
 * once as `?token=…` (which the browser keeps as a cookie for the page's own requests).
 */
import { join } from 'node:path';
import type { Server as TlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import cors from '@fastify/cors';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance } from 'fastify';
import { avatarsFolder } from '../avatar/index.js';
import { recogniser } from '../dialog/ears/recognisers.js';
import { recentLines, TalkError } from '../element/index.js';
import type { RecogniserChoice } from '../session/graphs.js';
import { excess } from '../session/json.js';
import { outputKinds } from '../session/outputkinds.js';
import type { Sessions } from '../session/sessions.js';
import { Audit } from './audit.js';
import { knowCallers, SessionTokens, TOKEN_HEADER } from './caller.js';
import { CustomClips } from './custom.js';
import { guard, logged, loopback, sameSite } from './door.js';
import { type Key, Keys } from './keys.js';
import { BODY_MS, limitGuesses, limitRates, limitSlowBodies, RATES, type Rates } from './limits.js';
import { Wished } from './lines.js';
import { listen, readTls, type TlsFiles } from './listen.js';
import { answerMalformed } from './malformed.js';
import { metricRoutes } from './metrics.js';
import { Outputs } from './outputs.js';
import { Recordings } from './recordings.js';
import { guarded, refuse, refuseAddress, refusePacked, refuseUnknown } from './refusals.js';
import { rightsOf } from './rights.js';
import { adminRoutes, type ShownConfig } from './routes/admin.js';
import { asrRoute } from './routes/asr.js';
import { avatarTaskRoutes } from './routes/avatar-tasks.js';
import { avatarRoutes } from './routes/avatars.js';
import { eventRoutes } from './routes/events.js';
import { httpSignalling, openToPages } from './routes/http-signalling.js';
import { humanRoutes } from './routes/human.js';
import { humanAudioRoute } from './routes/humanaudio.js';
import { offerRoute } from './routes/offer.js';
import { PAGES } from './routes/pages.js';
import { recordRoutes } from './routes/record.js';
import { Signalling } from './signalling.js';
import { openSockets } from './sockets.js';
import { AvatarTasks } from './tasks/tasks.js';
import { type TraceSettings, Traces } from './traces/index.js';
import { Uploads } from './uploads.js';
import { v1Routes } from './v1/index.js';
import { VERSION } from './version.js';

export interface ServerOptions {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  readonly token?: string;
  /** Needed for what shows all sessions; `token` opens the rest. */
  readonly adminToken?: string;
  /** In their place: tokens that may change while the server runs. */
  readonly keys?: Keys;
  /** Others may reach it without a token. */
  readonly insecure?: boolean;
  /** Sites whose pages may ask besides our own, as `https://example.com`; `*` for all. */
  readonly origins?: readonly string[];
  /** Requests a minute; false for any number. */
  readonly rates?: Rates | false;
  /** ms that the body of an ordinary request may take. */
  readonly bodyMs?: number;
  /** Who speaks unless an offer says otherwise: the page shows them first. */
  readonly avatar?: string;
  /** ENGINE/NAME that speaks unless an offer says otherwise: the page shows it first. */
  readonly voice?: string;
  /**
   * Who turns speech into text at `/api/asr`, and where; default what TALKGRAPH_ASR and the recogniser's own variables say. Without
   * one there is no such route.
   */
  readonly asr?: RecogniserChoice;
  /** What `/api/admin/config` shows. */
  readonly config?: ShownConfig;
  /** Certificate and key: HTTPS and nothing else. */
  readonly tls?: TlsFiles;
  /** Addresses and networks of proxies: what they say of who asks (`X-Forwarded-For`, `-Proto`) is believed, and nobody else's word. */
  readonly trustProxy?: readonly string[];
  /** Beginnings of addresses that sessions may be sent to besides, as `rtmp://live.example/app`. */
  readonly outputs?: readonly string[];
  /** Where traces of turns go; without it nobody makes any. */
  readonly traces?: TraceSettings;
  /** File to which it is added who did what. */
  readonly audit?: string;
  /** Graphs of the caller's own are run for whoever may watch the server. They can read and write whatever it can. */
  readonly editGraphs?: boolean;
  /** Log requests and problems as JSON lines on stderr. */
  readonly log?: boolean;
  /** Where the log goes instead. */
  readonly logTo?: NodeJS.WritableStream;
}

/** A body holds an SDP or a long text; nothing of either is larger. */
const BODY = 1024 * 1024;
/** Headers of answers that pages of other sites may read: of sessions, of WHEP and WHIP, of files in parts. */
const EXPOSED = ['location', 'retry-after', 'etag', 'link', 'accept-patch', 'accept-post', 'content-range'];
/** Sockets at a time; more are closed at once. */
const CONNECTIONS = 2000;
const web = fileURLToPath(new URL('../../../web/', import.meta.url));
const client = fileURLToPath(new URL('../client/', import.meta.url));

async function open({ log, logTo, tls, trustProxy = [] }: ServerOptions): Promise<FastifyInstance> {
  const settings = {
    // Without a log what goes wrong is kept for the pages all the same.
    logger: {
      level: log ? 'info' : 'warn',
      stream: kept(log ? (logTo ?? process.stderr) : undefined),
      serializers: { req: logged },
    },
    bodyLimit: BODY,
    forceCloseConnections: true,
    clientErrorHandler: answerMalformed,
    frameworkErrors: refuseAddress,
    ...(trustProxy.length > 0 && { trustProxy: [...trustProxy] }),
  };
  if (tls === undefined) return Fastify(settings);
  const files = await readTls(tls);
  try {
    // Routes and hooks are the same; only the type of the server below differs.
    return Fastify({ ...settings, https: files }) as unknown as FastifyInstance;
  } catch (cause) {
    throw new TalkError('resource/settings', 'Expected a certificate and its key in PEM for TLS.', { cause });
  }
}

/** Written, and kept for a while. */
function kept(out: NodeJS.WritableStream | undefined): { write(line: string): void } {
  return {
    write(line) {
      recentLines.add(line);
      out?.write(line);
    },
  };
}

/** A running server. */
export interface Served {
  readonly url: string;
  /** Reads the certificate anew, and opens the audit log anew. Throws TalkError; what it had stays then. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** Listens and returns the address; `close` ends all sessions, then the server. */
export async function serve(sessions: Sessions, options: ServerOptions): Promise<Served> {
  const { host, port, insecure = false, origins = [] } = options;
  const keys = options.keys ?? new Keys(named('token', options.token), named('admin', options.adminToken));
  if (!loopback(host) && !keys.any && !insecure) {
    throw new TalkError(
      'resource/settings',
      `Expected a token for the address ${host}, which others can reach: set TALKGRAPH_TOKEN, or listen on 127.0.0.1. --insecure does without.`,
    );
  }
  const app = await open(options);
  app.server.maxConnections = CONNECTIONS;
  // Before all that may refuse, and for streams, too, which are sent by no hook.
  app.addHook('onRequest', async (_request, reply) => guarded(reply));
  refuseUnknown(app);
  refusePacked(app);
  const limited = options.rates !== false;
  if (limited) await limitRates(app, options.rates || RATES);
  limitSlowBodies(app, options.bodyMs ?? BODY_MS);
  if (origins.length > 0)
    await app.register(cors, {
      origin: origins.includes('*') ? '*' : [...origins],
      methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
      exposedHeaders: [...EXPOSED, TOKEN_HEADER],
    });
  const tokens = new SessionTokens(sessions);
  knowCallers(app);
  const audit = options.audit === undefined ? undefined : await Audit.open(options.audit);
  audit?.watch(app);
  audit?.follow(sessions);
  const traces = options.traces && new Traces(sessions, options.traces, VERSION);
  if (keys.any) openToPages(app);
  if (keys.any) guard(app, { keys, tokens, origins, guesses: limited ? limitGuesses(app) : undefined });
  else sameSite(app, { origins, anyHost: insecure });
  // LiveTalking reads every body as JSON, whatever it says it is; `curl -d` calls it a form.
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('*', { parseAs: 'string' }, (request, body, done) => {
    // Many clients say with every request that it is JSON, also where none is sent.
    if (body === '') return done(null, undefined);
    const why = excess(body);
    if (why === undefined) void parse(request, body, done);
    else done(Object.assign(new Error(why), { statusCode: 400 }));
  });
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    return refuse(request, reply, status, refusal(status, error));
  });
  await openSockets(app);
  await openEars(app, options.asr ?? {});
  const signalling = new Signalling(sessions);
  offerRoute(app, signalling, { custom: new CustomClips(), preset: options.avatar ?? 'ava', tokens });
  await app.register(httpSignalling, { signalling, tokens });
  const wished = new Wished();
  humanRoutes(app, sessions, wished);
  const uploads = new Uploads();
  await app.register(humanAudioRoute, { sessions, uploads });
  const recordings = new Recordings();
  recordRoutes(app, sessions, recordings);
  adminRoutes(app, sessions, { recordings, config: options.config ?? {} });
  eventRoutes(app, sessions, wished);
  avatarRoutes(app, options.avatar);
  const rights = rightsOf(keys, options.editGraphs ?? false);
  const outputs = new Outputs(options.outputs ?? [], await outputKinds());
  v1Routes(app, { signalling, recordings, outputs, tokens, rights, voice: options.voice });
  metricRoutes(app, sessions, traces);
  await openTasks(app, uploads);
  await app.register(fastifyStatic, { root: web, index: 'index.html' });
  // The client of the package, for pages that bundle nothing.
  await app.register(fastifyStatic, { root: client, prefix: '/client/', decorateReply: false });
  for (const [page, file] of PAGES) app.get(page, (_request, reply) => reply.sendFile(file));

  const url = await listen(app, host, port);
  return {
    url,
    async renew() {
      audit?.renew();
      if (options.tls !== undefined)
        (app.server as unknown as TlsServer).setSecureContext(await readTls(options.tls));
    },
    async close() {
      await sessions.close();
      await recordings.close();
      await app.close();
      await audit?.close();
      await traces?.close();
    },
  };
}

const named = (name: string, secret = ''): Key[] => (secret === '' ? [] : [{ name, secret }]);

/** The route of speech recognition, where there is a recogniser. */
async function openEars(app: FastifyInstance, choice: RecogniserChoice): Promise<void> {
  const { engine = '', url = '', model = '' } = choice;
  const name = engine || process.env['TALKGRAPH_ASR'] || '';
  if (name === '') return;
  const found = await recogniser(name);
  await found.check({ url, model });
  await asrRoute(app, found, { url, model });
}

/** Tasks that make avatars: their list and uploads lie beside the avatars, in a folder that is none. */
async function openTasks(app: FastifyInstance, uploads: Uploads): Promise<void> {
  const avatars = avatarsFolder();
  const folder = join(avatars, '.tasks');
  const tasks = await AvatarTasks.open({
    folder,
    avatars,
    warn: (fact, text) => app.log.warn(fact, text),
    anywhere: process.env['TALKGRAPH_NOTIFY'] === 'anywhere',
  });
  app.addHook('onClose', () => tasks.close());
  const routes = { avatars, folder: join(folder, 'uploads'), uploads, limit: uploadLimit() };
  await app.register(avatarTaskRoutes, { tasks, ...routes });
}

/** Bytes of a video: 1000 MB, or what `TALKGRAPH_UPLOAD` says (megabytes). */
function uploadLimit(): number {
  const megabytes = Number(process.env['TALKGRAPH_UPLOAD'] ?? 1000);
  return (megabytes > 0 ? megabytes : 1000) * 1e6;
}

/** The sentence for a request that no route was asked about. */
function refusal(status: number, { code, message }: { code?: string; message: string }): string {
  if (status >= 500) return 'Something went wrong inside the server; its log says more.';
  if (/^FST_ERR_CTP_(INVALID_JSON_BODY|EMPTY_JSON_BODY|INVALID_MEDIA_TYPE)$/.test(code ?? ''))
    return 'Expected a JSON object as the body of the request.';
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return `Expected a body of at most ${BODY} bytes.`;
  return message;
}
