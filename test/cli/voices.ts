import t from 'tap';
import { run } from '../../src/cli/main.js';
import { engineNames } from '../../src/voice/index.js';
import { fakeTerminal } from '../support/terminal.js';

async function voices(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(['voices', ...args], terminal);
  return { exit, ...terminal.written };
}

t.test('lists every engine with its voices, as the property voice takes them', async (t) => {
  const { exit, out } = await voices();
  t.equal(exit, 0);
  for (const engine of await engineNames()) t.match(out, new RegExp(`^${engine}: `, 'm'));
  t.match(out, /^ {2}flite\/slt +en/m);
});

t.test('one engine, and as data', async (t) => {
  const { engines } = JSON.parse((await voices('flite', '--json')).out);
  t.match(engines, [{ name: 'flite', default: true }]);
  t.match(await voices('flit'), { exit: 1, err: /flite/ });
});

t.test('says what an engine needs and what can be set for it, and asks nobody', async (t) => {
  const { exit, out } = await voices('xtts');
  t.equal(exit, 0);
  t.match(out, /XTTS_SERVER or TTS_SERVER/);
  t.match(out, /^ {2}ref-file +a recording to speak like.*\(REF_FILE\)$/m);
  t.match(out, /^ {2}stream-chunk-size +.*\(default 20\)$/m);
  t.notMatch((await voices()).out, /stream-chunk-size/);
});
