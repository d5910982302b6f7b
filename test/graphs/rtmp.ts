/** The graph `rtmp.yaml` as a whole, against a real server: text in, a stream that is recorded and looked at. */
import t from 'tap';
import type RtmpSink from '../../elements/rtmpsink.js';
import { openGraph } from '../../src/graph/open.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { closeVoices } from '../../src/voice/index.js';
import { RtmpServer } from '../support/nginx.js';
import { readRecording } from '../webrtc/support/file.js';

t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

t.test('speaks to an RTMP server, tells when it spoke, and shows the key to nobody', async (t) => {
  const nginx = await RtmpServer.make();
  t.teardown(() => nginx.close());
  await nginx.start();
  const { pipeline, shown, ends } = await openGraph('graphs/rtmp.yaml', {
    url: nginx.url('k3y'),
    width: 256,
    height: 256,
  });
  t.notMatch(shown, 'k3y');
  const told: string[] = [];
  pipeline.on('mark', ({ name, element }) => {
    if (element === 'push') told.push(name);
  });
  const tells = async (name: string) => {
    while (!told.includes(name)) await new Promise((resolve) => pipeline.once('mark', resolve));
  };
  await pipeline.play();
  // Said when the connection stands: how long that takes is the machine's affair.
  await tells('connected');
  ends.in?.emit('say', 'Hello.', null, null);
  await tells('utterance-end');
  t.equal(ends.out?.factory, 'rtmpsink');
  const push = ends.out?.instance as RtmpSink;
  const { voice = Number.NaN, picture = Number.NaN, skew } = push.sending();
  t.ok(Number.isFinite(voice) && Number.isFinite(picture), 'it says how punctual both are');
  t.equal(skew, picture - voice);
  await pipeline.eos();
  await pipeline.close();
  t.same(
    told.filter((name) => /^(connected|utterance-(start|end))/.test(name)),
    ['connected', 'utterance-start', 'utterance-end'],
  );
  await nginx.says(/deleteStream/);
  const [file = ''] = await nginx.recordings();
  const recording = await readRecording(file);
  t.match(recording, { video: { codec: 'h264' }, audio: { codec: 'aac' }, complaints: '' });
  t.ok(Math.abs((recording.video?.start ?? 9) - (recording.audio?.start ?? 0)) < 0.022);
  t.ok((recording.audio?.duration ?? 0) > 0.3, `${recording.audio?.duration} s of sound`);
});
