import { copyFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readManifest, WorkerPool } from '../../src/inference/index.js';
import type { Manifest } from '../../src/inference/manifest.js';
import { PATCH_BYTES } from '../../src/lipsync/patchbytes.js';
import { putStandIn } from '../support/standin.js';

const size = 16;

async function given(t: Test, options = {}): Promise<{ pool: WorkerPool; manifest: Manifest }> {
  const manifest = await readManifest('standin', [putStandIn(t.testdir(), size)]);
  const pool = new WorkerPool({ workers: 2, ...options });
  t.teardown(() => pool.close());
  return { pool, manifest };
}

const row = (loud: number, shade = 0.5) => ({
  mel: new Float32Array(80 * 16).fill(loud),
  face: new Float32Array(6 * size * size).fill(shade),
});

t.test('runs a row and says what the machine can do', async (t) => {
  const { pool, manifest } = await given(t);
  const model = await pool.load(manifest);
  t.equal(model.provider, 'cpu');
  t.match(model.reason, /cpu, the first choice/);
  t.ok(model.timing.median > 0 && model.timing.p99 >= model.timing.median && model.timing.rows > 25);
  const quiet = await model.infer({ inputs: row(-4) });
  t.same(quiet['out'], new Float32Array(3 * size * size).fill(0.5));
  t.same(quiet['params'], Float32Array.of(0));
  const loud = await model.infer({ inputs: row(0) });
  t.same(loud['params'], Float32Array.of(1));
  t.ok(Math.min(...loud['out']!) < 0.1);
  t.equal(pool.counts.done, 2);
});

t.test('a model is loaded once, however many ask', async (t) => {
  const { pool, manifest } = await given(t);
  const [one, two] = await Promise.all([pool.load(manifest), pool.load(manifest)]);
  t.equal(one, two);
  t.equal(pool.threads.length, 2);
});

t.test('weights of more than a gigabyte are held once, and all cores work on a row', async (t) => {
  const { pool, manifest } = await given(t);
  const path = join(manifest.path, '..', 'weights');
  writeFileSync(path, '');
  truncateSync(path, 2 ** 30);
  const model = await pool.load({ ...manifest, weights: [{ path }] });
  t.same(
    pool.threads.map(({ keys }) => keys.size),
    [1, 0],
  );
  t.equal(model.cores, 2);
  t.same((await model.infer({ inputs: row(-4) }))['params'], Float32Array.of(0));
  rmSync(path);
  const moved = { ...manifest, name: 'moved', path: `${manifest.path}.copy`, weights: [{ path }] };
  copyFileSync(manifest.path, moved.path);
  await t.rejects(pool.load(moved), {
    code: 'resource/not-found',
    message: /no weights: .*weights is missing/,
  });
});

t.test('rows keep apart in a batch and in company of other rows', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1 });
  const model = await pool.load(manifest);
  const alone = await Promise.all(
    Array.from({ length: 13 }, (_, i) => model.infer({ inputs: row(-4 + i / 4, i / 16), batch: 1 })),
  );
  const before = pool.counts.batches;
  const together = await Promise.all(
    Array.from({ length: 13 }, (_, i) => model.infer({ inputs: row(-4 + i / 4, i / 16), batch: 16 })),
  );
  t.ok(pool.counts.batches - before < 13, `${pool.counts.batches - before} batches`);
  t.same(together, alone);
});

t.test('rows of a model go on while another one is loaded', async (t) => {
  const { pool, manifest } = await given(t);
  const model = await pool.load(manifest);
  const other = { ...manifest, name: 'other', path: `${manifest.path}.copy` };
  copyFileSync(manifest.path, other.path);
  const loading = pool.load(other);
  // All threads are busy with it at some time; whoever waits then must not wait for somebody else to come.
  let done = 0;
  const rows: Promise<void>[] = [];
  for (let loaded = false; !loaded; ) {
    if (rows.length === done) {
      rows.push(
        model.infer({ inputs: row(-4) }).then(() => {
          done++;
        }),
      );
    }
    loaded = await Promise.race([
      loading.then(() => true),
      new Promise<false>((r) => setImmediate(r, false)),
    ]);
  }
  await Promise.all(rows);
  t.ok(done > 1);
});

t.test('a model that nobody has any more is let go, when it is to be forgotten', async (t) => {
  const { pool, manifest } = await given(t);
  const [one, two] = [await pool.load(manifest), await pool.load(manifest)];
  pool.release(one, true);
  t.equal(pool.threads[0]?.keys.size, 1, 'somebody has it');
  pool.release(two);
  t.equal(pool.threads[0]?.keys.size, 1, 'it stays for those who come');
  const again = await pool.load(manifest);
  t.equal(again, one);
  pool.release(again, true);
  t.same(
    pool.threads.map(({ keys }) => keys.size),
    [0, 0],
  );
  await t.rejects(again.infer({ inputs: row(0) }), { code: 'library/failed' });
  const anew = await pool.load(manifest);
  t.not(anew, one);
  t.same((await anew.infer({ inputs: row(-4) }))['params'], Float32Array.of(0));
});

t.test('asks for the named outputs only', async (t) => {
  const { pool, manifest } = await given(t);
  const model = await pool.load(manifest, { outputs: ['params'] });
  t.same(Object.keys(await model.infer({ inputs: row(-4) })), ['params']);
});

t.test('rows can be finished in the thread they were made in', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1 });
  const plain = await pool.load(manifest);
  const model = await pool.load(manifest, { finish: PATCH_BYTES });
  const [grey, dark] = await Promise.all([
    model.infer({ inputs: row(-4, 0.5), batch: 4 }),
    model.infer({ inputs: row(-4, 0.2), batch: 4 }),
    plain.infer({ inputs: row(-4) }),
  ]);
  t.same(grey, new Uint8Array(3 * size * size).fill(128));
  t.same(dark, new Uint8Array(3 * size * size).fill(51));
  const again = await model.infer({ inputs: row(-4, 0.2), into: grey });
  t.same(again, dark);
  t.equal(grey.length, 0, 'the memory went along');
  const small = await model.infer({ inputs: row(-4, 0.2), into: new Uint8Array(5) });
  t.same(small, dark);
  // The outputs' memory is one for all batches: whatever their sizes, rows keep to themselves.
  for (const count of [1, 7, 2]) {
    const shades = Array.from({ length: count }, (_, i) => i / 10);
    const rows = shades.map((shade) => model.infer({ inputs: row(-4, shade), batch: 8 }));
    const bytes = (await Promise.all(rows)).map((patch) => patch[5]);
    t.same(
      bytes,
      shades.map((shade) => Math.round(shade * 255)),
    );
  }
  const missing = new URL('nothing.js', PATCH_BYTES);
  await t.rejects(pool.load(manifest, { finish: missing }), { code: 'library/init' });
});

t.test('the earliest deadline goes first, whatever the order of asking', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1 });
  const model = await pool.load(manifest);
  const now = performance.now();
  const order: number[] = [];
  await Promise.all(
    [50, 40, 90, 10, 20].map((s) =>
      model.infer({ inputs: row(0), deadline: now + 1000 * s }).then(() => order.push(s)),
    ),
  );
  // The thread was free, so the first one asked for was under way at once.
  t.same(order, [50, 10, 20, 40, 90]);
});

t.test('drops a row whose moment has passed, and counts it', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1 });
  const model = await pool.load(manifest);
  const first = model.infer({ inputs: row(0) });
  const late = model.infer({ inputs: row(0), deadline: performance.now() - 1 });
  const own = model.infer({ inputs: row(0), deadline: performance.now() + 1e6, expired: () => true });
  const patient = model.infer({ inputs: row(0), deadline: 0, expired: () => false });
  await t.rejects(late, { code: 'resource/busy', details: { expired: true } });
  await t.rejects(own, { code: 'resource/busy', details: { expired: true } });
  await first;
  await patient;
  t.equal(pool.counts.expired, 2);
});

t.test('a full queue drops the expired first and then refuses', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1, queue: 3 });
  const model = await pool.load(manifest);
  const running = model.infer({ inputs: row(0) });
  const gone = model.infer({ inputs: row(0), expired: () => true });
  const waiting = [model.infer({ inputs: row(0) }), model.infer({ inputs: row(0) })];
  t.equal(pool.waiting, 3);
  waiting.push(model.infer({ inputs: row(0) }));
  await t.rejects(gone, { code: 'resource/busy', details: { expired: true } });
  await t.rejects(model.infer({ inputs: row(0) }), { code: 'resource/busy', retryable: true });
  await Promise.all([running, ...waiting]);
  t.match(pool.counts, { done: 4, refused: 1, expired: 1 });
});

t.test('an aborted signal drops what waits and forgets what runs', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1 });
  const model = await pool.load(manifest);
  const controller = new AbortController();
  const { signal } = controller;
  const jobs = Array.from({ length: 20 }, () => model.infer({ inputs: row(0), signal }));
  const other = model.infer({ inputs: row(0) });
  controller.abort(new Error('cut'));
  for (const job of jobs) await t.rejects(job, /cut/);
  t.equal(pool.waiting, 1);
  await other;
  await t.rejects(model.infer({ inputs: row(0), signal }), /cut/);
});

t.test('a thread that dies rejects what it had, and another takes its place', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1 });
  const model = await pool.load(manifest);
  const [thread] = pool.threads;
  // A thread that is told to end takes no message any more, so what it is given now dies with it.
  const killed = thread!.kill();
  const running = model.infer({ inputs: row(0) });
  const waiting = model.infer({ inputs: row(-4) });
  await t.rejects(running, { code: 'library/failed', retryable: true });
  await killed;
  t.same((await waiting)['params'], Float32Array.of(0));
  t.equal(pool.counts.crashes, 1);
  t.not(pool.threads[0], thread);
});

t.test('a model whose file is gone does not take the others with it when a thread dies', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1 });
  const path = `${manifest.path}.copy`;
  copyFileSync(manifest.path, path);
  const doomed = await pool.load({ ...manifest, path });
  const model = await pool.load(manifest);
  rmSync(path);
  const [thread] = pool.threads;
  const killed = thread!.kill();
  const running = model.infer({ inputs: row(0) });
  const waiting = [doomed.infer({ inputs: row(0) }), model.infer({ inputs: row(-4) })];
  const outcomes = Promise.allSettled([running, ...waiting]);
  await killed;
  t.match(await outcomes, [
    { status: 'rejected', reason: { code: 'library/failed', retryable: true } },
    { status: 'rejected', reason: { code: 'library/failed', retryable: false } },
    { status: 'fulfilled' },
  ]);
  await t.rejects(doomed.infer({ inputs: row(0) }), { code: 'library/failed' });
});

t.test('close ends everything and answers everybody', async (t) => {
  const { pool, manifest } = await given(t);
  const model = await pool.load(manifest);
  const jobs = Array.from({ length: 9 }, () => model.infer({ inputs: row(0) }));
  const outcomes = Promise.allSettled(jobs);
  await pool.close();
  for (const outcome of await outcomes) {
    t.match(outcome, { status: 'rejected', reason: { code: 'library/shutdown' } });
  }
  await t.rejects(model.infer({ inputs: row(0) }), { code: 'library/shutdown' });
  await t.rejects(pool.load(manifest), { code: 'library/shutdown' });
  t.equal(pool.threads.length, 0);
  await pool.close();
});

t.test('a model that does not load says why, and can be tried again', async (t) => {
  const { pool, manifest } = await given(t);
  const { sha256: _, ...unsigned } = manifest;
  writeFileSync(`${manifest.path}.bad`, 'no ONNX');
  await t.rejects(pool.load({ ...unsigned, path: `${manifest.path}.bad` }), {
    code: 'library/init',
    message: 'The model standin cannot be loaded.',
    debug: /cpu: /,
  });
  const wide = { ...manifest.inputs, mel: [1, 80, 17] };
  await t.rejects(pool.load({ ...unsigned, inputs: wide }), {
    code: 'library/init',
    debug: /the input mel is \[1,80,16\] in the file, the manifest says \[1,80,17\]/,
  });
  const named = { ...manifest.inputs, sound: [1] };
  await t.rejects(pool.load({ ...unsigned, inputs: named }), {
    code: 'library/init',
    debug: /no input sound \(mel, face\)/,
  });
  const tall = { ...manifest.outputs, out: [3, size + 1, size] };
  await t.rejects(pool.load({ ...unsigned, outputs: tall }), {
    code: 'library/init',
    debug: /the output out is \[3,16,16\] in the file, the manifest says \[3,17,16\]/,
  });
  await t.rejects(pool.load(unsigned, { outputs: ['out', 'smell'] }), {
    code: 'library/init',
    debug: /no output smell \(out, params/,
  });
  await t.rejects(pool.load({ ...manifest, sha256: '0'.repeat(64) }), { code: 'resource/read' });
  t.ok(await pool.load(manifest));
});

t.test('falls back to the CPU and gives the reason', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1 });
  const model = await pool.load(manifest, { providers: ['tensorrt', 'cpu'] });
  t.equal(model.provider, 'cpu');
  t.match(model.reason, /^cpu, because tensorrt: /);
});

t.test('refuses rows of the wrong length', async (t) => {
  const { pool, manifest } = await given(t, { workers: 1 });
  const model = await pool.load(manifest);
  t.throws(
    () => model.infer({ inputs: { ...row(0), mel: new Float32Array(3) } }),
    /Expected 1280 numbers for mel but received 3/,
  );
});
