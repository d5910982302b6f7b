/** The guide to a graph: what it writes is a graph, what it runs runs, and what fails fails. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { blocksOf, commandsIn } from '../support/guide.js';
import { fakeTerminal } from '../support/terminal.js';

t.test('docs/graphs.md', async (t) => {
  const folder = t.testdir({});
  const here = process.cwd();
  process.chdir(folder);
  t.teardown(() => process.chdir(here));
  for (const block of blocksOf('docs/graphs.md')) {
    if (block.language === 'yaml') writeFileSync(join(folder, block.file), block.text);
    for (const { line, words } of commandsIn(block)) {
      const terminal = fakeTerminal();
      const exit = await run(words, terminal);
      if (block.file === 'fails') t.match(terminal.written.err, /parameter "kind" is used nowhere/, line);
      else t.equal(exit, 0, line, terminal.written);
    }
  }
  t.ok(readFileSync(join(folder, 'hello.wav')).length > 10_000, 'it has spoken');
});
