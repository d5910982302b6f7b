/** Lines and server-sent events out of a body, as they come. */
import { createParser } from 'eventsource-parser';

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Characters of one line; a service that sends more is not one. */
const LONGEST = 16 << 20;

/** Lines of a body of text, in UTF-8, whatever ends them. Throws a RangeError when one is too long. */
export async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of body) {
    rest += decoder.decode(part, { stream: true });
    // A carriage return at the end may have its line feed still on the way.
    const found = rest.split(/\r\n|\n|\r(?!$)/);
    rest = found.pop() ?? '';
    if (rest.length > LONGEST) throw new RangeError('Expected shorter lines.');
    yield* found;
  }
  if (rest !== '') yield rest;
}

/** The events of a body. What was not closed by an empty line is none. */
export async function* events(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent, void, undefined> {
  const found: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => found.push({ event, data }),
  });
  const decoder = new TextDecoder();
  for await (const part of body) {
    parser.feed(decoder.decode(part, { stream: true }));
    yield* found.splice(0);
  }
}
