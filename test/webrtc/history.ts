import t from 'tap';
import { History } from '../../src/webrtc/history.js';

t.test('keeps a second of packets, whatever their number', async (t) => {
  const history = new History<number>();
  for (let n = 0; n < 1500; n++) history.keep((65_000 + n) & 0xffff, n, 300, n);
  t.equal(history.size.packets, 1001);
  t.equal(history.size.bytes, 1001 * 300);
  t.equal(history.again((65_000 + 499) & 0xffff, 20, 1499), 499);
  t.equal(history.again((65_000 + 498) & 0xffff, 20, 1499), undefined, 'older than that');
  t.equal(history.again(7_000, 20, 1499), undefined, 'never sent');
  t.equal(history.again((65_000 + 600) & 0xffff, 20, 1650), undefined, 'nobody waits for it any more');
});

t.test('keeps no more than its bytes', async (t) => {
  const history = new History<number>({ bytes: 10_000 });
  for (let n = 0; n < 20; n++) history.keep(n, n, 1200, n);
  t.same(history.size, { packets: 8, bytes: 9600 });
  t.equal(history.again(11, 20, 20), undefined);
  t.equal(history.again(12, 20, 20), 12);
});

t.test('answers again only when the last answer has had its time', async (t) => {
  const history = new History<string>();
  history.keep(5, 'five', 900, 0);
  t.equal(history.again(5, 50, 1), 'five');
  t.equal(history.again(5, 50, 40), undefined);
  t.equal(history.again(5, 50, 51), 'five');
});

t.test('a number that comes again is another packet', async (t) => {
  const history = new History<string>();
  history.keep(5, 'old', 900, 0);
  history.keep(5, 'new', 100, 10);
  t.same(history.size, { packets: 1, bytes: 100 });
  t.equal(history.again(5, 50, 11), 'new');
});

t.test('sends no more again than half of what it sends, but a lost key frame whole', async (t) => {
  const history = new History<number>();
  for (let n = 0; n < 63; n++) history.keep(n, n, 1200, n / 4);
  const key = [...Array(63).keys()].filter((n) => history.again(n, 20, 50) !== undefined);
  t.equal(key.length, 63);
  let again = 0;
  for (let n = 100; n < 900; n++) {
    history.keep(n, n, 1200, n);
    if (history.again(n, 20, n) !== undefined) again++;
  }
  t.ok(again > 390 && again < 450, `${again} of 800`);
});
