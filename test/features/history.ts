import t from 'tap';
import { History } from '../../src/features/history.js';

const count = (from: number, length: number) => Int16Array.from({ length }, (_, n) => from + n);

t.test('gives what was heard by its number, and zeros where nothing was', async (t) => {
  const history = new History(8);
  history.restart(100);
  history.push(count(1, 5));
  t.equal(history.position, 105);
  t.equal(history.start, 100);
  t.same([...history.read(98, 9)], [0, 0, 1, 2, 3, 4, 5, 0, 0]);
});

t.test('what is older than it keeps counts as zero', async (t) => {
  const history = new History(8);
  history.push(count(1, 5));
  history.push(count(6, 5));
  t.same([...history.read(0, 10)], [0, 0, 3, 4, 5, 6, 7, 8, 9, 10]);
  history.push(count(11, 100));
  t.same([...history.read(100, 12)], [0, 0, 103, 104, 105, 106, 107, 108, 109, 110, 0, 0]);
});

t.test('negative numbers are numbers, too, and a restart forgets', async (t) => {
  const history = new History(8);
  history.restart(-3);
  history.push(count(1, 6));
  t.same([...history.read(-4, 8)], [0, 1, 2, 3, 4, 5, 6, 0]);
  history.restart(-3);
  t.same([...history.read(-4, 8)], [0, 0, 0, 0, 0, 0, 0, 0]);
});

t.test('silence is what is zero or not there', async (t) => {
  const history = new History(8);
  history.push(Int16Array.of(0, 0, 7, 0, 0));
  t.ok(history.isSilent(-50, 2));
  t.notOk(history.isSilent(-50, 3));
  t.ok(history.isSilent(3, 50));
  t.ok(history.isSilent(2, 2));
});
