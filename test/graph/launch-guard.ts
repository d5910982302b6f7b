/**
 * Launch lines of every broken kind, given to GStreamer's own parser: it must never end the process, and our reading of
 * its grammar must agree with it about what parses.
 */

import t from 'tap';
import { LaunchSyntaxError, parseLaunch } from '../../src/graph/launch-parse.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import fc from '../support/fastcheck.js';

const refused = (line: string) => {
  try {
    void Pipeline.launch(line).close();
  } catch (error) {
    return error as Error & { code?: string };
  }
  return undefined;
};

t.test('a line in which no element is left is answered, not handed to a parser that crashes', async (t) => {
  const missing = 'core/missing-element';
  for (const line of ['a. ! b.', 'a.x,y ! b.', 'file:///x ! a.  a. ! b.']) {
    t.match(refused(line), { code: missing, message: /element named/ }, line);
  }
  for (const line of ['nosuch a. ! b.', 'nosuch.( nosuch2 ) a. ! b.', 'nosuch name=a  a. ! b.']) {
    t.match(refused(line), { code: missing, details: { missing: ['nosuch'] } }, line);
  }
  for (const line of ['queue x=1 a. ! b.', 'queue name=a x=1 a. ! a.', 'queue x= queue  a.!b. ']) {
    t.match(
      refused(line),
      { code: 'resource/settings', message: /no property "x" in element "queue"/ },
      line,
    );
  }
  t.match(refused('tee silent=true,  a.!b.'), { message: /could not set property "silent"/ });
  for (const line of ['b. !identity!', 'a. ! b. :  ; identity', 'a. ! b.  fakesrc ! !']) {
    t.match(refused(line), { code: 'resource/settings', message: /^syntax error: / }, line);
  }
});

t.test('what is only unusual goes through', async (t) => {
  for (const line of [
    'fakesrc name=a  fakesink name=b  a. ! b.',
    '( fakesrc name=a ! fakesink )  a.',
    'queue a. ! b.',
  ]) {
    t.notMatch(refused(line)?.message ?? '', /cannot stand/, line);
  }
});

t.test(
  'a byte past ASCII outside of quotes is refused: GStreamer would drop the rest of the line',
  async (t) => {
    t.match(refused('fakesrc ! é fakesink'), {
      code: 'resource/settings',
      message: '"é" cannot stand outside a quoted value.',
    });
    t.equal(refused('filesrc location=é ! fakesink'), undefined);
  },
);

/** Pieces of lines; with and without names of elements, whose absence is an error of another kind. */
const PIECES = [
  'identity',
  'queue',
  'fakesrc',
  'fakesink',
  'tee',
  'name=a',
  '.src',
  '.sink',
  '!',
  ':',
  '(',
  ')',
  'bin.(',
  'silent=true',
];
const ODD = [
  'name="x y"',
  'video/x-raw',
  '! video/x-raw,width=5 !',
  '! audio/x-raw ; video/x-raw !',
  ',',
  '.',
  '=',
  '"',
  '\\',
  '{',
  ';',
];
const QUOTES = [
  '.src_0,src_1',
  'file:///x',
  '@preset=x',
  'name=a"b c"d',
  'x="a\\\\"',
  "name='q'",
  '\n',
  '!identity!',
  '\\ ',
  '"a',
  'b"',
  'x=',
];
const REFS = ['a.', 'b.', 'a.src', 'a.!b.', 'identity.src', 'a.src_0,src_1'];

const line = (pieces: readonly string[]) =>
  fc
    .array(fc.tuple(fc.constantFrom(...pieces), fc.constantFrom(' ', '  ', '')), {
      minLength: 1,
      maxLength: 9,
    })
    .map((words) => words.map(([word, gap]) => word + gap).join(''));

t.test('we and GStreamer agree on what parses', async () => {
  fc.assert(
    fc.property(line([...PIECES, ...ODD, ...QUOTES]), (text) => {
      let ours = true;
      try {
        parseLaunch(text);
      } catch (error) {
        if (!(error instanceof LaunchSyntaxError)) throw error;
        ours = false;
      }
      const theirs = refused(text);
      if (theirs === undefined) return ours;
      // Another error may hide a syntax error behind it, and an empty line parses.
      return !ours || text.trim() === '' || !/^syntax error|empty bin/.test(theirs.message);
    }),
    { numRuns: 3000 },
  );
});

t.test('no line at all ends the process', async () => {
  fc.assert(
    fc.property(line([...PIECES, ...ODD, ...QUOTES, ...REFS, ...REFS, ...REFS]), (text) => {
      refused(text);
    }),
    { numRuns: 3000 },
  );
});
