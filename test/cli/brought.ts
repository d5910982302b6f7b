/** Who starts the server in LiveTalking's folder is told, at once, what is imported once. */
import t from 'tap';
import { demandImported } from '../../src/cli/livetalking/brought.js';

t.test('weights and an avatar that lie there are named with the lines that import them', async (t) => {
  const folder = t.testdir({
    models: { 'wav2lip.pth': '', musetalkV15: {} },
    data: { avatars: { theirs: { full_imgs: {}, 'coords.pkl': '' }, ava: { full_imgs: {} }, half: {} } },
  });
  await t.rejects(demandImported('wav2lip', 'theirs', folder), {
    message:
      'there is no model wav2lip and no avatar theirs yet; what LiveTalking plays is imported once:\n' +
      '  talkgraph models import models/wav2lip.pth --name wav2lip\n' +
      '  talkgraph avatar import data/avatars/theirs --id theirs',
    hint: 'docs/livetalking.md says what is different.',
  } as never);
  await t.rejects(demandImported('musetalk', 'ava', folder), {
    message: /talkgraph models import \. --name musetalk$/,
    hint: /docs\/models\.md says which files/,
  } as never);
  await t.rejects(demandImported('ultralight', 'ava', folder), {
    message: /talkgraph models import FILE --name ultralight$/,
  } as never);
  await t.rejects(demandImported('', 'theirs', folder), {
    message: /^there is no avatar theirs yet;/,
  } as never);
  // What is ours is there, and what is nowhere, or no name, is complained of by those who open it.
  for (const avatar of ['ava', 'nobody', 'half', '../avatars/theirs'])
    await t.resolves(demandImported('tinylip', avatar, folder));
});
