import t from 'tap';
import { Sent } from '../../src/publish/sent.js';

const MS = 1e6;

t.test('the skew is what pictures are later than the voice, by their medians', async (t) => {
  const sent = new Sent();
  t.same(sent.now, { voice: undefined, picture: undefined, skew: undefined, dropped: 0 });
  for (const late of [3, 900, 4]) sent.note('voice', (100 + late) * MS, 100 * MS);
  t.match(sent.now, { voice: 4, picture: undefined, skew: undefined });
  for (const late of [11, 12, 5]) sent.note('picture', (100 + late) * MS, 100 * MS, 1);
  t.same(sent.now, { voice: 4, picture: 11, skew: 7, dropped: 3 });
});

t.test(
  'what has no time, and what was before a connection, does not count; only the last 128 do',
  async (t) => {
    const sent = new Sent();
    sent.note('voice', undefined, 5);
    sent.note('voice', 5, undefined);
    t.equal(sent.now.voice, undefined);
    for (let n = 0; n < 300; n++) sent.note('voice', n * MS, 0);
    t.equal(sent.now.voice, 300 - 64);
    sent.forget();
    t.equal(sent.now.voice, undefined);
  },
);
