/** What it means when Volcano Engine's speech services say no in a frame. */
import { type ErrorCode, TalkError } from '../../element/error.js';
import { type Party, quote } from '../remote/refusal.js';

type Meaning = readonly [code: ErrorCode, retryable: boolean];

/** What it says counts before its number, which is one for many things in version 3. */
const SAYINGS: readonly (readonly [RegExp, Meaning])[] = [
  [/quota exceeded for types: \S*concurrency/i, ['resource/rate', true]],
  [/quota exceeded/i, ['resource/quota', false]],
  [/authenticate|grant not found|access denied|permission denied/i, ['resource/not-authorized', false]],
];

/** https://www.volcengine.com/docs/6561/1257584 and, for version 3, 1719100. */
const CODES: Readonly<Record<number, Meaning>> = {
  3003: ['resource/rate', true],
  3005: ['resource/rate', true],
  3030: ['resource/unreachable', true],
  3031: ['resource/unreachable', true],
  3032: ['resource/unreachable', true],
  3040: ['resource/unreachable', true],
  3050: ['resource/not-found', false],
  55000000: ['resource/unreachable', true],
};

/** The error of an error frame, or of a session that failed. `body`: what it says, as JSON or text. */
export function refusal(party: Party, code: number, body: string): TalkError {
  const said = SAYINGS.find(([saying]) => saying.test(body))?.[1];
  const [meaning, retryable] = said ?? CODES[code] ?? (['resource/settings', false] as const);
  const { engine, host } = party;
  return new TalkError(
    meaning,
    `${host} refuses the voice ${engine} (${code}). It says: "${quote(body, party)}"`,
    { retryable, details: { engine, host, code } },
  );
}
