/**
 * Skew at our own receiver: what was in the packets, placed on the sender's wall clock by its sender reports.
 *
 * No jitter buffer, no display and no sound card stand between, so this is exact to a frame's timestamp and a few
 * samples, and it needs no browser. Packets are decoded by gst-launch-1.0, one output frame per timestamp.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { VideoCodec } from '../../../src/webrtc/codecs.js';
import type { Received, Receiver, ReportReceived } from './receiver.js';
import { pair } from './skew.js';

/** A sample of a track's clock: RTP timestamp and where it is on the wall clock, Unix ms. */
type Mapper = (rtp: number) => number;

/** Flash and beep times on the sender's wall clock, Unix ms. */
export interface Content {
  flashes: number[];
  beeps: number[];
  /** Peak level of the decoded audio, 0..1, and the luma range of the decoded video. */
  level: number;
  luma: [darkest: number, brightest: number];
  frames: number;
  /** Samples per Opus packet. */
  audioFrame: number;
}

const AUDIO_RATE = 48000;
const VIDEO_RATE = 90000;

/** Decodes what a receiver kept. Its packets must hold a video key frame and at least one report per track. */
export async function contentOf(receiver: Receiver, codec: VideoCodec): Promise<Content> {
  const video = await videoOf(receiver.packets.video, receiver.reports.video, codec);
  const audio = await audioOf(receiver.packets.audio, receiver.reports.audio);
  return { ...video, ...audio };
}

/** Skews of the paired events, + = audio late, ms. */
export function skewsOf(content: Content): { at: number; skew: number }[] {
  return pair(content.flashes, content.beeps);
}

/** Maps timestamps through the report nearest to them; reports of one sender lie on one line, but let each speak. */
export function mapper(reports: readonly ReportReceived[], rate: number): Mapper {
  return (rtp) => {
    let best: { distance: number; wall: number } | undefined;
    for (const report of reports) {
      const ticks = (rtp - report.rtp) | 0;
      if (best === undefined || Math.abs(ticks) < best.distance) {
        best = { distance: Math.abs(ticks), wall: report.wall + (ticks / rate) * 1000 };
      }
    }
    if (best === undefined) throw new Error('no sender report to place a packet with');
    return best.wall;
  };
}

/** Packets in sequence order, each once. */
function ordered(received: readonly Received[]): Received[] {
  const first = received[0]?.packet.header.sequenceNumber ?? 0;
  const bySequence = new Map<number, Received>();
  for (const r of received) bySequence.set(((r.packet.header.sequenceNumber - first) << 16) >> 16, r);
  return [...bySequence].sort(([a], [b]) => a - b).map(([, r]) => r);
}

/** Pictures that a decoder can follow, whole: from a key frame on, and after one that is missing from the next key frame on. */
function decodable(packets: readonly Received[], codec: VideoCodec): Received[] {
  const kept: Received[] = [];
  let [follows, last] = [false, 0];
  for (const one of packets) {
    const { sequenceNumber, timestamp } = one.packet.header;
    if (follows && ((sequenceNumber - last) & 0xffff) !== 1) {
      follows = false;
      // What there is of the picture before, if its end is not among it.
      while (kept.length > 0 && !kept.at(-1)?.packet.header.marker) kept.pop();
    }
    // The rest of a picture whose beginning is lost has the time of what is kept, never a key frame's beginning.
    follows ||=
      startsKeyFrame(one.packet.payload, codec) && timestamp !== kept.at(-1)?.packet.header.timestamp;
    if (follows) kept.push(one);
    last = sequenceNumber;
  }
  return kept;
}

async function videoOf(received: readonly Received[], reports: readonly ReportReceived[], codec: VideoCodec) {
  const packets = decodable(ordered(received), codec);
  if (packets.length === 0) throw new Error('no key frame among the packets');
  const stamps: number[] = [];
  for (const { packet } of packets) {
    if (packet.header.timestamp !== stamps.at(-1)) stamps.push(packet.header.timestamp);
  }
  const decode = {
    H264: 'rtph264depay ! avdec_h264 max-threads=1',
    VP8: 'rtpvp8depay ! vp8dec',
    VP9: 'rtpvp9depay ! vp9dec',
  }[codec];
  const raw = await decodeRtp(
    packets,
    `application/x-rtp,media=video,clock-rate=90000,encoding-name=${codec}`,
    `${decode} ! videoconvert ! videoscale ! video/x-raw,format=GRAY8,width=16,height=16`,
  );
  const frames = Math.floor(raw.length / 256);
  const wall = mapper(reports, VIDEO_RATE);
  const flashes: number[] = [];
  let white = true;
  let luma: [number, number] = [255, 0];
  for (let n = 0; n < Math.min(frames, stamps.length); n++) {
    const mean = raw.subarray(n * 256, n * 256 + 256).reduce((sum, v) => sum + v, 0) / 256;
    luma = [Math.min(luma[0], mean), Math.max(luma[1], mean)];
    if (mean > 160 && !white) flashes.push(wall(stamps[n]!));
    white = mean > 160;
  }
  return { flashes, frames, luma };
}

async function audioOf(received: readonly Received[], reports: readonly ReportReceived[]) {
  const packets = ordered(received);
  const raw = await decodeRtp(
    packets,
    'application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS',
    'rtpopusdepay ! opusdec plc=false ! audioconvert ! audio/x-raw,format=S16LE,channels=1,rate=48000',
  );
  const samples = new Int16Array(raw.buffer, raw.byteOffset, Math.floor(raw.length / 2));
  const audioFrame = Math.round(samples.length / packets.length);
  const wall = mapper(reports, AUDIO_RATE);
  const beeps = onsets(samples, AUDIO_RATE).flatMap((sample) => {
    const packet = packets[Math.floor(sample / audioFrame)];
    if (packet === undefined) return [];
    return [wall(packet.packet.header.timestamp) + ((sample % audioFrame) / AUDIO_RATE) * 1000];
  });
  const level = samples.reduce((max, s) => Math.max(max, Math.abs(s)), 0) / 32768;
  return { beeps, level, audioFrame };
}

/**
 * Samples at which a beep sets in after a quarter of a second of silence: where the power over 1 ms passes a quarter of
 * the beep's own. A fixed threshold would find the codec's pre-echo instead.
 */
export function onsets(samples: Int16Array, rate: number): number[] {
  const span = rate / 1000;
  const power = new Float64Array(samples.length + 1);
  for (let n = 0; n < samples.length; n++) power[n + 1] = power[n]! + (samples[n]! / 32768) ** 2;
  const mean = (from: number, to: number) => (power[to]! - power[from]!) / (to - from);
  const found: number[] = [];
  let quiet = 0;
  for (let n = span; n + 20 * span < samples.length; n++) {
    if (mean(n - span, n) < 1e-4) {
      quiet++;
      continue;
    }
    if (quiet > rate / 4) {
      const full = mean(n + 10 * span, n + 20 * span);
      let at = n - span;
      while (mean(at, at + span) < full / 4) at++;
      // The window's power passes a quarter of the full when half an oscillation has entered it.
      found.push(at + span - span / 4);
    }
    quiet = 0;
  }
  return found;
}

function startsKeyFrame(payload: Buffer, codec: VideoCodec): boolean {
  if (codec === 'H264') {
    // A sequence parameter set announces it, alone or somewhere in an aggregate (behind an access unit delimiter).
    if ((payload[0]! & 31) !== 24) return (payload[0]! & 31) === 7;
    for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) {
      if ((payload[at + 2]! & 31) === 7) return true;
    }
    return false;
  }
  // RFC 9628 4.2: begins a picture, and it is not predicted from another one.
  if (codec === 'VP9') return (payload[0]! & 0x08) !== 0 && (payload[0]! & 0x40) === 0;
  let at = 1;
  if ((payload[0]! & 0x80) !== 0) {
    const flags = payload[at++]!;
    if ((flags & 0x80) !== 0) at += (payload[at]! & 0x80) !== 0 ? 2 : 1;
    if ((flags & 0x40) !== 0) at++;
    if ((flags & 0x30) !== 0) at++;
  }
  return (payload[0]! & 0x10) !== 0 && (payload[at]! & 1) === 0;
}

/** Runs packets through gst-launch-1.0 as an RFC 4571 stream (each with its length in front) and returns the output. */
async function decodeRtp(packets: readonly Received[], caps: string, elements: string): Promise<Buffer> {
  const line = `fdsrc fd=0 ! application/x-rtp-stream ! rtpstreamdepay ! ${caps},payload=96 ! ${elements} ! fdsink fd=1 sync=false`;
  const child = spawn('gst-launch-1.0', ['-q', ...line.split(' ')], { stdio: ['pipe', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  let errors = '';
  child.stdout.on('data', (data: Buffer) => out.push(data));
  child.stderr.on('data', (data: Buffer) => {
    errors += data;
  });
  const exit = once(child, 'exit');
  for (const { packet } of packets) {
    const { header, payload } = packet;
    const bytes = Buffer.alloc(14 + payload.length);
    bytes.writeUInt16BE(12 + payload.length, 0);
    bytes[2] = 0x80;
    bytes[3] = (header.marker ? 0x80 : 0) | 96;
    bytes.writeUInt16BE(header.sequenceNumber, 4);
    bytes.writeUInt32BE(header.timestamp, 6);
    bytes.writeUInt32BE(1, 10);
    payload.copy(bytes, 14);
    child.stdin.write(bytes);
  }
  child.stdin.end();
  const [code] = await exit;
  if (code !== 0) throw new Error(`gst-launch-1.0 could not decode: ${errors}`);
  return Buffer.concat(out);
}
