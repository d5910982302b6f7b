/** docs/livetalking.md: what somebody who comes from there relies on, and the tests that hold it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../src/graph/find.js';

const page = readFileSync(join(PACKAGE, 'docs/livetalking.md'), 'utf8');

t.test('each line that is promised to them names tests that are there', async (t) => {
  const table = /<!-- promises -->\n([\s\S]*?)<!-- end of promises -->/.exec(page)?.[1] ?? '';
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  // Signalling, envelope, ids, nine kinds of requests, pages, options, avatars, weights, media and pushing.
  t.equal(rows.length, 17);
  for (const row of rows) {
    const [, what = '', , tests = ''] = row.split('|').map((cell) => cell.trim());
    const files = [...tests.matchAll(/`([\w/.-]+)`/g)].map(([, file]) => file ?? '');
    t.ok(files.length > 0, what);
    for (const file of files) t.ok(existsSync(join(PACKAGE, 'test', `${file}.ts`)), `${what}: ${file}`);
  }
});
