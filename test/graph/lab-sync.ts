/** The whole face path keeps voice and mouth together to the sample: proven on raw pictures and samples, without a network. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openAvatar } from '../../src/avatar/index.js';
import { openGraph } from '../../src/graph/open.js';
import { registerElements } from '../../src/graph/registry.js';
import { labFlash } from './support/lab-flash.js';

const root = join(fileURLToPath(import.meta.url), '..', '..', '..', '..');
const RATE = 24_000;
await registerElements();

/** Stretches that are on: [first, end). */
function stretches(on: readonly boolean[]): [number, number][] {
  const found: [number, number][] = [];
  for (const [i, is] of on.entries()) {
    const last = found.at(-1);
    if (!is) continue;
    if (last?.[1] === i) last[1]++;
    else found.push([i, i + 1]);
  }
  return found;
}

t.test('the model in models/ is what its generator makes', async (t) => {
  const file = await readFile(join(root, 'models/lab-flash/lab-flash.onnx'));
  t.ok(file.equals(labFlash()));
});

t.test(
  'every flash begins and ends with its beep, to the sample, at every phase of mel and frames',
  async (t) => {
    const folder = t.testdir();
    const part = relative(folder, join(root, 'graphs/parts/flash.yaml'));
    const graph = join(folder, 'sync.yaml');
    await writeFile(
      graph,
      `include: [${part}]
links:
  - voice. ! appsink name=heard sync=false
  - face. ! appsink name=seen sync=false
ends: { in: say }
`,
    );
    // 80, 40, 120 and 200 ms, each at another phase of the five there are between mel columns and video frames.
    const text = [
      '0:0.2',
      ...[0.08, 0.04, 0.12, 0.2, 0.08, 0.04].flatMap((s, i) => [
        `1000:${s}`,
        `0:${(0.4 + 0.04 * i).toFixed(2)}`,
      ]),
    ].join(' ');
    const avatar = await openAvatar('ava');
    t.teardown(() => avatar.close());
    const { pipeline } = await openGraph(graph, { text, 'is-live': false });
    t.teardown(() => pipeline.close());

    const heard: boolean[] = [];
    pipeline.element('heard').onSamples(
      (samples) => {
        for (const { data, pts = 0 } of samples) {
          const first = Math.round((pts * RATE) / 1e9);
          const pcm = new Int16Array(data.slice().buffer);
          for (const [i, sample] of pcm.entries()) heard[first + i] = sample !== 0;
        }
      },
      { full: 'wait' },
    );
    const seen: boolean[] = [];
    pipeline.element('seen').onSamples(
      (samples) => {
        for (const { data, pts = 0 } of samples) {
          const frame = pts / 40e6;
          const n = avatar.index(Math.round(frame));
          const { x, y, w, h } = avatar.box(n);
          const mouth = Math.round(y + 0.75 * h) * avatar.width + Math.round(x + w / 2);
          // Skin is fair: white is some 36 levels above it.
          seen[frame] = data[mouth]! - avatar.data(n)[mouth]! > 20;
        }
      },
      { full: 'wait' },
    );
    await Promise.all([pipeline.finished(), pipeline.play()]);
    await pipeline.close();

    const beeps = stretches(Array.from(heard, (on) => on === true)).map((ends) =>
      ends.map((s) => (s * 1000) / RATE),
    );
    const flashes = stretches(Array.from(seen, (on) => on === true)).map((ends) => ends.map((f) => f * 40));
    t.equal(beeps.length, 6);
    t.same(flashes, beeps, 'ms of beginning and end');
  },
);
