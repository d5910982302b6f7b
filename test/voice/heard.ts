import t from 'tap';
import { Heard } from '../../src/voice/heard.js';
import type { SpeechMark } from '../../src/voice/marks.js';

const text = 'Good day, all. "So be it," he said.';
const sentences: SpeechMark[] = [
  { type: 'sentence', at: 0, index: 0, text: 'Good day, all. ', offset: 0 },
  { type: 'sentence', at: 700, index: 1, text: '"So be it," he said.', offset: 15 },
];
const word = (at: number, end: number, written: string): SpeechMark => ({
  type: 'word',
  at,
  end,
  text: written,
  offset: text.indexOf(written),
  sentence: 0,
});

t.test('with words that the voice tells it is exact to the word', async (t) => {
  const heard = new Heard();
  heard.add('a', text);
  const words = [word(100, 200, 'Good'), word(200, 300, 'day'), word(300, 500, 'all')];
  heard.made('a', 700, [sentences[0]!, ...words]);
  heard.made('a', 800, [sentences[1]!, word(700, 800, 'So'), word(800, 900, 'be'), word(900, 1000, 'it')]);
  const rows: [number, string][] = [
    [0, ''],
    [149, ''],
    [150, 'Good'],
    [250, 'Good day,'],
    [399, 'Good day,'],
    [400, 'Good day, all.'],
    [699, 'Good day, all.'],
    [700, 'Good day, all.'],
    [760, 'Good day, all. "So'],
    [950, 'Good day, all. "So be it,"'],
    [1499, 'Good day, all. "So be it,"'],
    [1500, text],
  ];
  for (const [samples, expected] of rows) t.equal(heard.text('a', samples), expected, `${samples} samples`);
});

t.test('without them it goes by time, to a whole word, also where words have no spaces', async (t) => {
  const heard = new Heard();
  const written = { text: 'One two three four. ' };
  heard.add('a', written);
  heard.made('a', 1000, [{ type: 'sentence', at: 0, index: 0, text: written.text, offset: 0 }]);
  t.equal(heard.text('a', 500), 'One two');
  t.equal(heard.text('a', 1), '');
  t.equal(heard.text('a', 1000), 'One two three four.');
  heard.add('b', '今天天气很好。');
  heard.made('b', 700, [{ type: 'sentence', at: 0, index: 0, text: '今天天气很好。', offset: 0 }]);
  t.equal(heard.text('b', 400), '今天天气');
});

t.test('a cut accounts for the one that was heard last and those behind it', async (t) => {
  const heard = new Heard();
  for (const id of ['a', 'b', 'c']) heard.add(id, 'Yes.');
  heard.made('b', 10, [{ type: 'sentence', at: 0, index: 0, text: 'Yes.', offset: 0 }]);
  t.same(heard.account({ id: 'b', samples: 10 }), [
    ['b', 'Yes.'],
    ['c', ''],
  ]);
  t.same(heard.account(undefined), [
    ['a', ''],
    ['b', ''],
    ['c', ''],
  ]);
  t.same(heard.account({ id: 'forgotten', samples: 10 }), []);
  heard.clear();
  t.same(heard.account(undefined), []);
  t.equal(heard.text('a', 5), '');
});
