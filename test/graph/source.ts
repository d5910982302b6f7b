import t from 'tap';
import { positionOf, spot } from '../../src/graph/source.js';

const source = { file: 'x', text: 'one\r\ntwo\n\nfour' };

t.test('counts lines and columns from one', async (t) => {
  t.same(positionOf(source, 0), { line: 1, column: 1, text: 'one' });
  t.same(positionOf(source, 7), { line: 2, column: 3, text: 'two' });
  t.same(positionOf(source, 9), { line: 3, column: 1, text: '' });
});

t.test('an offset behind the end is the end', async (t) => {
  t.same(positionOf(source, 99), { line: 4, column: 5, text: 'four' });
  t.same(positionOf(source, -3), { line: 1, column: 1, text: 'one' });
});

t.test('a spot without an end is empty', async (t) => {
  t.same(spot(source, 5), { source, start: 5, end: 5 });
});
