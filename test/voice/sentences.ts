import t from 'tap';
import { SentenceSplitter, splitSentences } from '../../src/voice/sentences.js';
import fc from '../support/fastcheck.js';

const cut = (text: string): string[] => [...splitSentences(text, { firstMax: 300 })].map((s) => s.text);

t.test(
  'cuts at full stops, question and exclamation marks, and keeps the space with the sentence before',
  async (t) => {
    t.same(cut('Hello there. How are you? Fine!'), ['Hello there. ', 'How are you? ', 'Fine!']);
  },
);

t.test('does not cut inside numbers, versions, addresses and times', async (t) => {
  for (const text of [
    'Pi is 3.14 or so.',
    'Use v1.2.3 now.',
    'See example.com for it.',
    'At 10.30 we go.',
    'It is 1,000.50 in all.',
  ]) {
    t.same(cut(text), [text]);
  }
});

t.test('does not cut after abbreviations and initials', async (t) => {
  for (const text of [
    'Mr. Smith met Dr. Jones at St. Paul.',
    'J. R. Tolkien wrote it.',
    'Fruit, e.g. apples, i.e. these.',
    'Cats, dogs etc. are pets.',
    'We met at 5 p.m. on Monday.',
    'Das ist z.B. so, bzw. anders.',
    'The U.S. economy grew.',
    '1. First do this.',
  ]) {
    t.same(cut(text), [text], text);
  }
});

t.test('cuts after an abbreviation that ends a sentence', async (t) => {
  t.same(cut('Bring apples etc. Then leave.'), ['Bring apples etc. ', 'Then leave.']);
  t.same(cut('We met at 5 p.m. Then we ate.'), ['We met at 5 p.m. ', 'Then we ate.']);
  t.same(cut('So did I. Then we ate.'), ['So did I. ', 'Then we ate.']);
  t.same(cut('It was 2024. We left.'), ['It was 2024. ', 'We left.']);
});

t.test('keeps closing quotes and brackets with their sentence', async (t) => {
  t.same(cut('“Stop!” She left. (He stayed.) Good.'), ['“Stop!” ', 'She left. ', '(He stayed.) ', 'Good.']);
  t.same(cut('“What?” he asked. "No." she said.'), ['“What?” he asked. ', '"No." she said.']);
});

t.test('closes quotes as German, French and Danish do', async (t) => {
  t.same(cut('„Halt.“ Er ging. »Gut!« Ja. « Non. » Oui.'), [
    '„Halt.“ ',
    'Er ging. ',
    '»Gut!« ',
    'Ja. ',
    '« Non. » ',
    'Oui.',
  ]);
});

t.test('takes an ellipsis as a pause when the sentence goes on and as an end when it does not', async (t) => {
  t.same(cut('Well... maybe. Or… Not.'), ['Well... maybe. ', 'Or… ', 'Not.']);
});

t.test('cuts Chinese and Japanese at their stops without spaces', async (t) => {
  t.same(cut('你好。“今天怎么样？”他问。很好！'), ['你好。', '“今天怎么样？”', '他问。', '很好！']);
  t.same(cut('これは本です。あれは？'), ['これは本です。', 'あれは？']);
  t.same(cut('价格是3.14元。Hello world. 再见。'), ['价格是3.14元。', 'Hello world. ', '再见。']);
});

t.test('cuts Arabic, Urdu and Hindi at their stops', async (t) => {
  t.same(cut('كيف حالك؟ أنا بخير. شكرا'), ['كيف حالك؟ ', 'أنا بخير. ', 'شكرا']);
  t.same(cut('यह एक है। वह दो है।'), ['यह एक है। ', 'वह दो है।']);
});

t.test('gives emoji to the sentence before them', async (t) => {
  t.same(cut('Great! 😀👍🏽 Next one. 👨‍👩‍👧'), ['Great! 😀👍🏽 ', 'Next one. 👨‍👩‍👧']);
});

t.test('cuts at a blank line and not at a line break', async (t) => {
  t.same(cut('A title\n\nThe text\ngoes on. End'), ['A title\n\n', 'The text\ngoes on. ', 'End']);
});

t.test('says where each sentence begins', async (t) => {
  const text = 'One. Zwei. 三。4';
  for (const { offset, text: part } of splitSentences(text))
    t.equal(text.slice(offset, offset + part.length), part);
});

t.test('cuts a long first sentence early, at a clause', async (t) => {
  const text = `${'When the sun had gone, '.repeat(3)}and then came the night, they went home to their families and slept for a long, long time.`;
  const [first, second] = splitSentences(text);
  t.equal(first?.text, 'When the sun had gone, When the sun had gone, When the sun had gone, ');
  t.equal(first?.pause, 'clause');
  t.equal(second?.pause, 'sentence');
});

t.test('cuts a sentence that is too long at a clause, else at a space, else anywhere', async (t) => {
  const options = { max: 40, firstMax: 40 };
  const cutAt = (text: string): [string, string][] =>
    [...splitSentences(text, options)].map((s) => [s.text, s.pause]);
  t.same(cutAt('aaaa bbbb cccc dddd, eeee ffff gggg hhhh iiii jjjj')[0], ['aaaa bbbb cccc dddd, ', 'clause']);
  t.same(cutAt('aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj')[0], [
    'aaaa bbbb cccc dddd eeee ffff gggg hhhh ',
    'none',
  ]);
  t.same(
    cutAt('x'.repeat(100)).map(([text]) => text.length),
    [40, 40, 20],
  );
  t.same(
    cutAt('天'.repeat(30)).map(([text]) => text.length),
    [13, 13, 4],
  );
});

t.test('never cuts between a letter and its marks, nor a pair in two', async (t) => {
  for (const { text } of splitSentences('e\u0301'.repeat(200), { max: 41, firstMax: 41 }))
    t.match(text, /^(e\u0301)+$/);
  for (const { text } of splitSentences('𠀀'.repeat(200), { max: 41, firstMax: 41 }))
    t.match(text, /^(𠀀)+$/u);
});

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom(
      '.',
      '!',
      '?',
      '。',
      '…',
      ',',
      '，',
      ' ',
      '\n',
      '"',
      '”',
      'a',
      'B',
      '3',
      'é',
      '中',
      '😀',
      '\u200d',
      '\ud83d',
      'م',
      'Mr',
      'e.g',
      '.\n\n',
      ' ',
    ),
    maxLength: 300,
  }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);
const lengths = fc.record({
  max: fc.integer({ min: 12, max: 80 }),
  firstMax: fc.integer({ min: 12, max: 80 }),
});

t.test('loses no character of any text', async () => {
  fc.assert(
    fc.property(texts, lengths, (text, options) => {
      const parts = [...splitSentences(text, options)];
      return (
        parts.map((s) => s.text).join('') === text && parts.every((s, n) => s.text !== '' && s.index === n)
      );
    }),
    { numRuns: 2000 },
  );
});

t.test('cuts the same however the text arrives', async () => {
  fc.assert(
    fc.property(
      texts,
      lengths,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (text, options, steps) => {
        const splitter = new SentenceSplitter(options);
        const parts: string[] = [];
        for (let at = 0, n = 0; at < text.length; n++) {
          const next = at + steps[n % steps.length]!;
          for (const { text: part } of splitter.push(text.slice(at, next))) parts.push(part);
          at = next;
        }
        for (const { text: part } of splitter.end()) parts.push(part);
        const whole = [...splitSentences(text, options)].map((s) => s.text);
        return JSON.stringify(parts) === JSON.stringify(whole);
      },
    ),
    { numRuns: 2000 },
  );
});

t.test('keeps every sentence within its length, but for marks that belong to the last letter', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', ' ', ',', '中', '3'), maxLength: 400 }),
      lengths,
      (text, options) =>
        [...splitSentences(text, options)].every(({ index, text: part }) => {
          const limit = index === 0 ? Math.min(options.max, options.firstMax) : options.max;
          const weight = [...part.trim()].reduce((sum, char) => sum + (char === '中' ? 3 : 1), 0);
          return weight <= limit;
        }),
    ),
    { numRuns: 1000 },
  );
});

t.test('an eager splitter lets a sentence go at its mark', async (t) => {
  const eager = new SentenceSplitter({ eager: true });
  t.same(
    [...eager.push('你好。')].map((s) => s.text),
    ['你好。'],
  );
  t.same(
    [...eager.push('Really?')].map((s) => s.text),
    ['Really?'],
  );
  t.same([...eager.push(' Yes.')], [], 'a full stop may be a number or an abbreviation');
  t.same(
    [...eager.push(' N')].map((s) => s.text),
    [' Yes. '],
  );
});

t.test('holds no more than a few sentences of a text without an end', async (t) => {
  const splitter = new SentenceSplitter();
  let longest = 0;
  let total = 0;
  for (let n = 0; n < 10_000; n++) {
    for (const { text } of splitter.push('😀 ... ,,, ')) {
      longest = Math.max(longest, text.length);
      total += text.length;
    }
  }
  t.ok(longest < 2000, `longest ${longest}`);
  t.ok(total > 100_000, `given ${total}`);
});
