/**
 * A werift connection as we use it: two tracks in one MediaStream over one bundled transport, which are only sent; beside the
 * voice the viewer's microphone may come in.
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
import type { Offer } from './offer.js';
import type { Reported } from './report.js';

export type Kind = 'audio' | 'video';

export interface Connection {
  pc: RTCPeerConnection;
  transport: RTCDtlsTransport;
  tracks: ReadonlyMap<Kind, Reported>;
  /** What the viewer's microphone sends; undefined where it was not asked for. */
  microphone: RTCRtpTransceiver | undefined;
}

export interface ConnectionOptions {
  stun?: string | undefined;
  /** Fraction of outgoing packets to lose, for tests. */
  loss?: number | undefined;
  /** Take the viewer's microphone where it is offered. */
  microphone?: boolean;
}

/**
 * Makes a connection with the tracks an offer wants.
 * @param stream id of the MediaStream both tracks belong to: only then Chromium synchronises them
 */
export function makeConnection(
  offer: Offer,
  stream: string,
  { stun, loss = 0, microphone = false }: ConnectionOptions = {},
): Connection {
  const pc = new RTCPeerConnection({
    // The offer has been cut down to what we send; these only have to match it by name.
    codecs: {
      video: ['H264', 'VP8', 'rtx'].map((name) => codec(`video/${name}`, 90000)),
      audio: [codec('audio/opus', 48000)],
    },
    headerExtensions: { video: [useSdesMid()], audio: [useSdesMid()] },
    iceServers: stun === undefined ? [] : [{ urls: stun }],
    iceUseIpv6: false,
    bundlePolicy: 'max-bundle',
    // werift's number is the percentage that gets through.
    debug: loss > 0 ? { outboundPacketLoss: 100 - loss * 100 } : {},
  });
  const together = new MediaStream({ id: stream });
  const tracks = new Map<Kind, Reported>();
  let heard: RTCRtpTransceiver | undefined;
  for (const kind of ['video', 'audio'] as const) {
    const chosen = offer[kind];
    if (chosen === undefined) continue;
    const track = new MediaStreamTrack({ kind });
    const hears = kind === 'audio' && microphone && offer.talks;
    const direction = hears ? 'sendrecv' : 'sendonly';
    const transceiver = pc.addTransceiver(track, { direction, streams: [together] });
    tracks.set(kind, { sender: transceiver.sender, clockRate: chosen.clockRate });
    if (hears) heard = transceiver;
  }
  const transport = pc.dtlsTransports[0];
  if (transport === undefined) throw new TalkError('library/init', 'The WebRTC library made no transport.');
  // As the DTLS server we need not wait for our own hello: it saves werift's fixed 100 ms.
  transport.role = offer.passive ? 'client' : 'server';
  return { pc, transport, tracks, microphone: heard };
}

/** The SDP answer to a checked offer, with all candidates in it. */
export async function answerOffer(pc: RTCPeerConnection, offer: Offer): Promise<string> {
  await pc.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
  await pc.setLocalDescription(await pc.createAnswer());
  const sdp = pc.localDescription?.sdp;
  if (sdp === undefined || !sdp.includes('a=candidate:')) {
    throw new TalkError('resource/unreachable', 'No network address could be offered to the viewer.');
  }
  return sdp;
}

/** Makes the process's DTLS certificate before the first viewer has to wait for it (200 ms, once). */
export async function warmUp(): Promise<void> {
  await RTCDtlsTransport.SetupCertificate();
}

function codec(mimeType: string, clockRate: number): RTCRtpCodecParameters {
  const channels = mimeType.startsWith('audio/') ? { channels: 2 } : {};
  return new RTCRtpCodecParameters({ mimeType, clockRate, ...channels });
}
