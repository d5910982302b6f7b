import t from 'tap';
import { within } from '../../src/voice/abort.js';

const never = new Promise<never>(() => undefined);

t.test('gives what the promise gives, and throws what it throws', async (t) => {
  const { signal } = new AbortController();
  t.equal(await within(Promise.resolve(7), undefined, signal), 7);
  await t.rejects(within(Promise.reject(new Error('no')), 1000, signal), { message: 'no' });
});

t.test('says when it is late', async (t) => {
  t.equal(await within(never, 1, new AbortController().signal), 'late');
});

t.test('says when it was aborted, before or meanwhile', async (t) => {
  t.equal(await within(never, undefined, AbortSignal.abort()), 'aborted');
  const control = new AbortController();
  const waiting = within(never, 1000, control.signal);
  control.abort();
  t.equal(await waiting, 'aborted');
});

t.test('leaves no timer behind, and looks after a promise that fails too late', async (t) => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  let fail = (_: Error): void => undefined;
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  t.equal(await within(late, 3_600_000, AbortSignal.abort()), 'aborted');
  t.equal(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length, before);
  fail(new Error('nobody is left to hear this'));
  await new Promise((resolve) => setImmediate(resolve));
});
