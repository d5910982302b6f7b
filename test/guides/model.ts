/** The guide to a model: a new family is one file; in a copy of talkgraph that differs by nothing else a model of it speaks. */
import t from 'tap';
import { putAvatar } from '../support/drawnavatar.js';
import { follow } from '../support/guide.js';
import { renders } from '../support/renders.js';
import { registerRig } from '../support/script.js';
import { workshop } from '../support/workshop.js';

// A compilation; a machine that runs other tests beside takes its time.
t.setTimeout(240_000);
registerRig();

t.test('docs/first-model.md', async (t) => {
  const shop = workshop(t.testdir({}));
  await follow(t, shop, 'docs/first-model.md');
  const models = `${shop.folder}/models`;
  await putAvatar(models, 'one', { width: 320, height: 320, frames: 3, side: 180 });
  await renders(t, models, 'glow', 'one', async (words) => {
    const { passed, output } = await shop.talkgraph(words);
    return { exit: passed ? 0 : 1, err: output };
  });
});
