/** `talkgraph top` against a server that runs. */
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { closeSharedPool } from '../../src/inference/index.js';
import { serverOf } from '../server/support/server.js';
import { fakeTerminal } from '../support/terminal.js';

const server = await serverOf(3, { token: 'sesame', adminToken: 'ali baba' });
t.teardown(async () => {
  await server.close();
  await closeSharedPool();
});
const url = server.url;
const env = { TALKGRAPH_ADMIN_TOKEN: 'ali baba' };

t.test('once: who is there, and how they fare', async (t) => {
  const session = await server.sessions.create({ avatar: 'drawn' });
  const terminal = fakeTerminal({ env });
  t.equal(await run(['top', url, '--once'], terminal), 0);
  const { out } = terminal.written;
  t.match(out, /sessions 1\/3 {2}speaking 0/);
  t.match(out, /inference {2}threads \d\/\d/);
  t.match(out, /^SESSION +STATE +FACE/m);
  t.match(
    out,
    new RegExp(
      `^${session.id.slice(0, 8)} +running +drawn +flite/slt +\\d+\\.\\d/s +\\d+ ms +- +\\d+ % +\\d+ +0$`,
      'm',
    ),
  );
  await session.close('enough');
});

t.test('at a terminal until Ctrl-C', async (t) => {
  const terminal = fakeTerminal({ env, watched: true });
  const done = run(['top', url], terminal);
  await terminal.until(/sessions 0\/3/);
  terminal.interrupt();
  t.equal(await done, 0);
  t.equal(terminal.interrupted(), 0, 'nobody listens any more');
});

t.test('what is wrong is told', async (t) => {
  const closed = fakeTerminal({ env: { TALKGRAPH_TOKEN: 'sesame' } });
  t.equal(await run(['top', url], closed), 1);
  t.match(closed.written.err, /token of whoever runs this server.*TALKGRAPH_ADMIN_TOKEN/s);
  const nowhere = fakeTerminal();
  t.equal(await run(['top', 'http://127.0.0.1:1'], nowhere), 1);
  t.match(nowhere.written.err, /No server answers at http:\/\/127\.0\.0\.1:1/);
  const wrong = fakeTerminal();
  t.equal(await run(['top', 'localhost'], wrong), 2);
});
