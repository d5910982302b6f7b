/** The guide to an output: its element passes its test, and its graph makes a stream that others can read. */
import { join } from 'node:path';
import t from 'tap';
import { follow } from '../support/guide.js';
import { workshop } from '../support/workshop.js';
import { readRecording } from '../webrtc/support/file.js';

// A compilation; a machine that runs other tests beside takes its time.
t.setTimeout(240_000);

t.test('docs/first-output.md', async (t) => {
  const shop = workshop(t.testdir({}));
  await follow(t, shop, 'docs/first-output.md');
  const stream = await readRecording(join(shop.folder, 'hello', 'index.m3u8'));
  t.match(stream, { video: { codec: 'h264' }, audio: { codec: 'aac' }, complaints: '' });
  t.ok(stream.frames > 10, `${stream.frames} pictures`);
  const begin = Math.abs((stream.video?.start ?? 9) - (stream.audio?.start ?? 0));
  t.ok(begin < 0.04, `voice and picture begin ${begin} s apart`);
});
