/**
 * Errors: one class, one closed table. What goes wrong in an element, a graph or a back end is told in a sentence
 * for a person, with a debug text for us, and with the answer to "could trying again help?".
 */

/** All codes there are, by domain; `failed` is for what fits none. Kept closed by a test. */
export const ERROR_CODES = {
  core: ['failed', 'negotiation', 'state-change', 'clock', 'missing-element', 'link'],
  library: ['failed', 'init', 'settings', 'shutdown'],
  resource: [
    'failed',
    'not-found',
    'busy',
    'read',
    'write',
    'no-space',
    'not-authorized',
    'quota',
    'rate',
    'unreachable',
    'settings',
  ],
  stream: ['failed', 'format', 'decode', 'encode', 'wrong-type'],
} as const;

export type ErrorDomain = keyof typeof ERROR_CODES;

/** `domain/code`, e.g. `resource/not-found`. */
export type ErrorCode = { [D in ErrorDomain]: `${D}/${(typeof ERROR_CODES)[D][number]}` }[ErrorDomain];

export interface TalkErrorOptions {
  /** For us: a stack, an answer of a server, the numbers. Nothing that people said. */
  debug?: string | undefined;
  /** Path of the element it happened in, as the bus names it. */
  element?: string | undefined;
  /** Facts a program can act on; on the bus scalars and lists of scalars survive. */
  details?: Readonly<Record<string, unknown>> | undefined;
  /** True when the same request may succeed later. */
  retryable?: boolean | undefined;
  cause?: unknown;
}

/** What anything of ours throws, rejects with, or posts. */
export class TalkError extends Error {
  override readonly name = 'TalkError';
  /** `domain/code` from the closed table. */
  readonly code: ErrorCode;
  readonly debug: string;
  readonly element: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;

  /** `message` is a sentence for a person: what went wrong, and what would be right. */
  constructor(code: ErrorCode, message: string, options: TalkErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.debug = options.debug ?? '';
    this.element = options.element;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
  }

  get domain(): ErrorDomain {
    return this.code.slice(0, this.code.indexOf('/')) as ErrorDomain;
  }
}

/** True when `text` is a code of the table. */
export function isErrorCode(text: string): text is ErrorCode {
  const [domain, code] = text.split('/');
  const codes: Record<string, readonly string[]> = ERROR_CODES;
  return code !== undefined && (codes[domain ?? '']?.includes(code) ?? false);
}

/** Anything thrown as a TalkError: itself, or `stream/failed` with the original as cause and its stack as debug. */
export function toTalkError(thrown: unknown, element?: string): TalkError {
  if (thrown instanceof TalkError) return thrown;
  const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  const debug = thrown instanceof Error ? (thrown.stack ?? '') : '';
  return new TalkError('stream/failed', message, { debug, element, cause: thrown });
}
