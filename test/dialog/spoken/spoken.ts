import t from 'tap';
import { Spoken, spoken } from '../../../src/dialog/spoken/spoken.js';
import fc from '../../support/fastcheck.js';

const rows: [string, string, string][] = [
  [
    'plain text is what it was',
    'It is 3.14, or so. (Not *quite*.) 5 < 7!',
    'It is 3.14, or so. (Not quite.) 5 < 7!',
  ],
  [
    'emphasis',
    '**Bold**, *italic*, ***both***, __so__ _too_, ~~gone~~ and 2 * 3 or 2*3.',
    'Bold, italic, both, so too, gone and 2 * 3 or 2*3.',
  ],
  ['names with underscores', 'Set my_long_name to `a_b`.', 'Set my long name to a b.'],
  [
    'headings become sentences',
    '# Cities\nThere are two.\n\n## Which?\nThese.',
    'Cities.\nThere are two.\n\nWhich?\nThese.',
  ],
  [
    'lists become sentences',
    'So:\n- **red**\n* green;\n+ blue!\n\n1. First\n2) Second.\n',
    'So:\nred.\ngreen;\nblue!\n\n1. First.\n2) Second.',
  ],
  ['tasks and quotations', '> Quoted\n> - [x] done\n- [ ] open', 'Quoted\ndone.\nopen.'],
  [
    'a link is its text',
    'See [the *manual*](https://a.b/c_(d) "Title"), [it][1] or [that].',
    'See the manual, it or that.',
  ],
  [
    'pictures, sources and notes',
    'One.[1] Two [^n] three ![a chart](x.png) four [2, 3].',
    'One. Two three four.',
  ],
  [
    'addresses',
    'Go to https://a.example/x?y=1. Or (www.b.org)! Or <https://c.d>; 见https://e.f/g。完',
    'Go to. Or! Or; 见。完',
  ],
  ['an address is no word that begins like one', 'hi, www what how http is', 'hi, www what how http is'],
  [
    'code',
    'Do this:\n```js\nlet a = "`";\n```\nThen that.\n~~~\nx\n~~~\nEnd',
    'Do this:\n\nThen that.\n\nEnd',
  ],
  ['code that begins in mid-line or never ends', 'Like ```py\nprint(1)\n```\nAnd\n```\nmore', 'Like\nAnd'],
  ['tables', 'Here:\n| a | b |\n|---|---|\n| 1 | 2 |\n\nx | y\n--- | ---\nDone.', 'Here:\n\nx y\n\nDone.'],
  ['rules', 'One\n***\nTwo\n===\nThree\n- - -\nFour', 'One\n\nTwo\n\nThree\n\nFour'],
  ['pictures of people', 'Hi 👋🏽! 👩‍👩‍👧 ❤️ 🇩🇪 1️⃣ first © 2026‼', 'Hi! 1 first © 2026‼'],
  ['letters that need joiners', 'می‌خواهم क्‍ष', 'می‌خواهم क्‍ष'],
  ['thoughts', '<think>\nHe wants **x**.\n</think>\n\n# Yes\nand<thinking>no</thinking>so', 'Yes.\nand so'],
  ['a thought without an end', 'Well <think> I am not sure', 'Well'],
  ['tags and entities', 'A<br>b <b>c</b> &amp; d&nbsp;e &lt;f&gt; &#233; R&D', 'A b c & d e <f> é R&D'],
  ['escapes and formulas', String.raw`\*no\* \(x+1\) \[y\] a\b`, '*no* x+1 y a b'],
  ['half of a construct', 'a [b', 'a b'],
  ['nothing', ' \n```\n```\n🙂', ''],
];

t.test('what would be said', async (t) => {
  for (const [name, written, said] of rows) t.equal(spoken(written), said, name);
});

const signs = [
  '*',
  '**',
  '_',
  '`',
  '```',
  '~~~',
  '#',
  '# ',
  '- ',
  '1. ',
  '> ',
  '|',
  '---',
  '[',
  ']',
  '](',
  ')',
  '(',
  '!',
  '![',
  '<',
  '>',
  '<think>',
  '</think>',
  '<b>',
  '&',
  '&amp;',
  'https://',
  'www.',
  'a.b/',
  'h',
  'w',
  '\\',
  '\n',
  '\n\n',
  ' ',
  '.',
  ',',
  '🙂',
  '👩‍👧',
  '❤️',
  '1️⃣',
  '你好',
  '。',
  'word',
  'Hello',
  '7',
  '=',
];
const written = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...signs) },
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

/** The text in parts of these lengths, over and over. */
function inParts(text: string, lengths: readonly number[]): string {
  const reader = new Spoken();
  let said = '';
  for (let at = 0, n = 0; at < text.length; n++) {
    const length = lengths[n % lengths.length] ?? 1;
    said += reader.push(text.slice(at, at + length));
    at += length;
  }
  return said + reader.end();
}

t.test('how a text is cut on its way makes no difference', async (t) => {
  for (const [name, text, said] of rows) t.equal(inParts(text, [1]), said, name);
  fc.assert(
    fc.property(
      written,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 7 }),
      (text, lengths) => {
        const whole = spoken(text);
        return inParts(text, [1]) === whole && inParts(text, lengths) === whole;
      },
    ),
    { numRuns: 2000 },
  );
});

t.test('a sentence is not held back behind its end', async (t) => {
  for (const text of ['Of course.', 'Yes!', 'Why?', '好的。', 'He said "no".', 'Well (yes).']) {
    const reader = new Spoken();
    let said = '';
    for (const sign of text) said += reader.push(sign);
    t.equal(said, text);
  }
});

t.test('what is left out does not pile up', async (t) => {
  const reader = new Spoken();
  for (const open of ['```\n', '<think>', '| ', '```\n']) {
    reader.push(open);
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 20_000; n++) reader.push('no line end, nothing to say; ');
    t.ok(process.memoryUsage().heapUsed - before < 30e6, open);
    t.equal(reader.end(), '');
  }
});
