import t from 'tap';
import { processTerminal } from '../../src/cli/terminal.js';

/** The terminal of a process with these variables. */
function withEnv(env: Record<string, string>, options?: { color?: boolean }) {
  t.teardown(t.intercept(process, 'env', { value: env, writable: true }).restore);
  return processTerminal(options);
}

t.test('colour only where it is wanted', async (t) => {
  const red = '\u001b[31;1mx\u001b[0m';
  t.equal(withEnv({ FORCE_COLOR: '1' }).paint('error', 'x'), red);
  t.equal(withEnv({ FORCE_COLOR: '1' }).paint('error', 'x', 'out'), red);
  t.equal(withEnv({ FORCE_COLOR: '1' }, { color: false }).paint('error', 'x'), 'x');
  t.equal(withEnv({ FORCE_COLOR: '1', NO_COLOR: '1' }).paint('error', 'x'), 'x');
  t.equal(withEnv({ FORCE_COLOR: '1', TERM: 'dumb' }).paint('error', 'x'), 'x');
});

t.test('interrupts reach the listener until it lets go', async (t) => {
  const before = process.listenerCount('SIGTERM');
  let called = 0;
  const off = processTerminal().onInterrupt(() => called++);
  process.emit('SIGTERM');
  process.emit('SIGINT');
  off();
  t.equal(called, 2);
  t.equal(process.listenerCount('SIGTERM'), before);
});
