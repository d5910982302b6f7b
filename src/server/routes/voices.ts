/** `GET /v1/voices` and `GET /v1/voices/preview?voice=ENGINE/NAME`: who can speak here, and how they sound. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TalkError } from '../../element/index.js';
import { type PreviewLimits, Previews } from '../previews.js';
import { problem, sentence } from '../problem.js';
import { VoiceList } from '../voicelist.js';

const Query = z.object({ voice: z.string().min(1).max(200) });

/** Seconds after which a service that failed may be asked again, where it does not say. */
const LATER = 5;

/** @param preset the voice that speaks unless an offer says otherwise */
export function voiceRoutes(app: FastifyInstance, preset: string | undefined, limits?: PreviewLimits): void {
  const list = new VoiceList();
  const previews = new Previews(limits);
  app.addHook('onClose', () => previews.close());

  app.get('/v1/voices', async () => ({ ...(await list.get()), preset: preset ?? null }));

  app.get('/v1/voices/preview', async (request, reply) => {
    const query = Query.safeParse(request.query);
    if (!query.success)
      return problem(reply, 400, 'Expected voice=ENGINE/NAME, as GET /v1/voices lists them.');
    const { voice } = query.data;
    const { engines } = await list.get();
    // Only what is listed: a name nobody knows could be anything, a path of this machine as well.
    const engine = engines.find(({ name }) => voice.startsWith(`${name}/`));
    const found = engine?.voices.find(({ name }) => voice === `${engine.name}/${name}`);
    if (engine === undefined || found === undefined)
      return problem(reply, 404, `There is no voice ${voice} in GET /v1/voices.`);
    if (engine.unavailable !== undefined) return problem(reply, 409, engine.unavailable);
    try {
      const wav = await previews.wav(voice, [found.language, spoken(request)]);
      return reply
        .type('audio/wav')
        .header('cache-control', 'private, max-age=600')
        .header('vary', 'accept-language')
        .send(wav);
    } catch (error) {
      request.log.warn({ err: error }, 'no preview');
      return refused(reply, error);
    }
  });
}

/** The language the listener's browser asks for first. */
function spoken({ headers }: FastifyRequest): string {
  return /^\s*([a-z]+)/i.exec(headers['accept-language'] ?? '')?.[1] ?? '';
}

function refused(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof TalkError)) return problem(reply, 500, sentence(error));
  const { code, message, retryable, details } = error;
  const after = Number(details['retryAfterMs'] ?? LATER * 1000) / 1000;
  if (code === 'resource/rate') return problem(reply, 429, message, after);
  if (retryable) return problem(reply, 503, message, after);
  return problem(reply, 502, message);
}
