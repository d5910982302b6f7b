/** A long avatar, whose pictures are read as they play, through the whole face path: the same bytes as one in memory. */
import { createHash } from 'node:crypto';
import t from 'tap';
import { openAvatar, storeUse } from '../../src/avatar/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { registerElements } from '../../src/graph/registry.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { native } from '../../src/native.js';
import { closeVoices, speak } from '../../src/voice/index.js';
import { audio, framesOf, type Line, mark, record, registerRig, script } from '../support/script.js';

t.setTimeout(240_000);
native.setDeadline(100_000);
await registerElements();
registerRig();
t.teardown(() => closeSharedPool());
t.teardown(closeVoices);

const RATE = 16_000;
const FRAME = 640;
const FRAMES = 60;

const speech = new Int16Array(FRAMES * FRAME);
let at = 6 * FRAME;
for await (const { samples } of speak({ text: 'A long and winding road, my dear.', rate: RATE })) {
  const room = (FRAMES - 6) * FRAME - at;
  if (room <= 0) continue;
  speech.set(samples.subarray(0, room), at);
  at += Math.min(room, samples.length);
}

function* lines(): Generator<Line> {
  yield mark('lead', { ns: 300e6 });
  for (let n = 0; n < FRAMES; n++) {
    if (n === 6) yield mark('utterance-start', { id: 'u', pts: n * 40e6 });
    if (n === FRAMES - 5) yield mark('utterance-end', { id: 'u', pts: n * 40e6 });
    yield audio(speech.subarray(n * FRAME, (n + 1) * FRAME), n * FRAME);
  }
}

/** A hash for each picture, with as many megabytes for all avatars. */
async function played(megabytes: number, whole: boolean): Promise<string[]> {
  process.env['TALKGRAPH_AVATAR_MEMORY'] = String(megabytes);
  const probe = await openAvatar('ava');
  t.equal(probe.whole, whole);
  const { name, seen } = record();
  const p = Pipeline.launch(
    `scriptsrc script=${script(lines())} caps="audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${RATE}" ` +
      `! featextract ! lipsyncfilter ! pastebackmix ! recsink record=${name}`,
  );
  try {
    await Promise.all([p.finished(), p.play()]);
  } finally {
    await p.close();
    probe.close();
  }
  return framesOf(seen).map(({ data }) => createHash('sha256').update(data).digest('hex'));
}

t.test('the same pictures, byte for byte, from a part of the memory', async (t) => {
  const all = await played(1024, true);
  t.same(storeUse(), { avatars: 0, bytes: 0 });
  const some = await played(100, false);
  t.equal(all.length, FRAMES);
  t.ok(new Set(all).size > 30, 'it lives and speaks');
  t.same(some, all);
  t.same(storeUse(), { avatars: 0, bytes: 0 });
});
