/**
 * What each codec costs and is worth, as `webrtcsink` encodes it: the default avatar speaking (docs/talking.mp4) at 512x512 and 25 pictures
 * a second. Processor time is of the whole process, less what reading the pictures takes, as a part of one core; PSNR is of all three
 * planes together against what went in.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pipeline } from '../../src/graph/pipeline.js';
import { software } from '../../src/webrtc/chain.js';
import { VIDEO_CODECS, type VideoCodec } from '../../src/webrtc/codecs.js';
import { progress, type Row, report } from './support/report.js';

const SIDE = 512;
const FRAME = (SIDE * SIDE * 3) / 2;
const RATE = 25;
const BITRATES = [300_000, 1_500_000];
const DECODERS: Record<VideoCodec, string> = {
  H264: 'h264parse ! avdec_h264 max-threads=1',
  VP8: 'vp8dec',
  VP9: 'vp9dec',
};

const folder = mkdtempSync(join(tmpdir(), 'talkgraph-codecs-'));
const file = (name: string) => join(folder, name);
const RAW = `filesrc location=${file('in')} blocksize=${FRAME} ! rawvideoparse format=i420 width=${SIDE} height=${SIDE} framerate=${RATE}/1`;

/** Runs a line to its end; returns the ms of processor time that it took. */
async function play(line: string): Promise<number> {
  const before = process.cpuUsage();
  const pipeline = Pipeline.launch(line);
  await Promise.all([pipeline.finished(), pipeline.play()]);
  await pipeline.close();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** dB between two runs of pictures. */
function psnr(one: Buffer, other: Buffer): number {
  let sum = 0;
  const length = Math.min(one.length, other.length);
  for (let n = 0; n < length; n++) sum += (one[n]! - other[n]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / length));
}

async function measure(
  codec: VideoCodec,
  bitrate: number,
  pictures: number,
  reading: number,
): Promise<Row[]> {
  progress(`${codec} at ${bitrate / 1000} kbit/s`);
  const { text } = software({ codec, bitrate, crf: 25, preset: 'ultrafast', keyInterval: 250 });
  const parse = codec === 'H264' ? '! h264parse ' : '';
  const cpu = await play(`${RAW} ! ${text('v')} ${parse}! matroskamux ! filesink location=${file('coded')}`);
  await play(
    `filesrc location=${file('coded')} ! matroskademux ! ${DECODERS[codec]} ! videoconvert ! video/x-raw,format=I420 ! filesink location=${file('out')}`,
  );
  const seconds = pictures / RATE;
  const note = `${Math.round((statSync(file('coded')).size * 8) / seconds / 1000)} kbit/s came out`;
  const what = `${codec} at ${bitrate / 1000} kbit/s`;
  return [
    { what: `${what}: of a core`, unit: '%', n: pictures, value: (cpu - reading) / seconds / 10, note },
    {
      what: `${what}: PSNR`,
      unit: 'dB',
      n: pictures,
      value: psnr(readFileSync(file('in')), readFileSync(file('out'))),
    },
  ];
}

try {
  await play(
    `filesrc location=docs/talking.mp4 ! qtdemux ! h264parse ! avdec_h264 ! videoconvert ! videoscale add-borders=false ` +
      `! video/x-raw,format=I420,width=${SIDE},height=${SIDE} ! filesink location=${file('in')}`,
  );
  const pictures = statSync(file('in')).size / FRAME;
  const reading = await play(`${RAW} ! fakesink`);
  const rows: Row[] = [];
  for (const bitrate of BITRATES)
    for (const codec of VIDEO_CODECS) rows.push(...(await measure(codec, bitrate, pictures, reading)));
  rmSync(folder, { recursive: true });
  report(rows);
} catch (error) {
  rmSync(folder, { recursive: true, force: true });
  throw error;
}
