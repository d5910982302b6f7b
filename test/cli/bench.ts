import t from 'tap';
import { run } from '../../src/cli/main.js';
import { fakeTerminal } from '../support/terminal.js';

async function bench(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(['bench', ...args], terminal);
  return { exit, ...terminal.written };
}

t.test('lists the benches there are, that of sync among them', async (t) => {
  const { exit, out } = await bench('--list');
  t.equal(exit, 0);
  const names = out.trim().split('\n');
  t.ok(names.includes('sync') && names.includes('density'), out);
});

t.test('says which benches there are where one is not', async (t) => {
  t.match(await bench('sink'), { exit: 1, out: '', err: /there is no bench "sink", only .*sync/ });
});

t.test('refuses an option that it has not', async (t) => {
  t.match(await bench('--jsn'), { exit: 2, err: /did you mean --json/ });
});
