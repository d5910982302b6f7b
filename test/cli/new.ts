import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { namesOf } from '../../src/cli/new/template.js';
import { TEMPLATES } from '../../src/cli/new.js';
import { PACKAGE } from '../../src/graph/find.js';
import { fakeTerminal } from '../support/terminal.js';
import { workshop } from '../support/workshop.js';

const home = process.cwd();
t.afterEach(() => process.chdir(home));

async function create(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(['new', ...args], terminal);
  return { exit, ...terminal.written };
}

t.test('names follow from the words', async (t) => {
  t.same(namesOf('audio-thing'), { factory: 'audiothing', className: 'AudioThing', title: 'Audio thing' });
});

t.test('what is written for each verb compiles, passes its test and is in style', async (t) => {
  const shop = workshop(t.testdir({}));
  process.chdir(shop.folder);
  for (const verb of Object.keys(TEMPLATES)) {
    t.match(await create(verb, `my-${verb}`), {
      exit: 0,
      out: `elements/my${verb}.ts\ntest/elements/my${verb}.ts\n`,
      err: /^Next: /,
    });
  }
  process.chdir(home);
  await shop.compile();
  for (const verb of Object.keys(TEMPLATES)) {
    const { passed, output } = await shop.test(`test/elements/my${verb}.ts`);
    t.ok(passed, verb, { output });
  }
  const biome = join(PACKAGE, 'node_modules/@biomejs/biome/bin/biome');
  for (const verb of Object.keys(TEMPLATES)) {
    for (const path of [`elements/my${verb}.ts`, `test/elements/my${verb}.ts`]) {
      const text = readFileSync(join(shop.folder, path), 'utf8');
      const child = promisify(execFile)(process.execPath, [biome, 'check', `--stdin-file-path=${path}`], {
        cwd: PACKAGE,
      });
      child.child.stdin?.end(text);
      const { stdout } = await child.catch((error: { stdout: string }) => error);
      t.equal(stdout, text, path);
    }
  }
});

t.test('what cannot be an element is refused', async (t) => {
  const folder = t.testdir({ elements: { 'there.ts': '' }, test: {} });
  process.chdir(folder);
  t.match(await create(), { exit: 2, err: /say what it does: source, transform/ });
  t.match(await create('transfrm', 'x'), {
    exit: 2,
    err: /there is no verb "transfrm", did you mean "transform"\?/,
  });
  for (const name of ['', 'Audio', 'a', '9lives', 'a--b', 'audio_thing']) {
    t.match(await create('sink', name), { exit: 2, err: /cannot name an element/ });
  }
  t.match(await create('sink', 'two', 'names'), { exit: 2, err: /"names" is one word too many/ });
  t.match(await create('sink', 'fakesink'), { exit: 2, err: /there is an element "fakesink" already: / });
  t.match(await create('sink', 'there'), { exit: 2, err: /elements\/there.ts is there already/ });
  process.chdir(join(folder, 'test'));
  t.match(await create('sink', 'elsewhere'), { exit: 2, err: /no folders elements and test here/ });
});
