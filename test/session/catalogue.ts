import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { listGraphs } from '../../src/session/catalogue.js';

const graph = (blurb: string) =>
  `# ${blurb}\nelements:\n  say: { factory: ttssrc }\nlinks:\n  - say. ! fakesink\nends: { in: say }\n`;

t.test('graphs are read again when one has changed or come, and not before', async (t) => {
  const folder = t.testdir({ 'one.yaml': graph('First.'), parts: { 'some.yaml': '' } });
  process.env['TALKGRAPH_GRAPHS'] = folder;
  t.teardown(() => delete process.env['TALKGRAPH_GRAPHS']);
  const first = await listGraphs();
  t.match(first, [{ name: 'one', blurb: 'First.' }]);
  t.equal(await listGraphs(), first, 'the same list');
  await writeFile(join(folder, 'one.yaml'), graph('It has changed.'));
  t.match(await listGraphs(), [{ name: 'one', blurb: 'It has changed.' }]);
  await writeFile(join(folder, 'two.yaml'), graph('Another.'));
  t.same(
    (await listGraphs()).map(({ name }) => name),
    ['one', 'two'],
  );
  const before = await listGraphs();
  await writeFile(join(folder, 'parts', 'some.yaml'), '# longer\n');
  t.not(await listGraphs(), before, 'a part may change what can be set');
});
