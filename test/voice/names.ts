import t from 'tap';
import { didYouMean, list } from '../../src/voice/names.js';

t.test('names what is near, best first', async (t) => {
  t.same(didYouMean('sllt', ['rms', 'slt', 'awb']), { names: ['slt'], sentence: 'Did you mean slt?' });
  t.equal(didYouMean('rm', ['rms', 'flite', 'rmt']).sentence, 'Did you mean rms or rmt?');
});

t.test('names everything when nothing is near', async (t) => {
  t.equal(didYouMean('zzzzzz', ['flite', 'file', 'tone']).sentence, 'There are flite, file and tone.');
});

t.test('counts swapped letters as one slip', async (t) => {
  t.same(didYouMean('tnoe', ['note', 'tone']).names[0], 'tone');
});

t.test('lists names as a sentence does', async (t) => {
  t.equal(list([], 'and'), '');
  t.equal(list(['a'], 'and'), 'a');
  t.equal(list(['a', 'b', 'c'], 'or'), 'a, b or c');
});
