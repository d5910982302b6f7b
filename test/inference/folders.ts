import { join } from 'node:path';
import t from 'tap';
import { findModel, listModels, modelFolders } from '../../src/inference/folders.js';
import { putStandIn } from '../support/standin.js';

t.test('lists each model once and ignores folders without a manifest', async (t) => {
  const first = putStandIn(join(t.testdir({ a: {}, b: { junk: {} } }), 'a'));
  const second = putStandIn(join(first, '..', 'b'));
  t.same(await listModels([first, second, '/nowhere']), ['standin']);
});

t.test('looks in the named folders first, then where the process runs, then in the package', async (t) => {
  const before = process.env['TALKGRAPH_MODELS'];
  process.env['TALKGRAPH_MODELS'] = '/one:/two';
  t.teardown(() => {
    if (before === undefined) delete process.env['TALKGRAPH_MODELS'];
    else process.env['TALKGRAPH_MODELS'] = before;
  });
  t.same(modelFolders().slice(0, 3), ['/one', '/two', join(process.cwd(), 'models')]);
});

t.test('a name never leads out of the folders', async (t) => {
  const folder = putStandIn(t.testdir());
  t.equal(await findModel('standin', [folder]), join(folder, 'standin'));
  for (const name of ['', '.', '..'])
    await t.rejects(findModel(name, [folder]), { code: 'resource/not-found' });
});
