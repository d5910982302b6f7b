/** Who may be asked to speak over the network. */
import t from 'tap';
import { mayAskFor } from '../../src/server/voices.js';

t.test('a file is none, wherever its name stands', async (t) => {
  for (const voice of ['', 'flite', 'flite/slt', 'edge/x,flite/slt', 'profile/x'])
    t.ok(mayAskFor(voice), voice);
  for (const voice of [
    'file',
    'file//etc/passwd',
    ' File/x',
    'elevenlabs,file//home/a.wav',
    'edge/x , file/x',
  ])
    t.notOk(mayAskFor(voice), voice);
});
