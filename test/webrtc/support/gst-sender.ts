/**
 * Media for tests without any element of ours: gst-launch-1.0 in a child process encodes a flash and a beep at every
 * whole second of running time and sends RTP over loopback to this process.
 *
 * It is the independent half of the sync measurements: if our elements and this agree, neither is wrong by itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { CaptureClock } from '../../../src/webrtc/clock.js';
import type { VideoCodec } from '../../../src/webrtc/codecs.js';
import type { Kind } from '../../../src/webrtc/peer.js';

export const WIDTH = 320;
export const HEIGHT = 240;
export const RATE = 25;
/** Two white frames = 80 ms at the start of each second. */
const WHITE_FRAMES = 2;

const VIDEO: Record<VideoCodec, string> = {
  H264:
    'x264enc tune=zerolatency speed-preset=superfast bitrate=800 key-int-max=25 ' +
    '! video/x-h264,profile=constrained-baseline ' +
    '! rtph264pay config-interval=-1 aggregate-mode=zero-latency mtu=1200 timestamp-offset=0 pt=96',
  VP8:
    'vp8enc deadline=1 cpu-used=8 target-bitrate=800000 keyframe-max-dist=25 ' +
    '! rtpvp8pay mtu=1200 picture-id-mode=15-bit timestamp-offset=0 pt=96',
  VP9:
    'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 target-bitrate=800000 keyframe-max-dist=25 ' +
    '! rtpvp9pay mtu=1200 picture-id-mode=15-bit timestamp-offset=0 pt=96',
};

export interface GstSenderOptions {
  codec?: VideoCodec;
  /** Extra element for the video branch before its sink, e.g. a delay. */
  videoExtra?: string;
  onPacket(kind: Kind, packet: Buffer): void;
}

/** A running gst-launch. `clock` maps its running time to the wall clock within a few ms. */
export interface GstSender {
  clock: CaptureClock;
  stop(): Promise<void>;
}

/** Starts it and resolves when packets of both kinds arrive. */
export async function startGstSender(options: GstSenderOptions): Promise<GstSender> {
  let base = Number.POSITIVE_INFINITY;
  const start = performance.timeOrigin;
  const receive = async (kind: Kind, rate: number): Promise<{ socket: Socket; first: Promise<unknown> }> => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.on('message', (packet) => {
      base = Math.min(base, performance.now() - (packet.readUInt32BE(4) / rate) * 1000);
      options.onPacket(kind, packet);
    });
    return { socket, first: once(socket, 'message') };
  };
  const video = await receive('video', 90000);
  const audio = await receive('audio', 48000);
  const sink = (socket: Socket) =>
    `udpsink host=127.0.0.1 port=${socket.address().port} sync=true async=false processing-deadline=0`;
  const line =
    `fdsrc fd=0 blocksize=${frameBytes()} ! rawvideoparse format=i420 width=${WIDTH} height=${HEIGHT} ` +
    `framerate=${RATE}/1 ! identity sync=true ! ${VIDEO[options.codec ?? 'H264']} ` +
    `${options.videoExtra ? `! ${options.videoExtra} ` : ''}! ${sink(video.socket)} ` +
    `fdsrc fd=3 blocksize=${SAMPLES * 2} ! rawaudioparse format=pcm pcm-format=s16le sample-rate=48000 num-channels=1 ` +
    '! audio/x-raw,layout=interleaved ! identity sync=true ! opusenc frame-size=10 bitrate=48000 ' +
    `! rtpopuspay timestamp-offset=0 perfect-rtptime=false mtu=1200 pt=111 ! ${sink(audio.socket)}`;
  const child = spawn('gst-launch-1.0', ['-q', ...line.split(' ')], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors += text;
  });
  const stopFeeding = feed(child);
  const died = once(child, 'exit').then(() => Promise.reject(new Error(`gst-launch-1.0 ended: ${errors}`)));
  await Promise.race([Promise.all([video.first, audio.first]), died]);
  died.catch(() => {});
  let stopped = false;
  return {
    clock: {
      runningTime: () => (performance.now() - base) * 1e6,
      get baseWall() {
        return start + base;
      },
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      stopFeeding();
      const running = child.exitCode === null && child.signalCode === null;
      child.kill('SIGKILL');
      if (running) await once(child, 'exit');
      for (const { socket } of [video, audio]) socket.close();
    },
  };
}

function frameBytes(): number {
  return (WIDTH * HEIGHT * 3) / 2;
}

/** 10 ms of audio at 48 kHz. */
const SAMPLES = 480;
/** 100 ms of beep at the start of each second. */
const BEEP_BLOCKS = 10;

/** Writes I420 frames and S16LE blocks to the child as fast as it takes them; its clock paces it. */
function feed(child: ChildProcess): () => void {
  const picture = (luma: number): Buffer =>
    Buffer.concat([Buffer.alloc(WIDTH * HEIGHT, luma), Buffer.alloc((WIDTH * HEIGHT) / 2, 128)]);
  const sine = Int16Array.from({ length: SAMPLES }, (_, n) => Math.sin((2 * Math.PI * n) / 48) * 16384);
  const [white, black] = [picture(235), picture(16)];
  const [beep, silence] = [Buffer.from(sine.buffer), Buffer.alloc(SAMPLES * 2)];
  const stopVideo = pump(child.stdin, (n) => (n % RATE < WHITE_FRAMES ? white : black));
  const stopAudio = pump(child.stdio[3] as Writable, (n) => (n % 100 < BEEP_BLOCKS ? beep : silence));
  return () => {
    stopVideo();
    stopAudio();
  };
}

function pump(to: Writable | null, block: (n: number) => Buffer): () => void {
  let n = 0;
  const write = (): void => {
    while (to?.writable && to.write(block(n++)));
  };
  to?.on('drain', write);
  // The child was killed: that is how it ends.
  to?.on('error', () => {});
  write();
  return () => to?.destroy();
}
