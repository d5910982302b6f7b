/** The events of a body of `text/event-stream`, however it was cut on its way. */
import { createParser } from 'eventsource-parser';
import { TalkError } from '../../element/error.js';
import { type ChatServer, host } from './server.js';

/** Bytes an answer may have, all fields included: far more than anybody listens to. */
const LONGEST = 16 << 20;

/** The data of each event. Ends with the body; throws stream/wrong-type for another kind of body, resource/quota for an endless one. */
export async function* serverEvents(
  server: ChatServer,
  response: Response,
): AsyncGenerator<string, void, undefined> {
  const type = response.headers.get('content-type') ?? '';
  if (!/^text\/event-stream\b/i.test(type) || response.body === null) {
    await response.body?.cancel();
    throw new TalkError(
      'stream/wrong-type',
      `Expected a stream of events from ${host(server.url)} but received ${type === '' ? 'no type' : type.slice(0, 80)}. Is llm-url the base address of a chat server?`,
    );
  }
  const ready: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => ready.push(data) });
  // Bytes of one character may come in two pieces.
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > LONGEST) {
      throw new TalkError(
        'resource/quota',
        `The language model at ${host(server.url)} wrote more than ${LONGEST >> 20} MB in one answer.`,
      );
    }
    parser.feed(decoder.decode(piece, { stream: true }));
    yield* ready.splice(0);
  }
}
