/**
 * Reads a viewer's SDP offer: says clearly what is wrong with it, chooses the codecs, and writes the offer that
 * werift is given, which holds nothing but what we are going to use.
 *
 * What is rewritten, and why:
 * - only the chosen payload types stay (werift answers every codec it knows, in the browser's order, and sends the
 *   first of them);
 * - of the header extensions only `mid` stays: without transport-wide congestion control Chromium sends REMB,
 *   which is usable, while werift's own estimate from TWCC is not; abs-send-time would carry werift's wrong NTP time;
 * - every section has the transport of its bundle: who has not made up its mind (bundle policy "balanced", as aiortc) offers another
 *   one in each, and of two ICE user names werift makes a restart;
 * - `m=… 0` with `a=bundle-only` gets a port and the transport of its bundle (RFC 9143 7.2.1; werift takes port 0
 *   for a rejected section, and those that are go: see refused.ts);
 * - `.local` candidates go (mDNS look-ups cost a multicast socket; the viewer reaches us first anyway and is learnt
 *   as peer reflexive), TCP candidates go, and `end-of-candidates` goes (werift gives up at once when the list is
 *   empty and complete, although the viewer's checks are still to come).
 */
import { isIP } from 'node:net';
import { type Choice, type Chosen, chooseAudio, chooseVideo, offered, type VideoCodec } from './codecs.js';
import { type Refused, takeRefused } from './refused.js';
import {
  attributes,
  badSdp,
  type Description,
  parseSdp,
  quote,
  type Section,
  unfitSdp,
  writeSdp,
} from './sdp.js';

/**
 * What somebody wants of us: to `watch` (WHEP: nothing is taken from them), to `talk` (WHIP: they send, and nothing is
 * sent to them), or `both`, as the page does.
 */
export type Purpose = 'watch' | 'talk' | 'both';

/** A checked offer. At least one of `video` and `audio` is there, or it brings one. */
export interface Offer {
  /** The rewritten offer, for werift. */
  sdp: string;
  video?: Chosen<VideoCodec>;
  audio?: Chosen<'OPUS'>;
  /** The viewer offers to send sound, too: its microphone. */
  talks: boolean;
  /** What is received from someone who came to talk. */
  brings: readonly ('audio' | 'video')[];
  /** Its ICE user name: who trickles under another one wants a restart. */
  ufrag: string;
  /** The viewer has a data channel section. */
  data: boolean;
  /** The viewer insists on being the DTLS server, so that we have to begin. */
  passive: boolean;
  /** Sections that are not used; the answer has them, too. */
  refused: readonly Refused[];
}

/** What of each codec can be sent, for an error text. */
const USABLE = { H264: 'H264 (packetization-mode=1)', VP8: 'VP8', VP9: 'VP9 (profile-id=0)' };
/** More than that in one section is not a browser: each candidate makes us send checks to an address of their choice. */
const MAX_CANDIDATES = 24;
const MID_EXTENSION = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const FEEDBACK = new Set(['nack', 'nack pli', 'ccm fir', 'goog-remb']);
const TRANSPORT = ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup'] as const;

/**
 * Checks and rewrites an offer.
 * @param text what the viewer sent; anything
 * @param choice video codecs we are willing to send
 * @throws TalkError `stream/format` with what was expected
 */
export function readOffer(
  text: unknown,
  choice: Choice = { codecs: ['H264', 'VP8'] },
  purpose: Purpose = 'both',
): Offer {
  const description = parseSdp(text);
  if (description.sections.length === 0) throw badSdp('an audio or video section', 'no section at all');
  const refused = takeRefused(description);
  const { sections } = description;
  for (const kind of ['audio', 'video', 'application']) {
    const count = sections.filter((s) => s.media === kind).length;
    if (count > 1) throw badSdp(`one ${kind} section`, `${count}`);
  }
  bundle(description);
  const offer = {
    sdp: '',
    talks: false,
    brings: [],
    ufrag: '',
    data: false,
    passive: false,
    refused,
  } as Draft;
  for (const section of sections) {
    checkTransport(section);
    if (section.media === 'application') {
      if (!/^(UDP|TCP)\/DTLS\/SCTP$/.test(section.protocol)) {
        throw badSdp('UDP/DTLS/SCTP for the application section', section.protocol);
      }
      offer.data = true;
      section.lines = keepCandidates(section.lines);
    } else if (section.media === 'audio' || section.media === 'video') {
      readMedia(section, section.media, choice, offer, purpose);
    } else {
      throw badSdp('audio, video and application sections', quote(section.media));
    }
  }
  if (offer.video === undefined && offer.audio === undefined && offer.brings.length === 0) {
    const media = refused.length > 0 || sections.some((s) => s.media !== 'application');
    throw unfitSdp(
      purpose === 'talk'
        ? 'an audio or video section that sends (sendonly or sendrecv)'
        : 'an audio or video section that receives (recvonly or sendrecv)',
      media ? 'none that does' : 'only a data channel',
    );
  }
  offer.passive = attributes(sections[0]?.lines ?? [], 'setup')[0] === 'passive';
  offer.ufrag = attributes(sections[0]?.lines ?? [], 'ice-ufrag')[0] ?? '';
  offer.sdp = writeSdp(description);
  return offer;
}

/** An offer that is being read. */
type Draft = Offer & { brings: ('audio' | 'video')[] };

function readMedia(
  section: Section,
  kind: 'audio' | 'video',
  choice: Choice,
  offer: Draft,
  purpose: Purpose,
): void {
  if (!/^UDP\/TLS\/RTP\/SAVPF?$/.test(section.protocol)) {
    throw badSdp(`UDP/TLS/RTP/SAVPF for the ${kind} section`, section.protocol);
  }
  const chosen = kind === 'video' ? chooseVideo(section, choice) : chooseAudio(section);
  if (chosen === undefined) {
    const expected = kind === 'video' ? choice.codecs.map((one) => USABLE[one]).join(' or ') : 'opus/48000/2';
    throw unfitSdp(`${expected} in the ${kind} section`, offered(section));
  }
  const direction = /^a=(sendrecv|sendonly|recvonly|inactive)$/;
  const stated = section.lines.map((line) => direction.exec(line)?.[1]).find((d) => d !== undefined);
  const both = stated === undefined || stated === 'sendrecv';
  if (purpose === 'talk') {
    if (both || stated === 'sendonly') offer.brings.push(kind);
  } else if (both || stated === 'recvonly') {
    if (chosen.codec === 'OPUS') offer.audio = chosen as Chosen<'OPUS'>;
    else offer.video = chosen as Chosen<VideoCodec>;
  }
  if (kind === 'audio') offer.talks = both && purpose === 'both';
  const types = [chosen.payloadType, ...(chosen.rtx === undefined ? [] : [chosen.rtx])].map(String);
  section.formats = types;
  section.lines = keepCandidates(section.lines).filter((line) => keepLine(line, types));
}

/** Whether a media line survives: codec lines of the chosen types, the feedback we act on, the mid extension. */
function keepLine(line: string, types: readonly string[]): boolean {
  const codec = /^a=(rtpmap|fmtp|rtcp-fb):(\d+|\*) (.*)$/.exec(line);
  if (codec !== null) {
    const [, name, type = '', value = ''] = codec;
    if (type !== '*' && !types.includes(type)) return false;
    return name !== 'rtcp-fb' || FEEDBACK.has(value.trim());
  }
  if (line.startsWith('a=extmap:')) return line.split(' ')[1] === MID_EXTENSION;
  return !/^a=(bundle-only$|end-of-candidates$|rid:|simulcast:)/.test(line);
}

/** Drops candidates werift cannot or should not use, and what is past the bound, of which `before` are taken. */
export function keepCandidates(lines: readonly string[], before = 0): string[] {
  let kept = before;
  return lines.filter((line) => {
    if (line === 'a=end-of-candidates' || line === 'a=bundle-only') return false;
    if (!line.startsWith('a=candidate:')) return true;
    const [, component, protocol, , address = '', port, typ] = line.slice('a=candidate:'.length).split(/ +/);
    const usable =
      component === '1' &&
      protocol?.toLowerCase() === 'udp' &&
      isIP(address) !== 0 &&
      Number(port) > 0 &&
      Number(port) < 65536 &&
      typ === 'typ';
    return usable && ++kept <= MAX_CANDIDATES;
  });
}

/** Gives every section a mid and the transport of its bundle alone, and a port to those that were only waiting for it. */
export function bundle({ session, sections }: Description): void {
  const seen = new Set<string>();
  for (const [index, section] of sections.entries()) {
    const mid = attributes(section.lines, 'mid')[0] ?? String(index);
    if (!/^[A-Za-z0-9_+.-]{1,16}$/.test(mid) || seen.has(mid)) {
      throw badSdp('a different a=mid of up to 16 letters and digits for each section', quote(mid));
    }
    seen.add(mid);
    if (attributes(section.lines, 'mid').length === 0) section.lines.push(`a=mid:${mid}`);
  }
  const group = attributes(session, 'group').find((value) => value.startsWith('BUNDLE'));
  const mids = group?.split(/ +/).slice(1) ?? [];
  const outside = sections.filter((s) => !mids.includes(attributes(s.lines, 'mid')[0] ?? ''));
  if (sections.length > 1 && outside.length > 0) {
    throw badSdp(
      'a=group:BUNDLE with every section in it',
      group === undefined ? 'no such group' : quote(group),
    );
  }
  const tagged = sections.find((s) => attributes(s.lines, 'mid')[0] === mids[0]) ?? sections[0];
  for (const section of sections) {
    section.port = 9;
    if (section !== tagged) section.lines = section.lines.filter((line) => !line.startsWith('a=candidate:'));
    for (const name of TRANSPORT) {
      const fromBundle = attributes(tagged?.lines ?? [], name);
      if (section !== tagged && fromBundle.length > 0)
        section.lines = section.lines.filter((line) => !line.startsWith(`a=${name}:`));
      if (attributes(section.lines, name).length > 0) continue;
      const values = fromBundle.length > 0 ? fromBundle : attributes(session, name);
      section.lines.push(...values.map((value) => `a=${name}:${value}`));
    }
  }
}

/** Throws unless the section says how it can be reached and by which certificate. */
function checkTransport(section: Section): void {
  const where = `the ${section.media} section`;
  const [ufrag, pwd] = [attributes(section.lines, 'ice-ufrag')[0], attributes(section.lines, 'ice-pwd')[0]];
  if (!/^[A-Za-z0-9+/]{4,256}$/.test(ufrag ?? '')) {
    throw badSdp(`an a=ice-ufrag of 4 to 256 characters in ${where}`, quote(ufrag ?? ''));
  }
  if (!/^[A-Za-z0-9+/]{22,256}$/.test(pwd ?? '')) {
    throw badSdp(`an a=ice-pwd of 22 to 256 characters in ${where}`, pwd === undefined ? 'none' : 'another');
  }
  const fingerprints = attributes(section.lines, 'fingerprint');
  if (!fingerprints.some((value) => /^sha-(256|384|512) [0-9A-F]{2}(:[0-9A-F]{2}){31,63}$/i.test(value))) {
    throw badSdp(`an a=fingerprint (sha-256) in ${where}`, quote(fingerprints[0] ?? ''));
  }
  const setup = attributes(section.lines, 'setup')[0];
  if (setup === undefined) section.lines.push('a=setup:actpass');
  else if (!/^(actpass|active|passive)$/.test(setup)) {
    throw badSdp(`a=setup:actpass, active or passive in ${where}`, quote(setup));
  }
}
