/**
 * Sections of an offer that are not used: those with port 0 and no `a=bundle-only`, as a transceiver leaves one that was stopped
 * (RFC 3264 5.1 and 8.2, RFC 8829 5.2.2). An answer has each of them in its place, with port 0, too.
 */
import { attributes, type Description, parseSdp, type Section, writeSdp } from './sdp.js';

/** One such section, and which one of the offer it is: 0 for the first. */
export interface Refused {
  readonly index: number;
  readonly section: Section;
}

/** Takes them out of an offer and of its BUNDLE group, where they should not have been: werift gets what is left. */
export function takeRefused(offer: Description): Refused[] {
  const refused = [...offer.sections.entries()]
    .filter(([, { port, lines }]) => port === 0 && !lines.includes('a=bundle-only'))
    .map(([index, section]) => ({ index, section }));
  if (refused.length === 0) return refused;
  const mids = new Set(refused.flatMap(({ section }) => attributes(section.lines, 'mid')));
  offer.sections = offer.sections.filter((section) => refused.every((one) => one.section !== section));
  offer.session = offer.session.map((line) =>
    line.startsWith('a=group:')
      ? line
          .split(/ +/)
          .filter((mid) => !mids.has(mid))
          .join(' ')
      : line,
  );
  return refused;
}

/** The answer to what was left, with them in it again. */
export function withRefused(answer: string, refused: readonly Refused[]): string {
  if (refused.length === 0) return answer;
  const description = parseSdp(answer);
  for (const { index, section } of refused) {
    const mid = attributes(section.lines, 'mid').map((value) => `a=mid:${value}`);
    const lines = ['c=IN IP4 0.0.0.0', ...mid, 'a=inactive'];
    // In the order of the offer: those before it are in their places.
    description.sections.splice(index, 0, { ...section, port: 0, lines });
  }
  return writeSdp(description);
}
