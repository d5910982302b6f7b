/**
 * SDP fragments of trickle ICE, `application/trickle-ice-sdpfrag` (RFC 8840 4.4): candidates that were found after the offer,
 * and whose they are.
 */
import { TalkError } from '../element/error.js';
import { attributes, MAX_SDP_BYTES, quote } from './sdp.js';

export interface Fragment {
  /** ICE user name the candidates belong to, where it is told. */
  readonly ufrag: string | undefined;
  /** Values of `a=candidate:`. */
  readonly candidates: readonly string[];
}

/** Lines a fragment consists of: attributes, and the head of the section they are for. */
const LINE = /^(a=[A-Za-z0-9-]+(:.*)?|m=[a-z]+ \d{1,5} [A-Za-z0-9/]+ .+)$/;

/** Reads a fragment. Throws TalkError `stream/format` for what is none. */
export function readFragment(text: unknown): Fragment {
  if (typeof text !== 'string' || text.length > MAX_SDP_BYTES) throw bad('of at most 64 KiB', 'another');
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '');
  const wrong = lines.find((line) => !LINE.test(line));
  if (wrong !== undefined) throw bad('of a= and m= lines', quote(wrong));
  const candidates = attributes(lines, 'candidate').filter((value) => value !== '');
  const [ufrag] = attributes(lines, 'ice-ufrag');
  const complete = attributes(lines, 'end-of-candidates').length > 0;
  if (candidates.length === 0 && ufrag === undefined && !complete)
    throw bad('with a=candidate lines or a=end-of-candidates', 'one without');
  return { ufrag, candidates };
}

function bad(expected: string, got: string): TalkError {
  return new TalkError('stream/format', `Expected an SDP fragment ${expected} but received ${got}.`);
}
