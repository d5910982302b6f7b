import t from 'tap';
import type { Item } from '../../src/element/index.js';
import { FirstMouth } from '../../src/lipsync/firstmouth.js';

const mark = (name: string, id: string): Item => ({ event: true, name: `talkgraph/${name}`, fields: { id } });
const patch: Item = { data: new Uint8Array(3) };
const gap: Item = { data: new Uint8Array(0), gap: true };

t.test('the first mouth behind the beginning of an utterance is told, once', async (t) => {
  const firsts = new FirstMouth();
  const items = [patch, mark('utterance-start', 'a'), gap, patch, patch, mark('utterance-end', 'a'), patch];
  t.same(
    items.map((item) => firsts.of(item)),
    [undefined, undefined, undefined, 'a', undefined, undefined, undefined],
  );
});

t.test('an utterance without a mouth has no first one', async (t) => {
  const firsts = new FirstMouth();
  const items = [mark('utterance-start', 'a'), gap, mark('utterance-end', 'a'), patch];
  const next = [mark('utterance-start', 'b'), mark('utterance-start', 'c'), patch];
  t.same(
    [...items, ...next].map((item) => firsts.of(item)),
    [...new Array(6).fill(undefined), 'c'],
  );
});
