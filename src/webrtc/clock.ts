/**
 * The capture clock: what a sender report says about time (RFC 3550 6.4.1).
 *
 * A report pairs a wall clock time with an RTP timestamp; a receiver maps both tracks to wall clock time with it
 * and plays together what has the same. Our payloaders run with timestamp-offset=0, so the RTP timestamp of a buffer
 * is its running time in clock units, for both tracks. A report therefore needs no packet: it is "running time r
 * is wall clock baseWall + r", exact at any moment, the same for audio and video, and free of encoder and queue delays.
 * The wall clock is read once. Later steps of the system clock (NTP, suspend) do not reach the viewers.
 */
import type { Ns } from '../element/index.js';

/** Where reports take time from. */
export interface CaptureClock {
  /** The pipeline's running time now, ns; undefined while it does not run. */
  runningTime(): Ns | undefined;
  /** Unix time in ms at which the running time was zero. */
  readonly baseWall: number;
}

/** Seconds from 1900 (NTP's era 0) to 1970. */
const NTP_EPOCH = 2_208_988_800;

/** Unix milliseconds as an NTP timestamp, 32.32 fixed point. */
export function ntpFromUnix(ms: number): bigint {
  const seconds = Math.floor(ms / 1000);
  const fraction = Math.min(0xffff_ffff, Math.round((ms / 1000 - seconds) * 2 ** 32));
  return (BigInt(seconds + NTP_EPOCH) << 32n) | BigInt(fraction);
}

/** An NTP timestamp as Unix milliseconds. */
export function unixFromNtp(ntp: bigint): number {
  return (Number(ntp >> 32n) - NTP_EPOCH) * 1000 + (Number(ntp & 0xffff_ffffn) / 2 ** 32) * 1000;
}

/** The middle 32 bits of an NTP timestamp: what a receiver report echoes as "last SR". */
export function compactNtp(ntp: bigint): number {
  return Number((ntp >> 16n) & 0xffff_ffffn);
}

/** A running time as a 32-bit RTP timestamp at `rate` Hz, the way GStreamer's payloaders compute it. */
export function rtpTime(runningTime: Ns, rate: number): number {
  // Split, because ns * 90000 leaves 2^53 after 28 hours.
  const seconds = Math.floor(runningTime / 1e9);
  const rest = runningTime - seconds * 1e9;
  const ticks = BigInt(seconds) * BigInt(rate) + BigInt(Math.floor((rest * rate) / 1e9));
  return Number(BigInt.asUintN(32, ticks));
}

/** The capture clock of something that knows its running time; the wall clock is read at the first report. */
export function captureClock(element: { runningTime(): Ns | undefined }): CaptureClock {
  let base: number | undefined;
  return {
    runningTime: () => element.runningTime(),
    get baseWall() {
      base ??= performance.timeOrigin + performance.now() - (element.runningTime() ?? 0) / 1e6;
      return base;
    },
  };
}

/** A capture clock that starts now, on the monotonic clock. For senders without a pipeline, and for tests. */
export function startClock(): CaptureClock {
  const start = process.hrtime.bigint();
  return { runningTime: () => Number(process.hrtime.bigint() - start), baseWall: Date.now() };
}
