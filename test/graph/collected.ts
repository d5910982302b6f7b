import t from 'tap';
import { Pipeline } from '../../src/graph/pipeline.js';
import { gc } from '../support/gc.js';

t.test('a collection between launch and play does not silence the bus', async (t) => {
  const p = Pipeline.launch('fakesrc num-buffers=1 ! fakesink');
  await gc();
  let states = 0;
  p.on('state', () => states++);
  await p.play();
  await p.finished();
  t.ok(states > 0);
  await p.close();
});
