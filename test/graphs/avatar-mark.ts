/** An `avatar` mark through the whole face path: model and compositor change to the other face with the same frame. */
import { join } from 'node:path';
import t from 'tap';
import { openAvatar } from '../../src/avatar/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { registerElements } from '../../src/graph/registry.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { native } from '../../src/native.js';
import { closeVoices, speak } from '../../src/voice/index.js';
import { putAvatar } from '../support/drawnavatar.js';
import { audio, framesOf, type Line, mark, record, registerRig, script } from '../support/script.js';

// Loading a model and an avatar takes long when others want the processor, too.
t.setTimeout(240_000);
native.setDeadline(100_000);
await registerElements();
registerRig();
t.teardown(() => closeSharedPool());
t.teardown(closeVoices);

const RATE = 16_000;
const FRAME = 640;
const FRAMES = 30;
/** The video frame with which the other face comes, in the middle of speech. */
const CHANGE = 17;

/** Words from the fourth frame to the last but five. */
async function words(): Promise<Int16Array> {
  const said: number[] = [];
  for await (const { samples } of speak({ text: 'Far, far away, a car.', rate: RATE })) said.push(...samples);
  return Int16Array.from({ length: FRAMES * FRAME }, (_, i) =>
    i >= 4 * FRAME && i < (FRAMES - 5) * FRAME ? (said[i - 4 * FRAME] ?? 0) : 0,
  );
}
const speech = await words();

function* lines(other: string): Generator<Line> {
  yield mark('lead', { ns: 300e6 });
  for (let n = 0; n < FRAMES; n++) {
    if (n === 4) yield mark('utterance-start', { id: 'u', pts: n * 40e6 });
    if (n === CHANGE) yield mark('avatar', { name: other, pts: n * 40e6, counter: 2 });
    if (n === FRAMES - 5) yield mark('utterance-end', { id: 'u', pts: n * 40e6 });
    yield audio(speech.subarray(n * FRAME, (n + 1) * FRAME), n * FRAME);
  }
}

t.test('the face changes in the middle of a word, and its mouth with it', async (t) => {
  const folder = await putAvatar(t.testdir(), 'other', { width: 200, height: 200, frames: 3, side: 90 });
  const other = join(folder, 'other');
  // Before the graph starts, so that a busy machine has all the time it needs to read the pictures.
  const first = await openAvatar('ava');
  t.teardown(() => first.close());
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc script=${script(lines(other))} caps="audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${RATE}" ` +
      `! featextract ! lipsyncfilter name=lips ! pastebackmix ! recsink record=${name}`,
  );
  t.teardown(() => p.close());
  await Promise.all([p.finished(), p.play()]);
  const pictures = framesOf(seen).map(({ data }) => data);
  t.equal(pictures.length, FRAMES);

  const second = await openAvatar(other, { width: first.width, height: first.height });
  t.teardown(() => second.close());
  let moved = 0;
  for (const [n, data] of pictures.entries()) {
    const avatar = n < CHANGE ? first : second;
    const frame = avatar.index(n < CHANGE ? n : n - CHANGE + 2);
    const rest = avatar.data(frame);
    const { x, y, w, h } = avatar.box(frame);
    let outside = 0;
    for (let row = 0; row < avatar.height; row++) {
      for (let column = 0; column < avatar.width; column++) {
        const at = row * avatar.width + column;
        if (data[at] === rest[at]) continue;
        if (column >= x - 1 && column <= x + w && row >= y + 0.4 * h && row <= y + h) moved++;
        else outside++;
      }
    }
    if (outside > 0) t.fail(`picture ${n} is not its face: ${outside} samples beside the mouth`);
  }
  t.ok(moved > 5000, `${moved} samples of mouth`);
});
