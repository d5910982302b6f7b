import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type LoadProgress, readManifest, toldBy, WorkerPool } from '../../src/inference/index.js';
import { putStandIn } from '../support/standin.js';

/** 100 MiB of nothing beside the model. */
const BYTES = 100 * 2 ** 20;

t.test('who asks for a model is told how far its loading is, also who asks later', async (t) => {
  const manifest = await readManifest('standin', [putStandIn(t.testdir(), 16)]);
  const path = join(manifest.path, '..', 'weights');
  writeFileSync(path, '');
  truncateSync(path, BYTES);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  const pool = new WorkerPool({ workers: 1 });
  t.teardown(() => pool.close());
  const [first, second]: LoadProgress[][] = [[], []];
  const large = { ...manifest, weights: [{ path, sha256 }] };
  let joined: Promise<unknown> | undefined;
  const model = await pool.load(large, {
    progress: (progress) => {
      first?.push(progress);
      joined ??= pool.load(large, { progress: (later) => second?.push(later) });
    },
  });
  t.equal(await joined, model);
  const of = readFileSync(manifest.path).length + BYTES;
  t.same(
    first?.map(({ step, bytes }) => [step, bytes]),
    [
      ['check', 2 ** 26 + of - BYTES],
      ['open', 0],
      ['time', 0],
      ['time', of],
    ],
  );
  t.ok(first?.every((progress) => progress.of === of && progress.model === 'standin'));
  t.same(second, first, 'the one that joins begins with the last word');
  await pool.load(large, { progress: () => t.fail('it is there already') });
});

t.test('an element tells of large models only, and takes its time for them', async (t) => {
  const [posted, times]: [Record<string, unknown>[], number[]] = [[], []];
  const tell = toldBy({
    post: (name, fields) => posted.push({ name, ...fields }),
    extendStart: (time) => times.push(time / 1e9),
  });
  tell({ model: 'small', step: 'check', bytes: 0, of: 1e6 });
  t.same([posted, times], [[], []]);
  const of = 2 ** 30;
  tell({ model: 'large', step: 'check', bytes: of / 2, of });
  tell({ model: 'large', step: 'open', bytes: 0, of });
  tell({ model: 'large', step: 'time', bytes: of, of });
  t.same(posted[0], { name: 'loading', model: 'large', step: 'check', bytes: of / 2, of });
  t.same(times, [60 + 32, 60 + 64, 60 + 64], 'a minute, and a second for each 16 MiB of the step to come');
});
