import t from 'tap';
import { listProviders } from '../../src/inference/providers.js';

t.test('the CPU is always there', async (t) => {
  t.ok((await listProviders()).includes('cpu'));
});
