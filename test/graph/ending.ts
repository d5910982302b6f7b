/** Ends that do not wait for what hangs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { closeWithin } from '../../src/graph/ending.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { HANGS, hang } from '../support/hanging.js';

t.test('a pipeline that ends is closed', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc is-live=true ! fakesink');
  await pipeline.play();
  await closeWithin(pipeline, 30_000);
  t.ok(pipeline.closed);
  await closeWithin(pipeline, 30_000);
});

t.test('one with an element that hangs is left behind, and the element is named', async (t) => {
  const pipeline = Pipeline.launch(`videotestsrc is-live=true ! queue ! ${HANGS} ! queue ! fakesink`);
  await pipeline.play();
  await hang(pipeline, 1500);
  await t.rejects(closeWithin(pipeline, 200), {
    code: 'core/state-change',
    element: 'hangs',
    message: /left behind: hangs hangs/,
  });
  await pipeline.close();
});

t.test('more of them than there are control threads do not keep others from their states', async (t) => {
  const many = Array.from({ length: 17 }, () =>
    Pipeline.launch(`videotestsrc is-live=true ! queue ! ${HANGS} ! fakesink async=false`),
  );
  await Promise.all(many.map((pipeline) => pipeline.play()));
  await Promise.all(many.map((pipeline) => hang(pipeline, 4500)));
  const closed = many.map((pipeline) => pipeline.close());
  const pipeline = Pipeline.launch('videotestsrc is-live=true ! fakesink');
  await pipeline.play();
  await pipeline.close();
  t.equal(native.census().pipelines, many.length, 'they hang still');
  await Promise.all(closed);
});

t.test('the process ends in time, whatever hangs: JS, too', async (t) => {
  const script = `
    import { endBy } from ${JSON.stringify(new URL('../../src/graph/ending.js', import.meta.url))};
    endBy(60_000, 3);
    endBy(100, 5);
    for (;;);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  t.teardown(() => void child.kill('SIGKILL'));
  t.same(await once(child, 'exit'), [5, null], 'the last word counts');
});
