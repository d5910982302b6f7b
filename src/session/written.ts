/** An answer as the model writes it, for whoever wishes to read along while the face says it. */
import { randomUUID } from 'node:crypto';
import type { Wish } from '../dialog/wish.js';
import { type ErrorCode, TalkError } from '../element/index.js';
import type { SessionEvent } from '../server/contract/events.js';
import type { Asking } from './asking.js';
import type { PostedMark } from './marks.js';
import type { Session } from './session.js';

/** How it ended: by itself, at its longest, because the model says no more, or because somebody silenced the session. */
export type WrittenEnd = 'stop' | 'length' | 'content_filter' | 'cut';

/**
 * Asks, and gives the parts of the answer in order, none empty; returns how it ended. Whoever stops reading before the end lets the session
 * go on. Throws what `Session.ask` does, and what the model or the session fails of. Waiting parts are bounded by the longest answer.
 */
export async function* written(
  session: Session,
  asking: Asking & { readonly wish: Wish },
): AsyncGenerator<string, WrittenEnd, undefined> {
  const { id = randomUUID() } = asking;
  const parts: string[] = [];
  let [told, end, failure]: [number, WrittenEnd | undefined, TalkError | undefined] = [
    0,
    undefined,
    undefined,
  ];
  let wake: () => void = () => undefined;
  const take = (text: string): void => {
    if (text !== '') parts.push(text);
    told += text.length;
  };
  const onWritten = ({ name, fields }: PostedMark): void => {
    if (fields['id'] !== id) return;
    const text = String(fields['text'] ?? '');
    if (name === 'written-end') {
      // A part that was lost on its way, as on a machine that is too busy, is in the whole.
      take(text.slice(told));
      end = String(fields['finish']) as WrittenEnd;
    } else if (Number(fields['at']) === told) take(text);
    wake();
  };
  const onEvent = (event: SessionEvent): void => {
    if (event.type === 'error' && event.id === id)
      failure = new TalkError(event.code as ErrorCode, event.message, { retryable: event.retryable });
    else if (event.type === 'state' && event.state === 'ending')
      failure = new TalkError('core/state-change', 'The session ended before its answer.');
    wake();
  };
  session.events.on('written', onWritten);
  session.events.on('event', onEvent);
  try {
    session.ask({ ...asking, id });
    for (;;) {
      const part = parts.shift();
      if (part !== undefined) yield part;
      else if (end !== undefined) return end;
      else if (failure !== undefined) throw failure;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    session.events.off('written', onWritten);
    session.events.off('event', onEvent);
  }
}
