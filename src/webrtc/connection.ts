/**
 * A werift connection as we use it: two tracks in one MediaStream over one bundled transport, which are only sent; beside the
 * voice the viewer's microphone may come in. Of those who came to talk tracks are only received.
 */
import {
  MediaStream,
  MediaStreamTrack,
  RTCDtlsTransport,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpTransceiver,
  useSdesMid,
} from 'werift';
import { TalkError } from '../element/error.js';
import { VIDEO_CODECS, type VideoCodec } from './codecs.js';
import type { Offer } from './offer.js';
import { withRefused } from './refused.js';
import type { Reported } from './report.js';

export type Kind = 'audio' | 'video';

export interface Connection {
  pc: RTCPeerConnection;
  transport: RTCDtlsTransport;
  tracks: ReadonlyMap<Kind, Reported>;
  /** What the viewer's microphone sends; undefined where it was not asked for. */
  microphone: RTCRtpTransceiver | undefined;
}

/** What a connection is for: of each track that is sent its clock in Hz, and what is received. */
export interface Wanted {
  readonly video?: { readonly clockRate: number };
  readonly audio?: { readonly clockRate: number };
  readonly talks: boolean;
  readonly brings: readonly Kind[];
}

export interface ConnectionOptions {
  stun?: string | undefined;
  /** Fraction of outgoing packets to lose, for tests. */
  loss?: number | undefined;
  /** Take the viewer's microphone where it is offered. */
  microphone?: boolean;
  /** Video codecs. Default all: an offer has been cut down to what we send, and they only have to match it by name. */
  codecs?: readonly VideoCodec[];
}

/**
 * Makes a connection with the tracks that are wanted.
 * @param stream id of the MediaStream both tracks belong to: only then Chromium synchronises them
 */
export function makeConnection(
  wanted: Wanted,
  stream: string,
  { stun, loss = 0, microphone = false, codecs = VIDEO_CODECS }: ConnectionOptions = {},
): Connection {
  const pc = new RTCPeerConnection({
    codecs: {
      // A retransmission codec belongs to the one before it.
      video: codecs.flatMap((name) => [videoCodec(name), codec('video/rtx', 90000)]),
      audio: [codec('audio/opus', 48000)],
    },
    headerExtensions: { video: [useSdesMid()], audio: [useSdesMid()] },
    iceServers: stun === undefined ? [] : [{ urls: stun }],
    // Which addresses there are is ours to say (transport.ts): werift would ask the system for each connection anew.
    iceUseIpv4: false,
    iceUseIpv6: false,
    bundlePolicy: 'max-bundle',
    // werift's number is the percentage that gets through.
    debug: loss > 0 ? { outboundPacketLoss: 100 - loss * 100 } : {},
  });
  const together = new MediaStream({ id: stream });
  const tracks = new Map<Kind, Reported>();
  let heard: RTCRtpTransceiver | undefined;
  for (const kind of ['video', 'audio'] as const) {
    const chosen = wanted[kind];
    if (chosen === undefined) continue;
    const track = new MediaStreamTrack({ kind });
    const hears = kind === 'audio' && microphone && wanted.talks;
    const direction = hears ? 'sendrecv' : 'sendonly';
    const transceiver = pc.addTransceiver(track, { direction, streams: [together] });
    tracks.set(kind, { sender: transceiver.sender, clockRate: chosen.clockRate });
    if (hears) heard = transceiver;
  }
  for (const kind of wanted.brings) {
    const transceiver = pc.addTransceiver(kind, { direction: 'recvonly' });
    if (kind === 'audio') heard = transceiver;
  }
  const transport = pc.dtlsTransports[0];
  if (transport === undefined) throw new TalkError('library/init', 'The WebRTC library made no transport.');
  return { pc, transport, tracks, microphone: heard };
}

/** The SDP answer to a checked offer, with all candidates in it. */
export async function answerOffer({ pc, transport }: Connection, offer: Offer): Promise<string> {
  // As the DTLS server we need not wait for our own hello: it saves werift's fixed 100 ms.
  transport.role = offer.passive ? 'client' : 'server';
  await pc.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
  await pc.setLocalDescription(await pc.createAnswer());
  return withRefused(described(pc), offer.refused);
}

/** An SDP offer of ours, with all candidates in it. */
export async function makeOffer({ pc }: Connection): Promise<string> {
  await pc.setLocalDescription(await pc.createOffer());
  return described(pc);
}

function described(pc: RTCPeerConnection): string {
  const sdp = pc.localDescription?.sdp;
  if (sdp === undefined || !sdp.includes('a=candidate:')) {
    throw new TalkError('resource/unreachable', 'No network address could be offered to the other side.');
  }
  return sdp;
}

/** Makes the process's DTLS certificate before the first viewer has to wait for it (200 ms, once). */
export async function warmUp(): Promise<void> {
  const certificate = await RTCDtlsTransport.SetupCertificate();
  const fingerprints = certificate.getFingerprints();
  // werift reads the certificate anew for each section of each answer: a quarter of what an answer costs.
  certificate.getFingerprints = () => fingerprints;
}

/** H.264 as our encoder makes it; feedback as feedback.ts reads it. */
function videoCodec(name: VideoCodec): RTCRtpCodecParameters {
  const parameters = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f';
  return new RTCRtpCodecParameters({
    mimeType: `video/${name}`,
    clockRate: 90000,
    rtcpFeedback: [
      { type: 'nack' },
      { type: 'nack', parameter: 'pli' },
      { type: 'ccm', parameter: 'fir' },
      { type: 'goog-remb' },
    ],
    ...(name === 'H264' ? { parameters } : {}),
  });
}

function codec(mimeType: string, clockRate: number): RTCRtpCodecParameters {
  const channels = mimeType.startsWith('audio/') ? { channels: 2 } : {};
  return new RTCRtpCodecParameters({ mimeType, clockRate, ...channels });
}
