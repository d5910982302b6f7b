import t from 'tap';
import { parseLaunch } from '../../src/graph/launch-parse.js';
import {
  readString,
  readValue,
  serializeString,
  writeCapsString,
  writeValue,
} from '../../src/graph/launch-text.js';
import fc from '../support/fastcheck.js';

/** Characters that make trouble, and some that do not. */
const tricky = fc.string({
  unit: fc.constantFrom(
    '"',
    '\\',
    "'",
    ' ',
    '\n',
    '\t',
    '!',
    ';',
    ':',
    '.',
    ',',
    '=',
    '(',
    ')',
    '$',
    'a',
    'N',
    'é',
    '日',
    '👋',
    '\u00a0',
  ),
});

t.test('plain words stay plain, others are quoted', async (t) => {
  t.equal(writeValue('flite/slt'), 'flite/slt');
  t.equal(writeValue('hello world'), '"hello world"');
  t.equal(writeValue('say "hi"'), '"say \\"hi\\""');
  t.equal(writeValue(''), '""');
  t.equal(writeValue('é'), '"é"');
});

t.test('texts that GStreamer would take for something else are written in its escaped form', async (t) => {
  t.equal(serializeString('NULL'), '"NULL"');
  t.equal(serializeString('"quoted"'), '"\\"quoted\\""');
  t.equal(serializeString('NULLS'), 'NULLS');
  t.equal(readString('NULL'), undefined);
  t.equal(readString('"\\303\\251\\ x"'), 'é x');
});

t.test('any text survives being written between other values', async () => {
  fc.assert(
    fc.property(tricky, tricky, (first, second) => {
      const line = `a one=${writeValue(serializeString(first))} two=${writeValue(serializeString(second))} three="end"`;
      const [chain, ...more] = parseLaunch(line);
      const node = chain?.nodes[0];
      const values =
        node?.kind === 'element' ? node.assignments.map((item) => readString(item.value.text)) : [];
      return more.length === 0 && values[0] === first && values[1] === second && values[2] === 'end';
    }),
    { numRuns: 2000 },
  );
});

t.test('a text in caps never ends the filter', async () => {
  fc.assert(
    fc.property(tricky, (text) => {
      const [chain] = parseLaunch(`a ! x/y, s=(string)${writeCapsString(text)}, z=1 ! b`);
      const caps = chain?.links[0]?.caps?.text ?? '';
      return chain?.nodes.length === 2 && caps.endsWith(', z=1');
    }),
    { numRuns: 1000 },
  );
});

t.test('reads a backslash at the very end as nothing', async (t) => {
  t.equal(readValue('a\\'), 'a');
  t.equal(readValue('"a\\"'), 'a');
});
