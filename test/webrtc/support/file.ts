/** What is in a recording, by ffprobe and ffmpeg: programs that had no part in making it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onsets } from './content.js';

const run = promisify(execFile);
const RATE = 48000;
/** Samples that each packet of AAC decodes to. */
const AAC_FRAME = 1024;

export interface Track {
  codec: string;
  /** Seconds. */
  start: number;
  /** Seconds from the first to the end of the last packet. */
  duration: number;
  packets: number;
  /** When each packet is shown or heard, s, in that order. */
  times: readonly number[];
}

export interface Recording {
  video?: Track;
  audio?: Track;
  /** Milliseconds from the start of the file, as for `pair`. */
  flashes: number[];
  beeps: number[];
  frames: number;
  /** What ffmpeg had to complain about; empty for a sound file. */
  complaints: string;
}

/** Reads a recording; `rate`: pictures per second. */
export async function readRecording(file: string, rate = 25): Promise<Recording> {
  const video = await track(file, 'v');
  const audio = await track(file, 'a');
  const recording: Recording = { flashes: [], beeps: [], frames: 0, complaints: '' };
  if (video !== undefined) {
    recording.video = video;
    const gray = await decode(file, [
      '-map',
      '0:v',
      '-vf',
      'scale=1:1,setsar=1,format=gray',
      '-fps_mode',
      'passthrough',
    ]);
    recording.complaints += gray.complaints;
    recording.frames = gray.data.length;
    for (let n = 1; n < gray.data.length; n++) {
      // By its own time where each packet gave a picture: some may be missing between them.
      const own = gray.data.length === video.packets ? video.times[n] : undefined;
      if (gray.data[n]! > 160 && gray.data[n - 1]! <= 160)
        recording.flashes.push((own ?? video.start + n / rate) * 1000);
    }
  }
  if (audio !== undefined) {
    recording.audio = audio;
    const pcm = await decode(file, ['-map', '0:a', '-f', 's16le', '-ac', '1', '-ar', String(RATE)]);
    recording.complaints += pcm.complaints;
    const samples = new Int16Array(pcm.data.buffer, pcm.data.byteOffset, Math.floor(pcm.data.length / 2));
    const each = samples.length === audio.packets * AAC_FRAME ? AAC_FRAME : Number.POSITIVE_INFINITY;
    recording.beeps = onsets(samples, RATE).map(
      (n) => (audio.times[Math.floor(n / each)] ?? audio.start) * 1000 + ((n % each) * 1000) / RATE,
    );
  }
  return recording;
}

async function track(file: string, kind: 'v' | 'a'): Promise<Track | undefined> {
  const entries = 'stream=codec_name:packet=pts_time,duration_time';
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-select_streams', kind, '-show_entries', entries, '-of', 'json', file],
    { maxBuffer: 1 << 28 },
  );
  const { streams, packets } = JSON.parse(stdout) as {
    streams: { codec_name: string }[];
    packets: { pts_time: string; duration_time?: string }[];
  };
  const codec = streams[0]?.codec_name;
  const [first, last] = [packets[0], packets.at(-1)];
  if (codec === undefined || first === undefined || last === undefined) return undefined;
  const start = Number(first.pts_time);
  const step = (Number(last.pts_time) - start) / Math.max(1, packets.length - 1);
  const end = Number(last.pts_time) + Number(last.duration_time ?? step);
  const times = packets.map(({ pts_time }) => Number(pts_time)).sort((a, b) => a - b);
  return { codec, start, duration: end - start, packets: packets.length, times };
}

async function decode(file: string, args: string[]): Promise<{ data: Buffer; complaints: string }> {
  const format = args.includes('-f') ? [] : ['-f', 'rawvideo'];
  const { stdout, stderr } = await run('ffmpeg', ['-v', 'error', '-i', file, ...args, ...format, '-'], {
    encoding: 'buffer',
    maxBuffer: 1 << 28,
  });
  return { data: stdout, complaints: stderr.toString() };
}
