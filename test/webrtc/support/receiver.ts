/**
 * A viewer in this process, on werift: offers, receives RTP and sender reports, and keeps them.
 * It stands in for a browser where what arrives must be looked at byte by byte.
 */
import {
  MediaStreamTrack,
  type RTCDataChannel,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpTransceiver,
  RtcpSrPacket,
  type RtpPacket,
} from 'werift';
import { unixFromNtp } from '../../../src/webrtc/clock.js';
import type { VideoCodec } from '../../../src/webrtc/codecs.js';
import type { Kind } from '../../../src/webrtc/peer.js';

export interface Received {
  /** Milliseconds of performance.now() at arrival. */
  at: number;
  packet: RtpPacket;
}

export interface ReportReceived {
  at: number;
  /** Unix ms. */
  wall: number;
  rtp: number;
  packets: number;
}

type Address = readonly [host: string, port: number];

interface Transport {
  send(data: Buffer, to: Address): Promise<void>;
  readonly socket: { send(data: Buffer, port: number | undefined, host: string): void };
}

export interface ReceiverOptions {
  video?: VideoCodec[] | false;
  audio?: boolean;
  /** Open a data channel of this label. */
  channel?: string;
  rtx?: boolean;
  /** False: never asks for a lost packet, so that it stays lost. */
  nack?: boolean;
  stun?: string;
  /** Offers to send sound, too. */
  microphone?: boolean;
}

export class Receiver {
  readonly pc: RTCPeerConnection;
  readonly packets: Record<Kind, Received[]> = { audio: [], video: [] };
  readonly reports: Record<Kind, ReportReceived[]> = { audio: [], video: [] };
  readonly channel: RTCDataChannel | undefined;
  readonly messages: string[] = [];
  /** Where its own sound goes in, as RTP. */
  readonly microphone = new MediaStreamTrack({ kind: 'audio' });
  #whole: ((data: Buffer, from: unknown) => void) | undefined;
  #to: Address | undefined;
  readonly transceivers = new Map<Kind, RTCRtpTransceiver>();
  /** Called for each packet when set; packets are kept only while it is unset. */
  onPacket: ((kind: Kind, received: Received) => void) | undefined;

  constructor({
    video = ['H264', 'VP8'],
    audio = true,
    channel,
    rtx = true,
    nack = true,
    microphone = false,
  }: ReceiverOptions = {}) {
    const codecs = {
      // werift gives a retransmission codec to the one before it.
      video: (video || []).flatMap((name) => [videoCodec(name), ...(rtx ? [retransmission()] : [])]),
      audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48000, channels: 2 })],
    };
    this.pc = new RTCPeerConnection({
      codecs,
      iceServers: [],
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      bundlePolicy: 'max-bundle',
      debug: { disableSendNack: !nack },
    });
    if (channel !== undefined) {
      this.channel = this.pc.createDataChannel(channel);
      this.channel.onMessage.subscribe((data) => this.messages.push(data.toString()));
    }
    const kinds: Kind[] = [...(video ? (['video'] as const) : []), ...(audio ? (['audio'] as const) : [])];
    for (const kind of kinds) {
      const talks = kind === 'audio' && microphone;
      const transceiver = talks
        ? this.pc.addTransceiver(this.microphone, { direction: 'sendrecv' })
        : this.pc.addTransceiver(kind, { direction: 'recvonly' });
      this.transceivers.set(kind, transceiver);
      transceiver.onTrack.subscribe((track) => this.#listen(kind, track));
    }
  }

  /** The offer with all candidates. STUN is never asked: tests stay on this machine. */
  async offer(): Promise<string> {
    for (const ice of this.pc.iceTransports) {
      (ice.connection as unknown as { stunServer: undefined }).stunServer = undefined;
    }
    await this.pc.setLocalDescription(await this.pc.createOffer());
    return this.pc.localDescription?.sdp ?? '';
  }

  async accept(sdp: string): Promise<void> {
    await this.pc.setRemoteDescription({ type: 'answer', sdp });
    const transport = this.pc.dtlsTransports[0];
    transport?.onRtcp.subscribe((packet) => {
      if (!(packet instanceof RtcpSrPacket)) return;
      const info = packet.senderInfo;
      for (const [kind, transceiver] of this.transceivers) {
        const ssrcs = transceiver.receiver.tracks.map((track) => track.ssrc);
        if (!ssrcs.includes(packet.ssrc)) continue;
        this.reports[kind].push({
          at: performance.now(),
          wall: unixFromNtp(info.ntpTimestamp),
          rtp: info.rtpTimestamp,
          packets: info.packetCount,
        });
      }
    });
  }

  /** Resolves when ICE and DTLS are done, within `limit` ms: by itself later than a sink gives up, after 15 s. */
  async connected(limit = 20_000): Promise<void> {
    if (this.pc.connectionState === 'connected') return;
    await this.pc.connectionStateChange.watch((state) => state === 'connected', limit);
  }

  /** Resolves when `count` packets of a kind have come. */
  async received(kind: Kind, count: number): Promise<void> {
    while (this.packets[kind].length < count) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (this.pc.connectionState === 'closed') throw new Error('closed while waiting for packets');
    }
  }

  /** From now on loses this fraction of the media that comes, before anybody counts it. */
  lose(fraction: number): void {
    const { protocols } = this.pc.iceTransports[0]!.connection as unknown as {
      protocols: { transport: { onData(data: Buffer, from: unknown): void } }[];
    };
    for (const { transport } of protocols) {
      this.#whole ??= transport.onData;
      const whole = this.#whole;
      transport.onData = (data, from) => {
        // RTP and RTCP, RFC 7983 7: STUN and DTLS come through.
        const media = data[0]! >= 128 && data[0]! < 192;
        if (!media || Math.random() >= fraction) whole.call(transport, data, from);
      };
    }
  }

  /** Asks for a key frame now. */
  async askForKeyFrame(): Promise<void> {
    const video = this.transceivers.get('video')?.receiver;
    const ssrc = video?.tracks[0]?.ssrc;
    if (ssrc !== undefined) await video?.sendRtcpPLI(ssrc);
  }

  /** Sees every datagram that it sends from now on. */
  set onSent(listener: (data: Buffer) => void) {
    for (const transport of this.#transports) {
      const send = transport.send;
      transport.send = (data, address) => {
        this.#to = address;
        listener(data);
        return send.call(transport, data, address);
      };
    }
  }

  /** Sends a datagram from its own address to where the last one went; see `onSent`. */
  sendRaw(data: Buffer): void {
    const [host, port] = this.#to ?? [];
    if (host !== undefined) this.#transports[0]?.socket.send(data, port, host);
  }

  /** Goes as a killed browser does: no goodbye, the sockets are just not there any more. */
  vanish(): void {
    const { protocols } = this.pc.iceTransports[0]!.connection as unknown as {
      protocols: { transport: { closed: boolean; socket: { close(): void } } }[];
    };
    for (const { transport } of protocols) {
      transport.closed = true;
      transport.socket.close();
    }
    // Frees what is left of it; no packet can leave any more.
    this.pc.close().catch(() => {});
  }

  async close(): Promise<void> {
    await this.pc.close();
  }

  /** Of werift: one for each of its own addresses. */
  get #transports(): Transport[] {
    const { protocols } = this.pc.iceTransports[0]!.connection as unknown as {
      protocols: { transport: Transport }[];
    };
    return protocols.map(({ transport }) => transport);
  }

  #listen(kind: Kind, track: MediaStreamTrack): void {
    track.onReceiveRtp.subscribe((packet) => {
      const received = { at: performance.now(), packet };
      if (this.onPacket !== undefined) this.onPacket(kind, received);
      else this.packets[kind].push(received);
    });
  }
}

function retransmission(): RTCRtpCodecParameters {
  return new RTCRtpCodecParameters({ mimeType: 'video/rtx', clockRate: 90000 });
}

function videoCodec(name: VideoCodec): RTCRtpCodecParameters {
  return new RTCRtpCodecParameters({
    mimeType: `video/${name}`,
    clockRate: 90000,
    rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'goog-remb' }],
    ...(name === 'H264'
      ? { parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f' }
      : {}),
  });
}
