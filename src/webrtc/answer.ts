/**
 * Reads the answer to an offer of ours: says what is wrong with it, and writes what werift is given.
 *
 * Candidates go through the same sieve as those of an offer, and what an answer leaves to its bundle is written into each section.
 */
import { TalkError } from '../element/error.js';
import { bundle, keepCandidates } from './offer.js';
import { attributes, type Description, parseSdp, quote, writeSdp } from './sdp.js';

/** @throws TalkError `stream/format` for what does not answer this offer */
export function readAnswer(text: unknown, offer: string): string {
  const asked = parseSdp(offer).sections;
  const answer = read(text);
  if (answer.sections.length !== asked.length)
    throw bad(`${asked.length} media sections`, `${answer.sections.length}`);
  for (const [n, section] of answer.sections.entries()) {
    const { media, formats = [] } = asked[n] ?? {};
    if (section.media !== media) throw bad(`a section for ${media}`, quote(section.media));
    if (section.port === 0 && !section.lines.includes('a=bundle-only'))
      throw bad(`${media} to be taken`, 'a refusal of it');
    if (!section.formats.some((format) => formats.includes(format)))
      throw bad(`one of the formats offered for ${media}`, quote(section.formats.join(' ')));
    if (section.lines.some((line) => line === 'a=inactive' || line === 'a=sendonly'))
      throw bad(`${media} to be received`, 'a section that does not');
  }
  bundle(answer);
  for (const section of answer.sections) {
    for (const name of ['ice-ufrag', 'ice-pwd', 'fingerprint']) {
      if (attributes(section.lines, name).length === 0)
        throw bad(`a=${name} in the ${section.media} section`, 'none');
    }
    section.lines = keepCandidates(section.lines);
  }
  return writeSdp(answer);
}

/** What is wrong with it is wrong with an answer. */
function read(text: unknown): Description {
  try {
    return parseSdp(text);
  } catch (error) {
    throw error instanceof TalkError
      ? new TalkError(error.code, error.message.replace('SDP offer', 'SDP answer'))
      : error;
  }
}

function bad(expected: string, got: string): TalkError {
  return new TalkError('stream/format', `Expected ${expected} in the SDP answer but received ${got}.`);
}
