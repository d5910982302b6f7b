/**
 * GStreamer's errors as ours: four GLib domains and the parser's map onto the closed table of `TalkError`; the text
 * stays GStreamer's own.
 */
import { type ErrorCode, isErrorCode, TalkError } from '../element/error.js';
import type { RawError, RawReport } from '../native/pipeline.js';

/** Codes by GLib domain; the index is the number in gsterror.h and gstparse.h. Index 0 is unused everywhere. */
const CODES: Record<string, readonly string[]> = {
  'gst-core-error-quark': [
    '',
    'core/failed',
    'core/failed', // TOO_LAZY
    'core/failed', // NOT_IMPLEMENTED
    'core/state-change',
    'core/link', // PAD
    'core/failed', // THREAD
    'core/negotiation',
    'core/failed', // EVENT
    'core/failed', // SEEK
    'core/negotiation', // CAPS
    'core/failed', // TAG
    'core/missing-element', // MISSING_PLUGIN
    'core/clock',
    'core/failed', // DISABLED
  ],
  'gst-library-error-quark': [
    '',
    'library/failed',
    'library/failed',
    'library/init',
    'library/shutdown',
    'library/settings',
    'library/failed', // ENCODE
  ],
  'gst-resource-error-quark': [
    '',
    'resource/failed',
    'resource/failed',
    'resource/not-found',
    'resource/busy',
    'resource/read', // OPEN_READ
    'resource/write', // OPEN_WRITE
    'resource/write', // OPEN_READ_WRITE
    'resource/failed', // CLOSE
    'resource/read',
    'resource/write',
    'resource/failed', // SEEK
    'resource/failed', // SYNC
    'resource/settings',
    'resource/no-space',
    'resource/not-authorized',
  ],
  'gst-stream-error-quark': [
    '',
    'stream/failed',
    'stream/failed',
    'stream/failed',
    'stream/wrong-type', // TYPE_NOT_FOUND
    'stream/wrong-type',
    'core/missing-element', // CODEC_NOT_FOUND
    'stream/decode',
    'stream/encode',
    'stream/format', // DEMUX
    'stream/format', // MUX
    'stream/format',
    'stream/decode', // DECRYPT
    'resource/not-authorized', // DECRYPT_NOKEY
  ],
  gst_parse_error: [
    'resource/settings', // SYNTAX
    'core/missing-element',
    'resource/settings', // NO_SUCH_PROPERTY
    'core/link',
    'resource/settings', // COULD_NOT_SET_PROPERTY
    'resource/settings', // EMPTY_BIN
    'resource/settings', // EMPTY
    'core/link', // DELAYED_LINK
  ],
};

/** Our `domain/code` for a GError. A link that fails because of its caps is a negotiation that failed. */
export function codeOf(domain: string, code: number, message: string): ErrorCode {
  const found = CODES[domain]?.[code];
  if (found === 'core/link' && /caps/.test(message)) return 'core/negotiation';
  if (found !== undefined && found !== '') return found as ErrorCode;
  const area = /^gst-(core|library|resource|stream)-/.exec(domain)?.[1];
  return `${area ?? 'core'}/failed` as ErrorCode;
}

/** "Internal data stream error" says nothing; the flow return that comes with it does. */
function flowCode(details: Record<string, unknown>): ErrorCode | undefined {
  if (details['flow-return'] === FLOW_NOT_NEGOTIATED) return 'core/negotiation';
  return details['flow-return'] === FLOW_NOT_LINKED ? 'core/link' : undefined;
}

const FLOW_NOT_LINKED = -1;
const FLOW_NOT_NEGOTIATED = -4;

/** What `gst_parse_launch` refused. */
export function parseError(raw: RawError): TalkError {
  const code = codeOf(raw.domain, raw.code, raw.message);
  return new TalkError(code, raw.message, {
    details: code === 'core/missing-element' ? { missing: raw.missing } : {},
  });
}

/**
 * An error, warning or info message. TypeScript elements put `code`, `retryable` and more into its details, which
 * then count; the JS stack is in `debug`.
 */
export function reportError(raw: RawReport): TalkError {
  const { code, retryable, ...details } = raw.details ?? {};
  return new TalkError(
    typeof code === 'string' && isErrorCode(code)
      ? code
      : (flowCode(details) ?? codeOf(raw.domain, raw.code, raw.message)),
    raw.message,
    {
      element: raw.element,
      details,
      retryable: retryable === true,
      ...(raw.debug === undefined ? {} : { debug: raw.debug }),
    },
  );
}

/** sharp's sentence: "Expected a number from 1 to 100 for cutoff but received 0 of type number." */
export function unexpected(expected: string, name: string, received: unknown): TypeError {
  const type = received === null ? 'null' : Array.isArray(received) ? 'array' : typeof received;
  const shown = typeof received === 'string' ? JSON.stringify(received) : String(received);
  const value = typeof received === 'object' && received !== null ? '' : `${shown} `;
  return new TypeError(`Expected ${expected} for ${name} but received ${value}of type ${type}`);
}

/** Something of the application's threw when the pipeline called it. */
export function listenerError(what: string, thrown: unknown): TalkError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new TalkError('stream/failed', `A listener of "${what}" threw: ${error.message}`, {
    element: what,
    cause: thrown,
    ...(error.stack === undefined ? {} : { debug: error.stack }),
  });
}
