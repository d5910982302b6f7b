/** A recording in segments: each plays alone and in sync, and together they have every picture and every frame of sound once. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import CaptionsElement from '../../elements/captions.js';
import RecordSink from '../../elements/recordsink.js';
import TtsSrc from '../../elements/ttssrc.js';
import { register } from '../../src/element/index.js';
import { gridOf } from '../../src/encode/segments.js';
import { closeVoices } from '../../src/voice/index.js';
import { play } from '../support/played.js';
import { readRecording } from '../webrtc/support/file.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { pair, skewOf } from '../webrtc/support/skew.js';

register(RecordSink);
register(TtsSrc);
register(CaptionsElement);
registerFlash();
const folder = await mkdtemp(join(tmpdir(), 'talkgraph-segments-'));
t.teardown(async () => {
  await closeVoices();
  await rm(folder, { recursive: true, force: true });
});

/** A flash and a beep at each whole second, for six seconds. */
const SOURCES = 'flashsrc is-live=false frames=151 ! r.video beepsrc is-live=false blocks=604 ! r.audio';

/** Plays a line to its end; returns what it said of its segments. */
const segmentsOf = async (line: string) =>
  (await play(line)).flatMap(({ name, fields }) => (name === 'segment' ? [fields] : []));

const filesOf = (name: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.startsWith(`${name}-`))
    .sort()
    .map((file) => join(folder, file));

/** Packets of pictures and of sound in a file, and whether it begins with a key frame. */
async function packets(file: string): Promise<{ pictures: number; sound: number; key: boolean }> {
  const asked = ['-v', 'error', '-show_entries', 'packet=codec_type,flags', '-of', 'csv=p=0', file];
  const lines = (await promisify(execFile)('ffprobe', asked)).stdout.trim().split('\n');
  const pictures = lines.filter((line) => line.startsWith('video'));
  return {
    pictures: pictures.length,
    sound: lines.length - pictures.length,
    key: pictures[0]?.startsWith('video,K') === true,
  };
}

async function total(files: readonly string[]): Promise<{ pictures: number; sound: number }> {
  const all = await Promise.all(files.map(packets));
  t.ok(
    all.every(({ key }) => key),
    'each begins with a key frame',
  );
  const sum = (of: 'pictures' | 'sound') => all.reduce((so, one) => so + one[of], 0);
  return { pictures: sum('pictures'), sound: sum('sound') };
}

for (const [end, begin] of [
  // In the middle of a stream, 51 being white; the others are 75, 100, 125 and 150.
  ['mp4', 51],
  ['mkv', 0],
] as const) {
  t.test(`${end}: by time, from picture ${begin} on`, async (t) => {
    const start = `start-time=${begin * 40e6}`;
    await play(`recordsink name=r location=${join(folder, `one.${end}`)} ${start} ${SOURCES}`);
    const told = await segmentsOf(
      `recordsink name=r location=${join(folder, `time.${end}`)} ${start} segment-time=2600 ${SOURCES}`,
    );
    const files = filesOf('time').filter((file) => file.endsWith(end));
    t.same(
      told.map(({ location, number, time }) => ({ location, number, time })),
      files.map((location, n) => ({ location, number: n + 1, time: begin * 40e6 + n * 2.56e9 })),
      'it says so of each, in order',
    );
    t.same(
      await total(files),
      await total([join(folder, `one.${end}`)]),
      'nothing is missing or there twice',
    );
    // The second tells more: where the sound of one ends, that of the other begins.
    for (const [n, file] of [...files.entries()].slice(end === 'mp4' ? 0 : 1, 2)) {
      const { complaints, flashes, beeps, video, audio, frames } = await readRecording(file);
      t.equal(complaints, '');
      t.equal(frames, n === 1 && begin > 0 ? 36 : 64, 'whole groups of pictures');
      t.ok(Math.abs((video?.start ?? 9) - (audio?.start ?? 0)) < 0.002, 'both tracks begin together');
      const first = (25 - ((begin + n * 64) % 25)) * 40;
      t.ok(Math.abs((flashes[0] ?? 0) - first) < 1, `the first flash is ${first} ms into it: ${flashes[0]}`);
      const skew = skewOf(pair(flashes, beeps));
      t.ok(
        skew.n >= 1 && Math.abs(skew.median) < 1 && skew.p99 < 1,
        `${skew.median.toFixed(3)} ms of ${skew.n}`,
      );
    }
  });
}

t.test('by size: none is larger, and the oldest go', async (t) => {
  // Noise, which no encoder makes small: about 12 kB a picture.
  const line = (more: string) =>
    `recordsink name=r location=${join(folder, 'size%d.mp4')} segment-size=400000 key-interval=8 ${more} ` +
    'videotestsrc pattern=snow num-buffers=96 ! video/x-raw,width=160,height=120,framerate=25/1 ! r.video ' +
    'audiotestsrc num-buffers=180 samplesperbuffer=1024 ! audio/x-raw,rate=48000 ! r.audio';
  const told = await segmentsOf(line(''));
  const files = filesOf('size%d');
  t.ok(files.length >= 3, `${files.length} files`);
  t.same(await total(files), { pictures: 96, sound: 180 });
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  t.ok(Math.max(...sizes) <= 400_000 * 1.05, `${sizes}`);
  t.same(
    told.map(({ bytes }) => bytes),
    sizes,
  );
  for (const file of files) await rm(file);
  const numbers = (await segmentsOf(line('segments=2'))).map(({ number }) => Number(number));
  t.same(
    filesOf('size%d').map((file) => Number(/(\d+)\.mp4$/.exec(file)?.[1])),
    numbers.slice(-2),
    'two are left, and the numbers go on',
  );
  t.equal(numbers[0], 1);
});

t.test('what is said lies beside each of them, with the times of its own', async (t) => {
  const told = await segmentsOf(
    `recordsink name=r location=${join(folder, 'said.mp4')} segment-time=1300 captions=both ` +
      'ttssrc is-live=false voice=tone text="0:0.4 1000:1.4" ! r.audio flashsrc is-live=false frames=60 ! r.video',
  );
  t.same(
    filesOf('said').map((file) => file.slice(folder.length + 1)),
    ['said-00001.mp4', 'said-00001.vtt', 'said-00002.mp4', 'said-00002.vtt'],
  );
  t.equal(told.length, 2, 'it says so of both');
  const [one, two] = await Promise.all(
    ['said-00001.vtt', 'said-00002.vtt'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  t.match(one, /^WEBVTT\n\n00:00:00\.\d+ --> 00:00:01\.280\n0:0\.4 1000:1\.4\n\n$/);
  t.match(
    two,
    /^WEBVTT\n\n00:00:00\.000 --> 00:00:00\.\d+\n0:0\.4 1000:1\.4\n\n$/,
    'what spans a cut is in both',
  );
});

t.test('cuts are where a picture and a frame of AAC begin together', (t) => {
  for (const [num, den, ms, keys, pictures] of [
    [25, 1, 10_000, 32, 256],
    [25, 1, 0, 48, undefined],
    [25, 1, 1, 8, 8],
    [30, 1, 10_000, 32, 320],
    [24, 1, 10_000, 64, 256],
    [60, 1, 60_000, 32, 3616],
    // Together again in 21 s only: key frames as they are wished.
    [30_000, 1001, 10_000, 50, 300],
  ] as const)
    t.match(gridOf({ num, den }, ms * 1e6, 50), { keys, pictures }, `${num}/${den}, ${ms} ms`);
  t.end();
});

t.test('what cannot be cut is said', async (t) => {
  const video = 'flashsrc is-live=false frames=5';
  const sink = (file: string) => `recordsink location=${join(folder, file)} segment-time=1000`;
  await t.rejects(play(`beepsrc is-live=false blocks=9 ! ${sink('x.wav')}`), {
    code: 'resource/settings',
    message: /segments but received/,
  });
  await t.rejects(play(`${video} ! x264enc ! ${sink('x.mkv')}`), {
    code: 'stream/format',
    message: /raw .* received video\/x-h264/,
  });
  await t.rejects(
    play(
      `${video} ! capssetter replace=true caps=video/x-raw,format=I420,width=320,height=240,framerate=0/1 ! ${sink('x.mp4')}`,
    ),
    {
      code: 'stream/format',
      message: /videorate/,
    },
  );
});
