/**
 * The pages that teach are run: every block of code on them compiles, and every command does what the page says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../src/cli/main.js';
import { PACKAGE } from '../src/graph/find.js';
import { commandsOf } from './support/shell.js';
import { fakeTerminal } from './support/terminal.js';
import { workshop } from './support/workshop.js';

// Two compilations; a machine that runs other tests beside takes its time.
t.setTimeout(240_000);

/** The blocks of a page: language, the file named behind it, text. */
function blocks(page: string): { language: string; file: string; text: string }[] {
  const found = readFileSync(join(PACKAGE, page), 'utf8').matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, language = '', file = '', text = '']) => ({ language, file, text }));
}

t.test(
  'the guide to a graph: what it writes is a graph, what it runs runs, and what fails fails',
  async (t) => {
    const folder = t.testdir({});
    const here = process.cwd();
    process.chdir(folder);
    t.teardown(() => process.chdir(here));
    for (const { language, file, text } of blocks('docs/graphs.md')) {
      if (language === 'yaml') writeFileSync(join(folder, file), text);
      if (language !== 'sh') continue;
      for (const { line, words } of commandsOf(`\`\`\`sh\n${text}\`\`\`\n`)) {
        const terminal = fakeTerminal();
        const exit = await run(words, terminal);
        if (file === 'fails') t.match(terminal.written.err, /parameter "kind" is used nowhere/, line);
        else t.equal(exit, 0, line, terminal.written);
      }
    }
    t.ok(readFileSync(join(folder, 'hello.wav')).length > 10_000, 'it has spoken');
  },
);

t.test('the guide to a first element: each step compiles, and what it says to run runs', async (t) => {
  const shop = workshop(t.testdir());
  let compiled = false;
  for (const { language, file, text } of blocks('docs/first-element.md')) {
    if (language === 'ts') {
      shop.write(file, text);
      compiled = false;
      continue;
    }
    if (!compiled) await shop.compile();
    compiled = true;
    for (const line of text.trim().split('\n')) {
      const test = /^node dist\/(test\/\S+)$/.exec(line)?.[1];
      const { passed, output } = await (test
        ? shop.test(test)
        : shop.talkgraph(line.replace(/^talkgraph /, '')));
      t.ok(passed, line, { output });
    }
  }
  t.ok(readFileSync(join(shop.folder, 'robot.wav')).length > 10_000, 'the robot has spoken');
});
