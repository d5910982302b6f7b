/** What is known of the way to one viewer, from what we sent and what it reported. */
import type { Feedback } from './feedback.js';
import type { Reported } from './report.js';
import { inside, type SenderInside } from './werift.js';

export interface PeerStats {
  /** Sent by now, retransmissions and headers not counted. */
  packets: number;
  bytes: number;
  /** Media bit/s over the last second or so. */
  bitrate: number;
  /** Fraction of packets lost of all tracks over the last second or so, 0..1; undefined before that is known. */
  loss: number | undefined;
  /** Packets reported lost by now, all tracks; retransmission may have repaired them. */
  lost: number;
  /** Packets sent again on request. */
  retransmitted: number;
  /** Round trip time in ms, smoothed; undefined before the first echo. */
  rtt: number | undefined;
  /** The shortest of the last second that had one, ms. */
  shortestRtt: number | undefined;
  /** Inter-arrival jitter in ms, the worst track's. */
  jitter: number | undefined;
  /** The viewer's own estimate of what it can receive, bit/s. */
  estimate: number | undefined;
  /** Requests for a key frame and lists of missing packets. */
  keyFrameRequests: number;
  nacks: number;
}

/** As RFC 6298's smoothing of round trips. */
const SMOOTHING = 1 / 8;

export class LinkStats {
  readonly #tracks: readonly Reported[];
  readonly #reports = new Map<number, { lost: number; highest: number; jitter: number }>();
  /** The reports that the loss is counted from, and what it was. */
  readonly #counted = new Map<number, { lost: number; highest: number }>();
  #loss: number | undefined;
  #estimate: number | undefined;
  #rtt: number | undefined;
  /** The shortest of all, of the last second, and of the one that goes on. */
  #least: number | undefined;
  #shortest: number | undefined;
  #coming: number | undefined;
  #keyFrameRequests = 0;
  #nacks = 0;
  #bitrate = 0;
  #last = { at: performance.now(), bytes: 0 };
  /** The SSRCs of the media we send. */
  readonly ssrcs: ReadonlySet<number>;

  constructor(tracks: readonly Reported[]) {
    this.#tracks = tracks;
    this.ssrcs = new Set(tracks.map(({ sender }) => sender.ssrc));
  }

  /** Takes one piece of feedback; `roundTrip` is asked what an echoed report means in ms. */
  note(feedback: Feedback, roundTrip: (ssrc: number, lsr: number, dlsr: number) => number | undefined): void {
    if (feedback.type === 'report') {
      const { ssrc, lost, highest, lsr, dlsr } = feedback;
      const clockRate = this.#tracks.find((t) => t.sender.ssrc === ssrc)?.clockRate ?? 90000;
      this.#reports.set(ssrc, { lost, highest, jitter: (feedback.jitter / clockRate) * 1000 });
      const rtt = roundTrip(ssrc, lsr, dlsr);
      if (rtt !== undefined) {
        this.#rtt = this.#rtt === undefined ? rtt : this.#rtt + SMOOTHING * (rtt - this.#rtt);
        this.#coming = Math.min(rtt, this.#coming ?? rtt);
        this.#least = Math.min(rtt, this.#least ?? rtt);
      }
    } else if (feedback.type === 'estimate') {
      this.#estimate = feedback.bitrate;
    } else if (feedback.type === 'nack') {
      this.#nacks++;
    } else {
      this.#keyFrameRequests++;
    }
  }

  /** Smoothed, and the shortest there was, ms. */
  get roundTrip(): { rtt: number | undefined; least: number | undefined } {
    return { rtt: this.#rtt, least: this.#least };
  }

  /** Called every now and then: bitrate and loss are measured between two calls at least 0.9 s apart. */
  sample(): void {
    const at = performance.now();
    if (at - this.#last.at < 900) return;
    const bytes = this.#sum((s) => s.octetCount);
    this.#bitrate = ((bytes - this.#last.bytes) * 8000) / (at - this.#last.at);
    this.#last = { at, bytes };
    this.#shortest = this.#coming ?? this.#shortest;
    this.#coming = undefined;
    this.#count();
  }

  /**
   * From the sums in the reports: what a single one says of the time since the last (`fraction lost`) may be about a handful
   * of packets, because Chromium reports with every list of missing ones.
   */
  #count(): void {
    let [lost, expected] = [0, 0];
    for (const [ssrc, report] of this.#reports) {
      const before = this.#counted.get(ssrc);
      this.#counted.set(ssrc, report);
      if (before === undefined) continue;
      lost += report.lost - before.lost;
      expected += (report.highest - before.highest) >>> 0;
    }
    if (expected > 0) this.#loss = Math.min(1, Math.max(0, lost / expected));
  }

  read(): PeerStats {
    const reports = [...this.#reports.values()];
    const worst = (values: number[]) => (values.length === 0 ? undefined : Math.max(...values));
    return {
      packets: this.#sum((s) => s.packetCount),
      bytes: this.#sum((s) => s.octetCount),
      bitrate: Math.round(this.#bitrate),
      loss: this.#loss,
      lost: reports.reduce((sum, r) => sum + r.lost, 0),
      retransmitted: this.#sum((s) => s.retransmittedPacketsSent),
      rtt: this.#rtt,
      shortestRtt: this.#shortest,
      jitter: worst(reports.map((r) => r.jitter)),
      estimate: this.#estimate,
      keyFrameRequests: this.#keyFrameRequests,
      nacks: this.#nacks,
    };
  }

  #sum(of: (sender: SenderInside) => number): number {
    return this.#tracks.reduce((sum, { sender }) => sum + of(inside(sender)), 0);
  }
}
