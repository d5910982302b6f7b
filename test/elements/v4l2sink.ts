import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import V4l2Sink from '../../elements/v4l2sink.js';
import { register, type TalkError } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { Camera } from '../support/camera.js';

register(V4l2Sink);
const camera = await Camera.make();
t.teardown(() => camera.close());

const SINK = `v4l2sink name=s device=${camera.device}`;
/** Bytes of a picture of this size. */
const size = (width: number, height: number): number => width * height * 2;

t.test('the real stock sink inside shows pictures on a fake device', async (t) => {
  const { errors, types, driver, pictures } = await camera.run(
    `videotestsrc num-buffers=9 pattern=white ! video/x-raw,format=YUY2,width=64,height=48,framerate=25/1,colorimetry=bt601 ! ${SINK}`,
  );
  t.same(errors, []);
  t.equal(types['s'], 'GstTs_v4l2sink');
  t.equal(types['s/camera'], 'GstV4l2Sink');
  t.same(
    Object.keys(types).filter((path) => path.startsWith('s/')),
    ['s/camera'],
    'with nothing between',
  );
  t.same(driver, ['size 64 48', 'rate 25 1']);
  // The first one is shown twice: when it arrives, and when it is due.
  t.equal(pictures.length, 10 * size(64, 48));
  t.equal(pictures[0], 235, 'white');
  t.equal(pictures[1], 128);
});

t.test('brings what a fake device does not take into what it does', async (t) => {
  for (const [what, line, count] of [
    ['another format and an odd size', 'video/x-raw,format=I420,width=65,height=49', 10],
    ['Bayer would be another matter, but RGB', 'video/x-raw,format=RGB,width=64,height=48', 10],
    ['JPEG', 'video/x-raw,width=64,height=48 ! jpegenc', 10],
    ['H.264', 'video/x-raw,width=64,height=48 ! x264enc tune=zerolatency', 10],
    ['VP8', 'video/x-raw,width=64,height=48 ! vp8enc deadline=1', 10],
  ] as const) {
    const { errors, driver, pictures } = await camera.run(
      `videotestsrc num-buffers=9 pattern=white ! ${line} ! ${SINK}`,
    );
    t.same(errors, [], what);
    t.equal(driver[0], 'size 64 48', what);
    t.equal(pictures.length, count * size(64, 48), what);
    t.ok(Math.abs((pictures[0] ?? 0) - 235) < 4, `${what}: white`);
  }
});

t.test('gives a fake device of planar pictures what it takes, I420', async (t) => {
  const { errors, driver, pictures } = await camera.run(
    `videotestsrc num-buffers=9 pattern=white ! video/x-raw,format=YUY2,width=64,height=48 ! ${SINK}`,
    { FAKE_CAMERA_FORMAT: 'YU12' },
  );
  t.same(errors, []);
  t.equal(driver[0], 'size 64 48');
  t.equal(pictures.length, (10 * 64 * 48 * 3) / 2);
  t.ok(Math.abs((pictures[0] ?? 0) - 235) < 4 && Math.abs((pictures[64 * 48] ?? 0) - 128) < 4);
});

t.test('says so when a fake device is pulled out, and plays again once it is back', async (t) => {
  const line = `videotestsrc is-live=true ! video/x-raw,width=64,height=48,framerate=25/1 ! ${SINK}`;
  const [{ errors }] = await Promise.all([camera.run(line), camera.unplug(5 * size(64, 48))]);
  t.ok(errors.length > 0, 'it fails');
  t.match(errors[0], /device/i);
  await camera.plug();
  const again = await camera.run(line.replace('videotestsrc', 'videotestsrc num-buffers=9'));
  t.same(again.errors, []);
  t.ok(again.pictures.length >= 9 * size(64, 48));
});

t.test('repeats or leaves out pictures for a fake device of another rate', async (t) => {
  const { errors, driver, pictures } = await camera.run(
    `videotestsrc num-buffers=30 ! video/x-raw,width=64,height=48,framerate=30/1 ! ${SINK}`,
    { FAKE_CAMERA_RATE: '20' },
  );
  t.same(errors, []);
  t.ok(driver.includes('rate 20 1'));
  t.ok(Math.abs(pictures.length / size(64, 48) - 21) <= 1, `${pictures.length / size(64, 48)} pictures`);
});

t.test('keeps to the clock, unless told otherwise', async (t) => {
  const line = 'videotestsrc num-buffers=26 ! video/x-raw,width=64,height=48,framerate=25/1';
  const paced = await camera.run(`${line} ! ${SINK}`);
  t.ok(paced.seconds > 0.9, `${paced.seconds.toFixed(2)} s for one second`);
  const fast = await camera.run(`${line} ! ${SINK} sync=false`);
  t.ok(fast.seconds < paced.seconds, `${fast.seconds.toFixed(2)} s as fast as it goes`);
});

t.test('is still ours after another element of its plugin was made, and takes its properties', async (t) => {
  t.ok(native.shadows('v4l2sink'));
  const pipeline = Pipeline.launch(
    `v4l2src ! fakesink   videotestsrc ! ${SINK} io-mode=mmap extra-controls="c,brightness=3" brightness=3 ` +
      'max-lateness=7 qos=false norm=PAL show-preroll-frame=false',
  );
  const sink = pipeline.element('s');
  t.equal(sink.type, 'GstTs_v4l2sink');
  t.equal(sink.get('io-mode'), 'mmap');
  t.equal(sink.get('norm'), 'PAL');
  t.equal(sink.get('show-preroll-frame'), false);
  await pipeline.close();
});

t.test('says why there is no camera, and what to do', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'talkgraph-v4l2-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'file'), '');
  for (const [device, code, message] of [
    [
      '/dev/video63',
      'resource/not-found',
      /no device \/dev\/video63.* sudo modprobe v4l2loopback .* video_nr=63/,
    ],
    [folder, 'resource/settings', /is no device but a file or a folder/],
    [join(folder, 'file'), 'resource/settings', /is no device/],
  ] as const) {
    const pipeline = Pipeline.launch(`videotestsrc ! v4l2sink device=${device}`);
    pipeline.on('error', () => undefined);
    const error = (await t.rejects(pipeline.play(), { code, message })) as unknown as TalkError;
    t.equal(error.details['device'], device);
    await pipeline.close();
  }
});

t.test('tells that a fake device is used by another program, or takes no such stream', async (t) => {
  const busy = await camera.run(`videotestsrc num-buffers=9 ! ${SINK}`, { FAKE_CAMERA_BUSY: '1' });
  t.match(busy.errors[0], /Could not open device/);
  const strange = await camera.run(
    `videotestsrc num-buffers=9 ! video/x-raw,width=64,height=48 ! avenc_mpeg4 ! ${SINK}`,
  );
  t.match(strange.errors[0], /stream\/format .* takes no video\/mpeg; decode it before/);
});
