/** The avatar before a video, by the graph that users start: what moves behind her is seen where she is transparent. */
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../src/graph/find.js';
import { openGraph } from '../../src/graph/open.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { registerElements } from '../../src/graph/registry.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { native } from '../../src/native.js';
import { pictureIn } from '../../src/picture/picture.js';
import { closeVoices } from '../../src/voice/index.js';
import { framesOf, record, registerRig } from '../support/script.js';

t.setTimeout(240_000);
native.setDeadline(100_000);
await registerElements();
registerRig();
t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

async function play(pipeline: Pipeline): Promise<void> {
  try {
    await Promise.all([pipeline.finished(), pipeline.play()]);
  } finally {
    await pipeline.close();
  }
}

t.test('before white that becomes black she stays, and beside her it is black', async (t) => {
  const folder = t.testdir();
  const [behind, location] = [join(folder, 'behind.mkv'), join(folder, 'out.mp4')];
  // Wider than the picture: its sides are cut off, not squeezed.
  await play(
    Pipeline.launch(
      `videotestsrc pattern=white num-buffers=5 ! video/x-raw,format=I420,width=640,height=480,framerate=25/1 ! c. videotestsrc pattern=black num-buffers=30 ! video/x-raw,format=I420,width=640,height=480,framerate=25/1 ! c. concat name=c ! x264enc ! matroskamux ! filesink location=${behind}`,
    ),
  );
  const { pipeline } = await openGraph(
    join(PACKAGE, 'graphs/over.yaml'),
    { text: 'Hello, everybody.', behind, location },
    { name: 'over' },
  );
  await play(pipeline);
  const { name, seen } = record();
  await play(
    Pipeline.launch(
      `filesrc location=${location} ! decodebin ! videoconvert ! video/x-raw,format=I420 ! recsink record=${name}`,
    ),
  );
  const lumas = framesOf(seen).map(({ data }) => pictureIn(data, 512, 768).planes[0]);
  t.ok(lumas.length >= 25, `${lumas.length} pictures`);
  const corner = lumas.map((luma) => luma[20 * 512 + 20]!);
  const brow = lumas.map((luma) => luma[210 * 512 + 270]!);
  t.ok(corner[2]! > 200 && corner.at(-1)! < 40, `beside her ${corner[2]}, then ${corner.at(-1)}`);
  t.ok(Math.abs(brow[2]! - brow.at(-1)!) < 20 && brow[2]! > 80, `she ${brow[2]}, then ${brow.at(-1)}`);
});
