import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import RecordSink from '../../elements/recordsink.js';
import RtmpSink from '../../elements/rtmpsink.js';
import { register, type TalkError } from '../../src/element/index.js';
import type { Mark } from '../../src/graph/events.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { RtmpServer } from '../support/nginx.js';
import { readRecording } from '../webrtc/support/file.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { pair, skewOf } from '../webrtc/support/skew.js';

register(RtmpSink);
register(RecordSink);
registerFlash();

const KEY = 'k3y-nobody-may-see';
const folder = await mkdtemp(join(tmpdir(), 'talkgraph-rtmp-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

/** A server that ends with the test. */
async function server(
  t: { teardown(work: () => unknown): unknown },
  { started = true } = {},
): Promise<RtmpServer> {
  const made = await RtmpServer.make();
  t.teardown(() => made.close());
  if (started) await made.start();
  return made;
}

/** A running pipeline with an rtmpsink called `r`, and all that was said. */
async function run(line: string) {
  const pipeline = Pipeline.launch(line);
  const errors: TalkError[] = [];
  const warnings: TalkError[] = [];
  const marks: Mark[] = [];
  pipeline.on('error', (error) => errors.push(error));
  pipeline.on('warning', (warning) => warnings.push(warning));
  pipeline.on('mark', (mark) => marks.push(mark));
  /** The nth mark of a name. */
  const mark = async (name: string, n = 1): Promise<Mark['fields']> => {
    for (;;) {
      const found = marks.filter((one) => one.name === name)[n - 1];
      if (found !== undefined) return found.fields;
      await new Promise((resolve) => pipeline.once('mark', resolve));
    }
  };
  const count = (name: string): number => marks.filter((one) => one.name === name).length;
  await pipeline.play();
  return { pipeline, element: pipeline.element('r'), errors, warnings, marks, mark, count };
}

async function end({ pipeline }: { pipeline: Pipeline }): Promise<void> {
  await pipeline.eos();
  await pipeline.close();
}

t.test('publishes H.264 and AAC that a real server records in sync', async (t) => {
  const nginx = await server(t);
  const running = await run(
    `rtmpsink name=r location=${nginx.url(KEY)} flashsrc ! r.video beepsrc ! r.audio`,
  );
  await running.mark('connected');
  t.equal(running.element.get('connected'), true);
  await running.mark('beep', 4);
  await end(running);
  t.same(running.errors, []);
  t.same(running.warnings, []);
  await nginx.says(/deleteStream/);
  const [file = ''] = await nginx.recordings();
  const recording = await readRecording(file);
  t.equal(recording.video?.codec, 'h264');
  t.equal(recording.audio?.codec, 'aac');
  t.equal(recording.complaints, '');
  const { video, audio } = recording;
  t.ok(Math.abs((video?.start ?? 9) - (audio?.start ?? 0)) < 0.022, 'both begin within a frame of sound');
  t.ok((video?.duration ?? 0) > 2.9 && Math.abs((video?.duration ?? 9) - (audio?.duration ?? 0)) < 0.3);
  t.equal(recording.frames, Math.round((video?.duration ?? 0) * 25), 'no picture is missing');
  const skew = skewOf(pair(recording.flashes, recording.beeps));
  t.ok(skew.n >= 2 && Math.abs(skew.median) < 15, `${skew.median.toFixed(2)} ms of ${skew.n}`);
});

t.test('a line for the stock element works as it is, and its properties do', async (t) => {
  const nginx = await server(t);
  const stock =
    `flashsrc frames=50 ! x264enc tune=zerolatency ! flvmux streamable=true name=m ` +
    `! rtmpsink name=r location="${nginx.url('plain')} live=1" max-lateness=77000000 async=false qos=true ` +
    'beepsrc blocks=200 ! audioconvert ! audioresample ! avenc_aac ! aacparse ! m.';
  const running = await run(stock);
  t.equal(running.element.get('sync'), true);
  t.equal(running.element.get('max-lateness'), 77_000_000);
  t.equal(running.element.get('qos'), true);
  await running.pipeline.finished();
  await running.pipeline.close();
  await nginx.says(/deleteStream/);
  const [file = ''] = await nginx.recordings();
  t.match(await readRecording(file), { frames: 50, video: { codec: 'h264' }, audio: { codec: 'aac' } });
  t.same(running.errors, []);
});

t.test('takes what is encoded already, also with pictures out of order', async (t) => {
  const nginx = await server(t);
  const running = await run(
    `rtmpsink name=r url=${nginx.url('encoded')} ` +
      'flashsrc frames=75 ! x264enc bframes=2 b-adapt=false key-int-max=25 ! r.video ' +
      'beepsrc blocks=300 ! audioconvert ! audioresample ! audio/x-raw,rate=48000 ! avenc_aac ! r.audio',
  );
  await running.pipeline.finished();
  await running.pipeline.close();
  await nginx.says(/deleteStream/);
  const [file = ''] = await nginx.recordings();
  const recording = await readRecording(file);
  t.match(recording, { frames: 75, video: { codec: 'h264' }, audio: { codec: 'aac' } });
  const skew = skewOf(pair(recording.flashes, recording.beeps));
  // The encoder's own delay, which only we make up for.
  t.ok(skew.n >= 1 && Math.abs(skew.median - 21.3) < 45, `${skew.median.toFixed(1)} ms`);
  t.same(running.errors, []);
});

t.test('waits for a server that is late, outlives one that dies, and disturbs nobody', async (t) => {
  const nginx = await server(t, { started: false });
  const file = join(folder, 'beside.mp4');
  const running = await run(
    `rtmpsink name=r location=${nginx.url(KEY)} recordsink name=rec location=${file} ` +
      'flashsrc ! tee name=v ! queue ! r.video v. ! queue ! rec.video ' +
      'beepsrc ! tee name=a ! queue ! r.audio a. ! queue ! rec.audio',
  );
  const { attempt, reason } = await running.mark('disconnected', 2);
  t.equal(attempt, 2);
  t.match(reason, /rtmp:\/\/127\.0\.0\.1:\d+\/live\/\*\*\*.*refused/);
  t.equal(running.element.get('connected'), false);
  await nginx.start();
  await running.mark('connected');
  await running.mark('beep', 4);
  const before = running.count('disconnected');
  await nginx.kill();
  t.match(await running.mark('disconnected', before + 1), {
    reason: /closed remotely|reset by peer|Broken pipe/,
  });
  await nginx.start();
  await running.mark('connected', 2);
  await running.mark('beep', running.count('beep') + 3);
  await end(running);
  t.same(running.errors, []);
  t.equal(running.warnings.length, 2, 'each outage is said once');
  const beside = await readRecording(file);
  t.equal(beside.frames, Math.round((beside.video?.duration ?? 0) * 25), 'no picture beside it is missing');
  const own = skewOf(pair(beside.flashes, beside.beeps));
  t.ok(own.n >= 6 && own.p99 < 2, `beside it ${own.median.toFixed(2)} ms`);
  const again = await readRecording((await nginx.recordings()).at(-1) ?? '');
  t.equal(again.complaints, '', 'the second connection begins with a key frame');
  const skew = skewOf(pair(again.flashes, again.beeps));
  t.ok(skew.n >= 1 && Math.abs(skew.median) < 15, `after it was back ${skew.median.toFixed(2)} ms`);
});

t.test(
  'drops what a frozen server does not take, tells that it is gone, and ends all the same',
  async (t) => {
    const nginx = await server(t);
    const running = await run(
      'videotestsrc is-live=true pattern=snow ! video/x-raw,width=640,height=360,framerate=25/1 ' +
        `! rtmpsink name=r location=${nginx.url('snow')} bitrate=40000000 preset=ultrafast queue-time=200`,
    );
    await running.mark('connected');
    running.pipeline.watchProperties();
    nginx.freeze();
    // First the buffers of both ends fill, then the queue.
    while (Number(running.element.get('dropped')) < 20)
      await new Promise((resolve) => running.pipeline.once('property', resolve));
    t.equal(
      running.element.get('connected'),
      true,
      'what is dropped at first may be a moment of the network',
    );
    t.match(await running.mark('disconnected'), { attempt: 1 });
    await running.pipeline.close();
    t.same(running.errors, []);
  },
);

t.test('a server that refuses the stream is told, without the key', async (t) => {
  const nginx = await server(t);
  const running = await run(
    `flashsrc ! rtmpsink name=r location=rtmp://anna:pa55word@127.0.0.1:${nginx.port}/closed/${KEY}`,
  );
  await running.mark('disconnected', 2);
  t.equal(running.element.get('connected'), false);
  const said = JSON.stringify([running.warnings, running.marks, running.pipeline.dot('verbose')]);
  t.notMatch(said, KEY);
  t.notMatch(said, 'pa55word');
  t.throws(() => running.element.get('location'), 'nor can it be read');
  await running.pipeline.close();
});

for (const [location, message] of [
  ['', /Expected a URL like rtmp:\/\/HOST\/APPLICATION\/KEY .* received none/],
  [`http://host/live/${KEY}`, /received one of http/],
  [`rtmp://host/${KEY}`, /without an application or a key/],
  [`rtmp://host:x/live/${KEY}`, /host or port cannot be read/],
] as const) {
  t.test(`says what is wrong with the location ${location.replace(KEY, 'KEY')}`, async (t) => {
    const pipeline = Pipeline.launch(`flashsrc ! rtmpsink ${location === '' ? '' : `location=${location}`}`);
    pipeline.on('error', () => undefined);
    const error = (await t.rejects(pipeline.play(), { message })) as unknown as TalkError;
    t.notMatch(`${error.message} ${error.debug}`, KEY);
    t.equal(error.code, 'resource/settings');
    await pipeline.close();
  });
}

t.test('stands before the stock element, which is not lost', async (t) => {
  t.ok(native.shadows('rtmpsink'));
  const pipeline = Pipeline.launch('rtmpsrc name=other ! fakesink   rtmpsink name=r');
  t.equal(pipeline.element('r').type, 'GstTs_rtmpsink', 'ours, also when its plugin was loaded later');
  await pipeline.close();
});
