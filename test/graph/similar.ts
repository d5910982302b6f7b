import t from 'tap';
import { didYouMean, editDistance, nearest } from '../../src/graph/similar.js';

t.test('counts inserts, deletes, replacements and swaps of neighbours', async (t) => {
  t.equal(editDistance('voice', 'voice'), 0);
  t.equal(editDistance('voise', 'voice'), 1);
  t.equal(editDistance('voce', 'voice'), 1);
  t.equal(editDistance('vocie', 'voice'), 1);
  t.equal(editDistance('', 'abc'), 3);
  t.equal(editDistance('kitten', 'sitting'), 3);
});

t.test('finds the word that was meant', async (t) => {
  t.equal(nearest('voise', ['video', 'voice']), 'voice');
  t.equal(nearest('batch_size', ['batch-size', 'size']), 'batch-size');
  t.equal(nearest('VOICE', ['voice']), 'voice');
});

t.test('does not guess when nothing is near', async (t) => {
  t.equal(nearest('zebra', ['voice', 'text']), undefined);
  t.equal(nearest('x', ['text']), undefined);
  t.equal(didYouMean('zebra', ['voice']), '');
  t.equal(didYouMean('txt', ['text']), ', did you mean "text"?');
});
