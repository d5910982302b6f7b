import t from 'tap';
import { findPad, findProperty } from '../../src/graph/vocabulary.js';
import { sample } from '../support/vocabulary.js';

t.test('pads are found by name and by template', async (t) => {
  const tee = sample.element('tee');
  if (!tee) return t.fail('not in the sample');
  t.equal(findPad(tee, 'src', 'src_0')?.name, 'src_%u');
  t.equal(findPad(tee, 'src', 'src_%u')?.name, 'src_%u');
  t.equal(findPad(tee, 'src', 'src_x'), undefined);
  t.equal(findPad(tee, 'src', 'sink'), undefined);
  t.equal(findPad(tee, 'sink', 'sink')?.presence, 'always');
  const odd = { ...tee, pads: [{ name: 'a.%s', direction: 'src', presence: 'request' } as const] };
  t.equal(findPad(odd, 'src', 'a.b-c')?.name, 'a.%s');
  t.equal(findPad(odd, 'src', 'axb'), undefined);
});

t.test('an underscore may stand for a hyphen in a property', async (t) => {
  const queue = sample.element('queue');
  t.equal(queue && findProperty(queue, 'max_size_time')?.name, 'max-size-time');
  t.equal(queue && findProperty(queue, 'max-size'), undefined);
});
