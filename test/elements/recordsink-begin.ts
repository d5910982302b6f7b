/** A recording that begins in the middle of a stream: both tracks with the asked picture, in every container. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import RecordSink from '../../elements/recordsink.js';
import { register } from '../../src/element/index.js';
import type { Mark } from '../../src/graph/events.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { Branch } from '../../src/session/branch.js';
import { readRecording } from '../webrtc/support/file.js';
import { registerFlash } from '../webrtc/support/flash.js';
import { pair, skewOf } from '../webrtc/support/skew.js';

register(RecordSink);
registerFlash();
const folder = await mkdtemp(join(tmpdir(), 'talkgraph-begin-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

for (const [name, offset] of [
  ['begin.mp4', ''],
  ['begin.mkv', ''],
  // Not on a picture: the next one is the first.
  ['between.mp4', '-13000001'],
] as const) {
  t.test(`${name} begins with the asked picture and the sound of its moment`, async (t) => {
    const file = join(folder, name);
    // The second of the two white ones, 51: what is asked for must be the first that is there.
    const at = 51 * 40e6 + Number(offset);
    const pipeline = Pipeline.launch(
      `recordsink name=r location=${file} start-time=${at} ` +
        'flashsrc is-live=false frames=151 ! r.video beepsrc is-live=false blocks=604 ! r.audio',
    );
    await Promise.all([pipeline.finished(), pipeline.play()]);
    await pipeline.close();
    const recording = await readRecording(file);
    t.equal(recording.frames, 100);
    t.equal(recording.complaints, '');
    // 75, 100, 125 and 150 are white, and 51 is the first.
    t.same(
      recording.flashes.map((ms) => Math.round(ms)),
      [960, 1960, 2960, 3960],
    );
    const skew = skewOf(pair(recording.flashes, recording.beeps));
    t.ok(skew.n >= 3 && Math.abs(skew.median) < 1, `${skew.median.toFixed(3)} ms of ${skew.n}`);
    t.ok(skew.p99 < 1, `worst ${skew.p99.toFixed(3)} ms`);
    t.ok(Math.abs((recording.video?.start ?? 9) - (recording.audio?.start ?? 0)) < 0.002);
  });
}

for (const [ahead, what] of [
  [0, 'is in sync, however its tracks begin'],
  // The first sound that comes is then a third of a second later than the first picture.
  [320, 'begins with the first picture for which there is sound, also where one is far ahead'],
] as const) {
  t.test(`what is added to a running graph ${what}`, async (t) => {
    const pipeline = Pipeline.launch(
      `flashsrc ! tee name=picture ! fakesink sync=true beepsrc ahead=${ahead} ! tee name=sound ! fakesink async=false`,
    );
    t.teardown(() => pipeline.close());
    await pipeline.play();
    const listeners = () => pipeline.listenerCount('close') + pipeline.listenerCount('mark');
    const before = listeners();
    const file = join(folder, `added${ahead}.mp4`);
    const branch = await Branch.open(pipeline, 'recordsink', { location: file });
    let seconds = 0;
    while (seconds < 3) {
      const [{ name }] = (await once(pipeline, 'mark')) as [Mark];
      if (name === 'progress') seconds++;
    }
    await branch.close();
    t.equal(listeners(), before, 'and leaves nobody who listens');
    const recording = await readRecording(file);
    const skew = skewOf(pair(recording.flashes, recording.beeps));
    t.ok(skew.n >= 1 && Math.abs(skew.median) < 1, `${skew.median.toFixed(3)} ms of ${skew.n}`);
  });
}
