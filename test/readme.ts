/** The README in Chinese says what the English one says: the same sections, commands, routes, figures and links. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../src/graph/find.js';
import { commandsOf } from './support/shell.js';

const file = join(PACKAGE, 'README.zh.md');
const [english, chinese] = ['README.md', 'README.zh.md'].map((name) =>
  readFileSync(join(PACKAGE, name), 'utf8'),
) as [string, string];
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found);

t.test('sections, commands and what stands first in each table are the same', async (t) => {
  const levels = (text: string) => all(text, /^(#+) /gm);
  t.same(levels(chinese.replace(/```[\s\S]*?```/g, '')), levels(english.replace(/```[\s\S]*?```/g, '')));
  t.same(
    commandsOf(chinese).map(({ line }) => line),
    commandsOf(english).map(({ line }) => line),
  );
  const rows = (text: string) => all(text, /^\| (`.*?`.*?|`.*?) \|/gm);
  t.same(rows(chinese), rows(english));
});

t.test('what it links to is what the English one links to', async (t) => {
  const links = (text: string) =>
    [...new Set(all(text, /\]\(([^)]+)\)/g))].filter((to) => !/^README/.test(to)).sort();
  t.same(links(chinese), links(english));
  t.match(english, '(README.zh.md)');
  t.match(chinese, '(README.md)');
});

t.test('figures, the graph and the map are those of the English one', async (t) => {
  const kinds = [
    /<!-- figures: bindings -->[\s\S]*?<!-- end of figures: bindings -->/,
    /<!-- figures: bench -->[\s\S]*?<!-- end of figures: bench -->/,
    /```yaml[\s\S]*?```/,
    /```mermaid[\s\S]*?```/,
  ];
  const made = kinds.reduce((text, kind) => {
    const [block = ''] = kind.exec(english) ?? [];
    t.not(block, '', String(kind));
    return text.replace(kind, () => block);
  }, chinese);
  if (made !== chinese && process.env['CI'] !== 'true') {
    writeFileSync(file, made);
    t.comment('README.zh.md was made anew: commit it');
  } else t.equal(chinese, made, 'run the tests without CI=true, they make it');
});
