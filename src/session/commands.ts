/**
 * What a viewer may have done by the data channel `events`: one JSON object for each message.
 *
 *     {"type": "say", "text": …, "voice"?, "id"?}         says it as it is
 *     {"type": "ask", "text": …, "voice"?, "interrupt"?}  has it answered
 *     {"type": "cut"}
 *     {"type": "button", "down": true}                    the button to talk
 *     {"type": "barge-in", "mode": "voice|words|off"}
 *     {"type": "turns", "mode": "auto|push-to-talk"}
 */

import { z } from 'zod';
import { TalkError, toTalkError } from '../element/index.js';
import { BARGE_IN, TURNS } from './ears.js';
import { parsed } from './json.js';
import type { Session } from './session.js';
import { mayAskFor } from './voices.js';

const text = z.string();
const voice = z.string().max(500).refine(mayAskFor, 'expected the name of a voice').optional();

const Command = z.discriminatedUnion('type', [
  z.object({ type: z.literal('say'), text, voice, id: z.string().min(1).max(64).optional() }),
  z.object({ type: z.literal('ask'), text, voice, interrupt: z.boolean().optional() }),
  z.object({ type: z.literal('cut') }),
  z.object({ type: z.literal('button'), down: z.boolean() }),
  z.object({ type: z.literal('barge-in'), mode: z.enum(BARGE_IN) }),
  z.object({ type: z.literal('turns'), mode: z.enum(TURNS) }),
]);

/** A viewer's own words: what is wrong with them is told, and ends nothing. */
export class Commands {
  /** Resolves when those that have come are done; it does not fail. */
  #done: Promise<void> = Promise.resolve();

  /** Has a message done when those before it are: a cut is for what was asked before it. @param failed is told of what is wrong with it */
  take(session: Session, message: string, failed: (error: TalkError) => void): void {
    this.#done = this.#done
      .then(() => obey(session, message))
      .catch((thrown: unknown) => failed(toTalkError(thrown)));
  }
}

/** Does what a message says, and tells by `obeyed` whether it was done. Throws TalkError, `stream/format` for what is no command. */
export async function obey(session: Session, message: string): Promise<void> {
  const { data: command, error } = await Command.safeParseAsync(parsed(message));
  try {
    act(session, command, error);
    session.events.emit('obeyed', command?.type ?? 'none', true);
  } catch (thrown) {
    session.events.emit('obeyed', command?.type ?? 'none', false);
    throw thrown;
  }
}

function act(session: Session, command: z.output<typeof Command> | undefined, error?: z.ZodError): void {
  if (command === undefined) {
    const [issue] = error?.issues ?? [];
    throw new TalkError(
      'stream/format',
      `Expected a command like {"type": "say", "text": "Hello"}: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}.`,
    );
  }
  const { type } = command;
  if (type === 'say') {
    if (command.text.trim() !== '') session.say(command);
  } else if (type === 'ask') session.ask(command);
  else if (type === 'cut') session.cut();
  else if (type === 'button') session.hear({ button: command.down });
  else if (type === 'barge-in') session.hear({ bargeIn: command.mode });
  else session.hear({ turns: command.mode });
}
