/** A body video under the mouth, through the whole face path: text in, the video with a speaking mouth out. */
import t from 'tap';
import { type Avatar, openAvatar } from '../../src/avatar/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { registerElements } from '../../src/graph/registry.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { native } from '../../src/native.js';
import { closeVoices } from '../../src/voice/index.js';
import { framesOf, record, registerRig } from '../support/script.js';

// Loading a model and an avatar takes long when others want the processor, too.
t.setTimeout(240_000);
native.setDeadline(100_000);
await registerElements();
registerRig();
t.teardown(async () => {
  await closeSharedPool();
  await closeVoices();
});

/** Moves with every picture, has detail everywhere and the size of the avatar. */
const video = (frames: number, rate: string, more = '') =>
  `videotestsrc pattern=zone-plate kx2=9 ky2=7 kt=3 num-buffers=${frames} ! video/x-raw,format=I420,width=512,height=768,framerate=${rate},colorimetry=bt601 ${more}`;

async function pictures(line: (sink: string) => string): Promise<Uint8Array[]> {
  const { name, seen } = record();
  const p = Pipeline.launch(line(`recsink record=${name}`));
  t.teardown(() => p.close());
  await Promise.all([p.finished(), p.play()]);
  await p.close();
  return framesOf(seen).map(({ data }) => data);
}

const speaking = (body: string) => (sink: string) =>
  `${body} ! m.body ttssrc is-live=false text="Wow, how are you?" ! audioresample ! featextract ! lipsyncfilter ! m.patch ` +
  `pastebackmix name=m ! ${sink}`;

/** Luma samples that differ, inside and outside the lower half of the face box of video frame `n`. */
function changed(data: Uint8Array, body: Uint8Array, n: number, avatar: Avatar): [number, number] {
  const { x, y, w, h } = avatar.box(avatar.index(n));
  const counts: [number, number] = [0, 0];
  for (let row = 0; row < avatar.height; row++) {
    for (let column = 0; column < avatar.width; column++) {
      const at = row * avatar.width + column;
      if (data[at] === body[at]) continue;
      const inside = column >= x - 1 && column <= x + w && row >= y + 0.4 * h && row <= y + h;
      counts[inside ? 0 : 1]++;
    }
  }
  return counts;
}

t.test(
  'the mouth speaks on the video, and the rest of every picture is the video, byte for byte',
  async (t) => {
    const ava = await openAvatar('ava');
    t.teardown(() => ava.close());
    const bodies = await pictures((sink) => `${video(60, '25/1')} ! ${sink}`);
    const shown = await pictures(speaking(video(60, '25/1')));
    t.equal(shown.length, 60, 'as long as the longer of the two');
    const counts = shown.map((data, n) => changed(data, bodies[n]!, n, ava));
    t.same(
      counts.filter(([, outside]) => outside > 0),
      [],
    );
    const open = counts.filter(([inside]) => inside > 500).length;
    t.ok(open > 15 && open < 50, `${open} pictures with an open mouth`);
    t.same(
      counts.slice(-5).map(([inside]) => inside),
      [0, 0, 0, 0, 0],
      'at rest after the last word',
    );
  },
);

t.test('a slower video shows each of its pictures for as long as it lasts', async (t) => {
  const ava = await openAvatar('ava');
  t.teardown(() => ava.close());
  const bodies = await pictures((sink) => `${video(25, '25/2')} ! ${sink}`);
  const shown = await pictures(speaking(video(25, '25/2')));
  t.equal(shown.length, 50);
  t.same(
    shown.flatMap((data, n) => (changed(data, bodies[n >> 1]!, n, ava)[1] > 0 ? [n] : [])),
    [],
  );
});
