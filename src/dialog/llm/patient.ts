/** A question with one second try: when the first failed before a word, in a way that may pass, soon enough for a listener. */
import { TalkError } from '../../element/error.js';
import { askedPause, LONGEST_PAUSE, pause } from '../../service/patience.js';
import { type ChatRequest, chat, type Ended } from './chat.js';
import type { ChatServer } from './server.js';

/** As `chat`. The pause that a server asks for is kept when it is short, else the error is told at once. */
export async function* patientChat(
  server: ChatServer,
  request: ChatRequest,
): AsyncGenerator<string, Ended | undefined, undefined> {
  let begun = false;
  const asked = Date.now();
  try {
    for (const parts = chat(server, request); ; ) {
      const { value, done } = await parts.next();
      if (done) return value;
      begun = true;
      yield value;
    }
  } catch (error) {
    const wait = error instanceof TalkError && error.retryable ? pauseOf(error) : undefined;
    // One that took all the time it had would take it again.
    const left = request.firstMs - (Date.now() - asked) - (wait ?? 0);
    if (begun || wait === undefined || left <= 0) throw error;
    await pause(wait, request.signal);
    return yield* chat(server, { ...request, firstMs: left });
  }
}

/** ms; undefined when it is longer than a listener waits. */
function pauseOf(error: TalkError): number | undefined {
  const asked = askedPause(error);
  return asked <= LONGEST_PAUSE ? asked : undefined;
}
