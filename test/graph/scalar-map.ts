import t, { type Test } from 'tap';
import { isScalar, parseDocument } from 'yaml';
import { mapScalar } from '../../src/graph/scalar-map.js';

/** Checks that each word of the value maps to where it stands in the text. */
function wordsStand(t: Test, text: string): void {
  const node = parseDocument(text).contents;
  if (!isScalar(node) || typeof node.value !== 'string') throw new Error('not a text');
  const [start = 0, end = 0] = node.range ?? [];
  const map = mapScalar(text, start, end, node.value);
  t.equal(map.length, node.value.length + 1);
  for (const match of node.value.matchAll(/\w+/g)) {
    t.equal(
      text.startsWith(match[0].slice(0, 2), map[match.index]),
      true,
      `${match[0]} in ${JSON.stringify(text)}`,
    );
  }
}

t.test('plain, quoted, folded and block texts map to their places', async (t) => {
  wordsStand(t, 'plain words here');
  wordsStand(t, '"double \\" quoted \\u00e9 words\\n here"');
  wordsStand(t, "'single ''quoted'' words'");
  wordsStand(t, 'plain words\n  over two\n\n  lines');
  wordsStand(t, '"quoted words\n  over two lines"');
  wordsStand(t, '|\n  literal words\n    indented ones\n  again');
  wordsStand(t, '>-\n  folded words\n  on lines\n\n  and gaps');
});

t.test('the end maps to the end', async (t) => {
  t.same(mapScalar('abc', 0, 3, 'abc'), [0, 1, 2, 3]);
  t.same(mapScalar('"ab"', 0, 4, 'ab'), [1, 2, 3]);
});
