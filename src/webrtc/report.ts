/**
 * Sender reports: our own in place of werift's.
 *
 * werift writes the decimal digits of a second into NTP's binary fraction (so its wall clock time is wrong by up to a
 * second, differently each time) and pairs an RTP timestamp with the time its packet was sent instead of captured.
 * Chromium then plays audio and video up to 105 ms apart, wandering (measured). With these reports: +-5 ms.
 */
import {
  type RTCRtpSender,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from 'werift';
import { type CaptureClock, compactNtp, ntpFromUnix, rtpTime } from './clock.js';
import { inside } from './werift.js';

/** A track that is reported on. */
export interface Reported {
  sender: RTCRtpSender;
  /** RTP clock in Hz. */
  clockRate: number;
}

/** Reports sent and still answerable, per sender. */
const HISTORY = 16;
/** Fast at first, so that a viewer is in sync after its first second; then often enough for drift. */
const FAST_INTERVAL_MS = 200;
const FAST_COUNT = 15;
const SLOW_INTERVAL_MS = 1000;

/** The bytes of one compound packet: SR + SDES CNAME. */
export function senderReport(track: Reported, clock: CaptureClock): RtcpSrPacket | undefined {
  const now = clock.runningTime();
  if (now === undefined) return undefined;
  return new RtcpSrPacket({
    ssrc: track.sender.ssrc,
    senderInfo: new RtcpSenderInfo({
      ntpTimestamp: ntpFromUnix(clock.baseWall + now / 1e6),
      rtpTimestamp: rtpTime(now, track.clockRate),
      packetCount: inside(track.sender).packetCount,
      octetCount: inside(track.sender).octetCount >>> 0,
    }),
  });
}

/** Sends reports for the tracks of one peer on its own schedule, and answers round trip times from their echoes. */
export class SenderReports {
  readonly #tracks: readonly Reported[];
  readonly #clock: CaptureClock;
  readonly #sent = new Map<number, { compact: number; at: number }[]>();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  /** Takes werift's own reports away from the tracks at once; nothing is sent before {@link start}. */
  constructor(tracks: readonly Reported[], clock: CaptureClock) {
    this.#tracks = tracks;
    this.#clock = clock;
    for (const { sender } of tracks) inside(sender).runRtcp = async () => {};
  }

  start(): void {
    if (this.#timer === undefined && this.#count === 0) this.#tick();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#count = Number.POSITIVE_INFINITY;
  }

  /**
   * Round trip time in ms from the echo in a report block (RFC 3550 A.3), or undefined when it answers none of ours.
   * @param lsr middle 32 bits of the report's NTP time
   * @param dlsr time the viewer held it, 1/65536 s
   */
  roundTrip(ssrc: number, lsr: number, dlsr: number): number | undefined {
    if (lsr === 0) return undefined;
    const sent = this.#sent.get(ssrc)?.find((report) => report.compact === lsr);
    if (sent === undefined) return undefined;
    return Math.max(0, performance.now() - sent.at - (dlsr / 65536) * 1000);
  }

  #tick(): void {
    this.#count++;
    const interval = this.#count < FAST_COUNT ? FAST_INTERVAL_MS : SLOW_INTERVAL_MS;
    this.#timer = setTimeout(() => this.#tick(), interval);
    for (const track of this.#tracks) this.#report(track);
  }

  #report(track: Reported): void {
    const { sender } = track;
    const report = senderReport(track, this.#clock);
    const counters = inside(sender);
    if (report === undefined || counters.packetCount === 0 || sender.dtlsTransport?.state !== 'connected')
      return;
    const compact = compactNtp(report.senderInfo.ntpTimestamp);
    const history = this.#sent.get(sender.ssrc) ?? [];
    history.push({ compact, at: performance.now() });
    if (history.length > HISTORY) history.shift();
    this.#sent.set(sender.ssrc, history);
    // werift's statistics compute their round trip from these two.
    counters.lastSRtimestamp = compact;
    counters.lastSentSRTimestamp = Date.now() / 1000;
    const name = new SourceDescriptionItem({ type: 1, text: counters.cname ?? '' });
    const chunk = new SourceDescriptionChunk({ source: sender.ssrc, items: [name] });
    const packets = [report, new RtcpSourceDescriptionPacket({ chunks: [chunk] })];
    // A failed send is a lost report: the next one is due within a second.
    sender.dtlsTransport.sendRtcp(packets).catch(() => {});
  }
}
