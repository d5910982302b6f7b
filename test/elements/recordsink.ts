import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import RecordSink from '../../elements/recordsink.js';
import { register, TalkError } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { play } from '../support/played.js';
import { readRecording } from '../webrtc/support/file.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { pair, skewOf } from '../webrtc/support/skew.js';

register(RecordSink);
registerFlash();

const folder = await mkdtemp(join(tmpdir(), 'talkgraph-record-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

/** Ten seconds less a bit, in odd numbers: 241 pictures and as much sound. */
const OFFLINE = 'flashsrc is-live=false frames=241 ! r.video beepsrc is-live=false blocks=964 ! r.audio';

for (const [name, properties] of [
  ['a.mp4', ''],
  ['fast.mp4', 'faststart=true'],
  ['rate.mp4', 'bitrate=300000 preset=ultrafast fragment-duration=300'],
  ['b.mkv', ''],
] as const) {
  t.test(`flash and beep coincide in ${name} ${properties}`, async (t) => {
    const file = join(folder, name);
    await play(`recordsink name=r location=${file} ${properties} ${OFFLINE}`);
    const recording = await readRecording(file);
    t.equal(recording.complaints, '');
    t.equal(recording.frames, 241);
    t.equal(recording.video?.codec, 'h264');
    t.equal(recording.audio?.codec, 'aac');
    const skew = skewOf(pair(recording.flashes, recording.beeps));
    t.equal(skew.n, 9);
    t.ok(
      Math.abs(skew.median) < 1 && skew.p99 < 2,
      `${skew.median.toFixed(2)} ms, worst ${skew.p99.toFixed(2)}`,
    );
    const { video, audio } = recording;
    t.ok(Math.abs((video?.start ?? 9) - (audio?.start ?? 0)) < 0.002, 'both begin together');
    const difference = Math.abs((video?.duration ?? 0) - (audio?.duration ?? 9)) * 1000;
    t.ok(difference < 40, `durations ${difference.toFixed(1)} ms apart`);
  });
}

t.test('records one track alone, as PCM, AAC or pictures', async (t) => {
  const wav = join(folder, 'voice.wav');
  await play(`beepsrc is-live=false blocks=300 ! recordsink location=${wav}`);
  const voice = await readRecording(wav);
  t.equal(voice.audio?.codec, 'pcm_s16le');
  t.ok(Math.abs((voice.audio?.duration ?? 0) - 3) < 0.001, 'not a sample more or less');
  t.ok(Math.abs((voice.beeps[0] ?? 0) - 1000) < 1);
  const m4a = join(folder, 'voice.m4a');
  await play(`beepsrc is-live=false blocks=300 ! recordsink location=${m4a}`);
  t.ok(Math.abs(((await readRecording(m4a)).beeps[0] ?? 0) - 1000) < 1);
  const silent = join(folder, 'silent.MP4');
  await play(`flashsrc is-live=false frames=30 ! recordsink location=${silent}`);
  t.match(await readRecording(silent), { frames: 30, audio: undefined });
});

t.test('takes what is encoded already', async (t) => {
  const file = join(folder, 'encoded.mkv');
  await play(
    `flashsrc is-live=false frames=50 ! x264enc bframes=0 ! recordsink name=r location=${file} ` +
      'beepsrc is-live=false blocks=200 ! audioconvert ! audioresample ! opusenc ! r.audio',
  );
  t.match(await readRecording(file), { frames: 50, video: { codec: 'h264' }, audio: { codec: 'opus' } });
});

t.test('two recordings of the same are the same, byte for byte', async (t) => {
  const { readFile } = await import('node:fs/promises');
  const decoded = [];
  for (const name of ['one.wav', 'two.wav']) {
    await play(`beepsrc is-live=false blocks=100 ! recordsink location=${join(folder, name)}`);
    decoded.push(await readFile(join(folder, name)));
  }
  t.same(decoded[0], decoded[1]);
  for (const name of ['one.mp4', 'two.mp4']) {
    await play(`recordsink name=r location=${join(folder, name)} ${OFFLINE}`);
  }
  const [one, two] = await Promise.all(
    ['one.mp4', 'two.mp4'].map((name) => readRecording(join(folder, name))),
  );
  t.same(one, two);
});

t.test('is playable after kill -9, up to its last fragment', async (t) => {
  const script = fileURLToPath(new URL('../webrtc/support/record-until-killed.js', import.meta.url));
  for (const name of ['killed.mp4', 'killed.mkv']) {
    const file = join(folder, name);
    const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    for await (const text of child.stdout) {
      told += text;
      if (Number(/time (\d+)\n$/.exec(told)?.[1] ?? 0) > 3.2e9) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit').catch(() => {});
    const recording = await readRecording(file);
    t.ok(recording.frames >= 50, `${name}: ${recording.frames} pictures of about 80`);
    t.ok(recording.beeps.length >= 1);
    const skew = skewOf(pair(recording.flashes, recording.beeps));
    t.ok(skew.n >= 1 && Math.abs(skew.median) < 2 && skew.p99 < 2, `in sync: ${skew.median.toFixed(2)} ms`);
  }
});

t.test('ends a live recording with its end, and tells how far it is', async (t) => {
  const file = join(folder, 'live.mp4');
  const pipeline = Pipeline.launch(`recordsink name=r location=${file} flashsrc ! r.video beepsrc ! r.audio`);
  const progress: { time: number; bytes: number }[] = [];
  pipeline.on('mark', ({ name, fields }) => {
    if (name === 'progress') progress.push(fields as { time: number; bytes: number });
  });
  await pipeline.play();
  while (progress.length < 2) await new Promise((resolve) => pipeline.once('mark', resolve));
  await pipeline.eos();
  await pipeline.close();
  const { video, audio, ...recording } = await readRecording(file);
  const skew = skewOf(pair(recording.flashes, recording.beeps));
  t.ok(skew.n >= 1 && Math.abs(skew.median) < 2 && skew.p99 < 2, `${skew.median.toFixed(2)} ms`);
  t.ok(Math.abs((video?.duration ?? 0) - (audio?.duration ?? 9)) < 0.06, 'both tracks end together');
  t.ok(progress[1]!.time > progress[0]!.time && progress[1]!.bytes > 0, JSON.stringify(progress));
});

const bad: [name: string, location: string, code: string, message: RegExp][] = [
  ['no location', '', 'resource/settings', /Expected a file name for location/],
  [
    'an unknown ending',
    '/nowhere/x.avi',
    'resource/settings',
    /ends in \.mp4, .* received "\/nowhere\/x\.avi"/,
  ],
  ['no ending', '/nowhere/x', 'resource/settings', /ends in \.mp4/],
  [
    'a folder that does not exist',
    '/nowhere/at/all/x.mp4',
    'resource/not-found',
    /\/nowhere\/at\/all does not exist/,
  ],
  ['a file for a folder', '/etc/hostname/x.mp4', 'resource/not-found', /\/etc\/hostname does not exist/],
];
for (const [name, location, code, message] of bad) {
  t.test(`says clearly that ${name} is no place to record to`, async (t) => {
    const line = `flashsrc is-live=false frames=5 ! recordsink ${location === '' ? '' : `location=${location}`}`;
    const error = (await t.rejects(play(line), TalkError)) as unknown as TalkError;
    t.equal(error.code, code);
    t.match(error.message, message);
    t.notOk(existsSync(location));
  });
}

t.test('says so when the file is a folder, may not be written, or the disk is full', async (t) => {
  const line = (file: string) => `flashsrc is-live=false frames=100 ! recordsink location=${file}`;
  await t.rejects(
    play(
      line(
        await mkdtemp(join(folder, 'x-')).then(async (path) => {
          const named = `${path}.mp4`;
          await symlink(path, named);
          return named;
        }),
      ),
    ),
    { code: 'resource/write', message: /is a folder/ },
  );
  const full = join(folder, 'full.mp4');
  await symlink('/dev/full', full);
  await t.rejects(play(line(full)), { code: 'resource/no-space' });
  if (process.getuid?.() !== 0) {
    const locked = await mkdtemp(join(folder, 'locked-'));
    await chmod(locked, 0o500);
    await t.rejects(play(line(join(locked, 'x.mp4'))), { code: 'resource/not-authorized' });
  }
});

t.test('what fails before the first byte leaves no file', async (t) => {
  const line = (file: string) =>
    `flashsrc is-live=false frames=5 ! recordsink location=${file}  filesrc location=/nowhere ! fakesink`;
  const [fresh, old, empty] = ['fresh', 'old', 'empty'].map((name) => join(folder, `${name}.mp4`)) as [
    string,
    string,
    string,
  ];
  await writeFile(old, 'a recording');
  await writeFile(empty, '');
  for (const file of [fresh, old, empty]) await t.rejects(play(line(file)), { code: 'resource/not-found' });
  t.notOk(existsSync(fresh));
  t.notOk(existsSync(old), 'its content was gone when the new one began');
  t.ok(existsSync(empty), 'somebody else made that one');
});

t.test('refuses pictures for a sound file', async (t) => {
  const line = `flashsrc is-live=false frames=5 ! recordsink location=${join(folder, 'v.wav')}`;
  await t.rejects(play(line), { code: 'core/link', message: /A \.wav file holds no video/ });
});

t.test('overwrites what was there, and records again after a stop', async (t) => {
  const file = join(folder, 'again.mp4');
  await play(`recordsink name=r location=${file} ${OFFLINE}`);
  const { size } = await stat(file);
  await play(`flashsrc is-live=false frames=10 ! recordsink location=${file}`);
  t.ok((await stat(file)).size < size);
  const pipeline = Pipeline.launch(`flashsrc is-live=false frames=40 ! recordsink name=r location=${file}`);
  for (const next of ['second.mp4', 'third.mkv']) {
    await pipeline.stop();
    pipeline.element('r').set('location', join(folder, next));
    const finished = pipeline.play().then(() => pipeline.finished());
    await finished;
  }
  await pipeline.close();
  for (const next of ['second.mp4', 'third.mkv'])
    t.equal((await readRecording(join(folder, next))).frames, 40, next);
});
