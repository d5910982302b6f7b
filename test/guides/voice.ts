/** The guide to a voice: its engine and its fake are put where it says, answer what all must, and speak. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import type { Fake } from '../fakes/service.js';
import { follow } from '../support/guide.js';
import { workshop } from '../support/workshop.js';

// A compilation; a machine that runs other tests beside takes its time.
t.setTimeout(240_000);

t.test('docs/first-voice.md', async (t) => {
  const shop = workshop(t.testdir({}));
  const said: string[][] = [];
  await follow(t, shop, 'docs/first-voice.md', async () => {
    const file = pathToFileURL(join(shop.folder, 'dist/test/fakes/fake-marytts.js')).href;
    const { default: fake } = (await import(file)) as { default: Fake };
    const service = await fake.open();
    t.teardown(() => service.close());
    said.push(service.said);
    return service.environment;
  });
  t.same(said, [['Good morning.', 'Guten Morgen.']]);
  for (const name of ['morning.wav', 'morgen.wav'])
    t.ok(readFileSync(join(shop.folder, name)).length > 10_000, `${name} has sound`);
});
