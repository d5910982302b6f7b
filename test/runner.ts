/** The runner of the tests tells what fails, what hangs and what dies, and leaves no process behind. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { until } from './support/script.js';

interface Result {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly told: string;
}
type RunFile = (root: string, file: string, patience: number, full?: boolean) => Promise<Result>;

const root = join(import.meta.dirname, '..', '..');
const { runFile }: { runFile: RunFile } = await import(join(root, 'test', 'tap.mjs'));

function run(t: Test, body: string, { patience = 30, full = false } = {}): Promise<Result> {
  const file = join(t.testdir(), 'case.mjs');
  writeFileSync(file, `import t from ${JSON.stringify(import.meta.resolve('tap'))};\n${body}`);
  return runFile(root, file, patience, full);
}

t.test('what passes is counted without the tests around it, at any depth', async (t) => {
  const result = await run(
    t,
    `t.test('a', (t) => { t.ok(1); t.ok(1); t.test('b', async (t) => t.ok(1)); t.end(); });
     t.test('c', { skip: 'not here' }, () => {});`,
  );
  t.match(result, { ok: true, passed: 3, failed: 0, skipped: 1, told: '' });
});

t.test('what fails is told with what was expected', async (t) => {
  const result = await run(t, `t.test('outer', async (t) => { t.ok(1); t.equal(4, 5, 'two and two'); });`);
  t.match(result, { ok: false, told: /not ok 2 - two and two[\s\S]*\+4[\s\S]*not ok 1 - outer/ });
  t.ok(result.failed > 0);
});

t.test('a file that hangs is ended, and says which test waits', async (t) => {
  const result = await run(
    t,
    `t.test('waits for ever', () => new Promise(() => setInterval(() => {}, 1000)));`,
    { patience: 3 },
  );
  t.match(result, { ok: false, told: /waits for ever/ });
});

t.test('a file that dies says why', async (t) => {
  const result = await run(
    t,
    `t.ok(1); console.error('the last words'); process.kill(process.pid, 'SIGKILL');`,
  );
  t.match(result, { ok: false, told: /ended by SIGKILL[\s\S]*the last words/ });
});

t.test('an error that nobody catches fails the file; the second time its test is named', async (t) => {
  for (const error of [
    "setImmediate(() => { throw new Error('from nowhere'); })",
    "Promise.reject(new Error('from nowhere'))",
  ]) {
    const body = `t.test('the one', async (t) => { ${error}; for (let n = 0; n < 9; n++) await new Promise(setImmediate); t.ok(1); });
       t.test('another', async (t) => t.ok(1));`;
    t.match(await run(t, body), { ok: false, told: /from nowhere/ });
    t.match(await run(t, body, { full: true }), { ok: false, told: /from nowhere[\s\S]*not ok 1 - the one/ });
  }
});

t.test('a file without a test is none that passes', async (t) => {
  t.match(await run(t, 'process.exit(0);'), { ok: false, told: /no test/ });
});

/** Whether a process does anything any more: the one that ended and was not fetched yet does not. */
function runs(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

t.test('children that a file leaves behind go with it', async (t) => {
  const result = await run(
    t,
    `import { spawn } from 'node:child_process';
     const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
     child.unref();
     t.comment('pid', child.pid);
     t.equal(child.pid, 0, 'pid ' + child.pid);`,
  );
  const pid = Number(/pid (\d+)/.exec(result.told)?.[1]);
  t.ok(pid > 0);
  await until(() => !runs(pid));
});
