/**
 * Which of the codecs a browser offers we send, and with which of its payload types.
 *
 * Video is H.264 constrained baseline when it is offered (cheapest here: 5 % of a core at 512x512 against 7 % for
 * VP8, and decoded in hardware nearly everywhere), else VP8; VP9 where it was set, or the viewer's own order counts.
 * Audio is Opus, always `opus/48000/2` in SDP (RFC 7587).
 */
import { attributes, type Section } from './sdp.js';

/** Video codecs we can encode. */
export const VIDEO_CODECS = ['H264', 'VP8', 'VP9'] as const;
export type VideoCodec = (typeof VIDEO_CODECS)[number];
/** Which of them are sent, and whose order of preference counts. */
export interface Choice {
  /** Ours, best first. */
  readonly codecs: readonly VideoCodec[];
  /** The viewer's order counts instead. */
  readonly theirs?: boolean;
}
/** What a viewer is sent: a codec, its payload types in the viewer's numbering, and its clock in Hz. */
export interface Chosen<Codec extends string = string> {
  codec: Codec;
  payloadType: number;
  /** Payload type of the retransmission stream (RFC 4588); absent where the viewer has none. */
  rtx?: number;
  clockRate: number;
}

/** One `a=rtpmap` with its `a=fmtp`. */
interface Format {
  payloadType: number;
  name: string;
  clockRate: number;
  channels: number;
  parameters: Map<string, string>;
}

/** The formats of a section in the order of its `m=` line, which is the order of preference (RFC 3264 6.1). */
function formats(section: Section): Format[] {
  const byType = new Map<number, Format>();
  for (const value of attributes(section.lines, 'rtpmap')) {
    const match = /^(\d{1,3}) ([A-Za-z0-9_-]+)\/(\d+)(?:\/(\d+))?/.exec(value);
    if (match === null) continue;
    byType.set(Number(match[1]), {
      payloadType: Number(match[1]),
      name: (match[2] ?? '').toUpperCase(),
      clockRate: Number(match[3]),
      channels: Number(match[4] ?? 1),
      parameters: new Map(),
    });
  }
  for (const value of attributes(section.lines, 'fmtp')) {
    const space = value.indexOf(' ');
    const format = byType.get(Number(value.slice(0, space)));
    if (space < 0 || format === undefined) continue;
    for (const pair of value.slice(space + 1).split(';')) {
      const [key = '', ...rest] = pair.trim().split('=');
      format.parameters.set(key.toLowerCase(), rest.join('='));
    }
  }
  return section.formats.flatMap((type) => byType.get(Number(type)) ?? []);
}

function retransmissionOf(all: readonly Format[], payloadType: number): { rtx?: number } {
  const rtx = all.find((f) => f.name === 'RTX' && f.parameters.get('apt') === String(payloadType));
  return rtx === undefined ? {} : { rtx: rtx.payloadType };
}

/**
 * How well an offered H.264 format suits a constrained baseline stream, lower is better; undefined = not at all.
 * Every decoder of a higher profile decodes constrained baseline, so those are the fallback. A format without
 * packetization-mode=1 cannot carry a frame larger than one packet (RFC 6184 6.2), so it is never taken.
 */
function rankH264(format: Format): number | undefined {
  if (format.parameters.get('packetization-mode') !== '1') return undefined;
  const profile = (format.parameters.get('profile-level-id') ?? '42e01f').toLowerCase();
  if (!/^[0-9a-f]{6}$/.test(profile)) return undefined;
  const [idc, constraints] = [profile.slice(0, 2), Number.parseInt(profile.slice(2, 4), 16)];
  // constraint_set1_flag (0x40) says that a baseline stream is also main, which makes it "constrained".
  if (idc === '42') return (constraints & 0x40) !== 0 ? 0 : 1;
  if (idc === '4d') return 2;
  if (idc === '64') return 3;
  return undefined;
}

/** The same for each codec. Our VP9 is of profile 0: 8 bits, 4:2:0 (RFC 9628 6: what says nothing is that, too). */
const RANKS: Readonly<Record<VideoCodec, (format: Format) => number | undefined>> = {
  H264: rankH264,
  VP8: () => 0,
  VP9: ({ parameters }) => ((parameters.get('profile-id') ?? '0') === '0' ? 0 : undefined),
};

/** The video format to send: the first of those we can send that the section offers in a usable form. */
export function chooseVideo(
  section: Section,
  { codecs, theirs = false }: Choice,
): Chosen<VideoCodec> | undefined {
  const all = formats(section);
  const known = (name: string) => codecs.filter((codec) => codec === name);
  for (const codec of theirs ? new Set(all.flatMap(({ name }) => known(name))) : codecs) {
    const ranked = all
      .filter((f) => f.name === codec && f.clockRate === 90000)
      .map((format) => ({ format, rank: RANKS[codec](format) }))
      .filter((r): r is { format: Format; rank: number } => r.rank !== undefined)
      .sort((a, b) => a.rank - b.rank);
    const best = ranked[0]?.format;
    if (best !== undefined) {
      const { payloadType } = best;
      return { codec, payloadType, clockRate: 90000, ...retransmissionOf(all, payloadType) };
    }
  }
  return undefined;
}

/** The audio format to send: Opus, or undefined where the section has none. */
export function chooseAudio(section: Section): Chosen<'OPUS'> | undefined {
  const opus = formats(section).find((f) => f.name === 'OPUS' && f.clockRate === 48000 && f.channels === 2);
  return opus === undefined ? undefined : { codec: 'OPUS', payloadType: opus.payloadType, clockRate: 48000 };
}

/** Names of the codecs a section offers, for an error text. */
export function offered(section: Section): string {
  const names = new Set(formats(section).map((f) => f.name));
  return names.size === 0 ? 'none' : [...names].slice(0, 12).join(', ');
}
