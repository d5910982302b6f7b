/** rtmpsink on a FAKE encoder of a graphics card that fails while they publish. */
import t from 'tap';
import RtmpSink from '../../elements/rtmpsink.js';
import { register } from '../../src/element/index.js';
import { distrust } from '../../src/encode/trial.js';
import type { Punctual } from '../../src/publish/sent.js';
import { FakeVaH264Enc, fakeDriver, registerFakes } from '../support/fakeencoders.js';
import { RtmpServer } from '../support/nginx.js';
import { publish } from '../support/publishing.js';
import { readRecording } from '../webrtc/support/file.js';
import { registerFlash } from '../webrtc/support/flash.js';

register(RtmpSink);
registerFlash();
registerFakes(FakeVaH264Enc);

t.beforeEach(() => {
  fakeDriver.reset();
  distrust('vah264enc');
});

for (const failsAt of [Number.POSITIVE_INFINITY, 40]) {
  const fails = Number.isFinite(failsAt);
  t.test(fails ? 'one that fails gives way to software' : 'a server records all of it', async (t) => {
    fakeDriver.failsAt = failsAt;
    const nginx = await RtmpServer.make();
    t.teardown(() => nginx.close());
    await nginx.start();
    const { pipeline, element, errors, warnings, mark } = await publish(
      `rtmpsink name=r bitrate=900000 location=${nginx.url('card')} flashsrc frames=75 ! r.video beepsrc blocks=300 ! r.audio`,
      'r',
    );
    t.teardown(() => pipeline.close());
    const sink = element.instance as unknown as Punctual;
    await mark('connected');
    t.match(fakeDriver.told.get('video-encoder'), { bitrate: 900, 'cpb-size': 900, 'key-int-max': 50 });
    await pipeline.finished();
    t.same(sink.encoders(), [fails ? 'x264enc' : 'vah264enc']);
    await pipeline.close();
    await nginx.says(/deleteStream/);
    t.same(errors, []);
    t.match(
      warnings.map(({ message }) => message),
      fails ? ['The encoder vah264enc failed: The card has gone. Software encodes from now on.'] : [],
    );
    const [file = ''] = await nginx.recordings();
    const { frames, complaints, video } = await readRecording(file);
    t.equal(complaints, '');
    t.equal(video?.codec, 'h264');
    t.ok(frames >= (fails ? 70 : 75), `${frames} of 75 pictures`);
  });
}
