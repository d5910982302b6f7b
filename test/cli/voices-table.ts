import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { voicesTable } from '../../src/cli/voices-table.js';
import { PACKAGE } from '../../src/graph/find.js';
import { listVoices } from '../../src/voice/index.js';

t.test('docs/voices.md has a row for every engine, as it says itself', async (t) => {
  const file = join(PACKAGE, 'docs', 'voices.md');
  const page = readFileSync(file, 'utf8');
  const { engines } = await listVoices();
  const block = /(<!-- voices -->\n)[\s\S]*?(<!-- end of voices -->)/;
  const made = page.replace(block, (_, begin, end) => `${begin}\n${voicesTable(engines)}\n\n${end}`);
  for (const { name } of engines) t.match(made, new RegExp(`^\\| \`${name}\` \\|`, 'm'));
  if (made !== page && process.env['CI'] !== 'true') {
    writeFileSync(file, made);
    t.comment('docs/voices.md was made anew: commit it');
  } else t.equal(page, made, 'run the tests without CI=true, they make it');
});
