/** Pictures that can be spared while nobody speaks are marked so, and who wants to save leaves them out. */
import t from 'tap';
import { Pipeline } from '../../src/graph/pipeline.js';
import { registerElements } from '../../src/graph/registry.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { THIN } from '../../src/webrtc/chain.js';
import { registerFlash } from '../webrtc/support/flash.js';

await registerElements();
registerFlash();
t.teardown(() => closeSharedPool());

const SECONDS = 4;

/** Numbers of the pictures that come through. */
async function pictures(thin: string): Promise<number[]> {
  const pipeline = Pipeline.launch(
    `beepsrc is-live=false blocks=${SECONDS * 100} ! audioresample ! audio/x-raw,rate=16000 ! featextract model=lab-flash ` +
      `! lipsyncfilter model=lab-flash ! pastebackmix ! ${thin} ! appsink name=seen sync=false`,
  );
  t.teardown(() => pipeline.close());
  const seen: number[] = [];
  pipeline.element('seen').onSamples(
    (samples) => {
      for (const { pts = 0 } of samples) seen.push(Math.round(pts / 40e6));
    },
    { full: 'wait' },
  );
  await Promise.all([pipeline.finished(), pipeline.play()]);
  await pipeline.close();
  return seen;
}

t.test('of pictures at rest each second one can be left out, of speech none', async (t) => {
  const all = await pictures('identity silent=true');
  const count = SECONDS * 25;
  t.same(
    all,
    Array.from({ length: count }, (_, n) => n),
  );
  const kept = await pictures(THIN);
  const spared = all.filter((n) => !kept.includes(n));
  t.ok(spared.length >= SECONDS * 2, `${spared.length} of ${count} spared`);
  const gaps = kept.slice(1).map((n, i) => n - (kept[i] ?? 0));
  t.ok(Math.max(...gaps) <= 2, 'never two in a row');
  // It beeps for two and a half pictures at each whole second; nobody counts as silent within half a second of that.
  for (const n of spared) t.ok(n % 25 > 10, `picture ${n} is at rest`);
});
