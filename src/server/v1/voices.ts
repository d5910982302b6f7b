/** `GET /v1/voices` and `GET /v1/voices/preview?voice=ENGINE/NAME`: who can speak here, and how they sound. */
import { TalkError } from '../../element/index.js';
import { Preview, VoiceList as Voices } from '../contract/v1.js';
import { type PreviewLimits, Previews } from '../previews.js';
import { VoiceList } from '../voicelist.js';
import { type Api, type ApiRequest, Refusal } from './api.js';

/** Seconds after which a service that failed may be asked again, where it does not say. */
const LATER = 5;

/** What the routes about voices need. */
export interface VoiceRoutes {
  /** The voice that speaks unless an offer says otherwise. */
  readonly preset?: string | undefined;
  readonly limits?: PreviewLimits;
}

/** @returns what ends the work at hand */
export function voiceRoutes(api: Api, { preset, limits }: VoiceRoutes): () => Promise<void> {
  const list = new VoiceList();
  const previews = new Previews(limits);

  api.route(
    { method: 'GET', path: '/v1/voices', summary: 'Voices, by engine', status: 200, answer: Voices },
    async () => ({ ...(await list.get()), preset: preset ?? null }),
  );

  api.route(
    {
      method: 'GET',
      path: '/v1/voices/preview',
      summary: 'A sentence in one of the voices',
      query: Preview,
      status: 200,
      media: 'audio/wav',
    },
    async (_body, request, reply) => {
      const query = Preview.safeParse(request.query);
      if (!query.success) throw new Refusal(400, 'Expected voice=ENGINE/NAME, as GET /v1/voices lists them.');
      const { voice } = query.data;
      const { engines } = await list.get();
      // Only what is listed: a name nobody knows could be anything, a path of this machine as well.
      const engine = engines.find(({ name }) => voice.startsWith(`${name}/`));
      const found = engine?.voices.find(({ name }) => voice === `${engine.name}/${name}`);
      if (engine === undefined || found === undefined)
        throw new Refusal(404, `There is no voice ${voice} in GET /v1/voices.`);
      if (engine.unavailable !== undefined) throw new Refusal(409, engine.unavailable);
      try {
        const wav = await previews.wav(voice, [found.language, spoken(request)]);
        return await reply
          .type('audio/wav')
          .header('cache-control', 'private, max-age=600')
          .header('vary', 'accept-language')
          .send(wav);
      } catch (error) {
        request.log.warn({ err: error }, 'no preview');
        throw refused(error);
      }
    },
  );
  return () => previews.close();
}

/** The language the listener's browser asks for first. */
function spoken({ headers }: ApiRequest): string {
  return /^\s*([a-z]+)/i.exec(headers['accept-language'] ?? '')?.[1] ?? '';
}

/** Whose fault it is, and whether asking again could help. */
function refused(error: unknown): unknown {
  if (!(error instanceof TalkError)) return error;
  const { code, message, retryable, details } = error;
  const after = Math.max(1, Math.ceil(Number(details['retryAfterMs'] ?? LATER * 1000) / 1000));
  if (code === 'resource/rate') return new Refusal(429, message, after);
  return retryable ? new Refusal(503, message, after) : new Refusal(502, message);
}
