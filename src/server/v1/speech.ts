/** `POST /v1/audio/speech`: OpenAI's speech interface in front of every voice that is here, streamed as it is made. */
import { Readable } from 'node:stream';
import { mayAskFor } from '../../session/voices.js';
import { FORMATS, speechFile } from '../../voice/asfile.js';
import { resolveVoices, speak } from '../../voice/index.js';
import { Speech } from '../contract/v1.js';
import { RETRY_AFTER } from '../problem.js';
import { type Api, Refusal } from './api.js';

/** What OpenAI's samples have. */
const RATE = 24_000;
/** Texts in the making at once. */
const TOGETHER = 4;
/** ms for which a client may read nothing: until then it has one of few places. */
const PATIENCE = 30_000;
/** OpenAI's own names of voices, which its clients send unasked: the usual voice speaks for them. */
const OPENAI = new Set(
  'alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse'.split(' '),
);

/** @param patience ms for which a client may read nothing */
export function speechRoutes(api: Api, patience = PATIENCE): void {
  let making = 0;

  api.route(
    {
      method: 'POST',
      path: '/v1/audio/speech',
      summary: 'Text to speech, as OpenAI’s clients ask for it',
      body: Speech,
      status: 200,
      media: 'audio/*',
    },
    async ({ input, voice: named, response_format: format, speed }, { raw }, reply) => {
      const name = OPENAI.has(named) ? '' : named;
      if (!(await mayAskFor(name)))
        throw new Refusal(422, `Expected the name of a voice but received '${named}'.`);
      if (making >= TOGETHER)
        throw new Refusal(503, `${TOGETHER} texts are being said already.`, RETRY_AFTER);
      making++;
      const gone = new AbortController();
      try {
        const voice = await resolveVoices(name);
        const options = speed === 1 ? {} : { speed };
        const speech = speak({ text: input, voice, rate: RATE, signal: gone.signal, options });
        const pieces = speechFile(speech, format, RATE);
        // The first piece is waited for: what fails before it is an answer, not a broken file.
        const first = await pieces.next();
        if (first.done === true)
          throw new Refusal(422, speech.failure?.message ?? 'There is nothing to say in it.');
        reply.type(FORMATS[format].type).header('cache-control', 'no-store');
        const body = Readable.from(rest(first.value, pieces));
        body.once('close', () => {
          making--;
          gone.abort();
        });
        raw.once('close', () => {
          if (!reply.raw.writableFinished) body.destroy();
        });
        // A voice that takes its time is another matter: then there is nothing to be read.
        reply.raw.setTimeout(patience, () => {
          if (reply.raw.writableLength > 0) reply.raw.destroy();
        });
        return await reply.send(body);
      } catch (error) {
        making--;
        throw error;
      }
    },
  );
}

async function* rest(first: Uint8Array, more: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  yield Buffer.from(first);
  for await (const piece of more) yield Buffer.from(piece);
}
