import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../../src/graph/find.js';
import { FAMILIES, familyOf } from '../../../src/inference/families.js';
import { readManifest } from '../../../src/inference/index.js';
import { parseManifest } from '../../../src/inference/manifest.js';
import { heardInput } from '../../../src/lipsync/heard.js';

t.test('what sets families apart is read from their files', async (t) => {
  t.equal(heardInput(await readManifest('tinylip', [join(PACKAGE, 'models')])), 'mel');
  t.equal(heardInput({ family: 'ultralight' }), 'audio');
  t.equal(familyOf('musetalk').shown, 'latent');
});

t.test('a family without a file is refused with those there are', async (t) => {
  t.throws(
    () => familyOf('none'),
    /Expected one of musetalk, ultralight, wav2lip for a family but received none/,
  );
  const manifest = { ...(await readManifest('tinylip', [join(PACKAGE, 'models')])), family: 'glow' };
  t.throws(() => parseManifest('model.yaml', manifest), {
    message: /family: Invalid option: expected one of "musetalk"\|"ultralight"\|"wav2lip"/,
  });
  t.same(FAMILIES, ['musetalk', 'ultralight', 'wav2lip']);
});
