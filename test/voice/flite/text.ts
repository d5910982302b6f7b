import t from 'tap';
import { asciiText, portions } from '../../../src/voice/flite/text.js';
import fc from '../../support/fastcheck.js';

t.test('takes accents off and writes signs out', async (t) => {
  for (const [text, read] of [
    ['Café crème, naïve Ærøskøbing in Łódź', 'Cafe creme, naive aeroskobing in lodz'],
    ['“Quoted” ‘single’ — dash', '"Quoted" \'single\', dash'],
    ['€5.50 and £3 and 20 °C', '5.50 euros and 3 pounds and 20 degrees Celsius'],
    ['2 × 3 = 6, ½ cup', '2 times 3 equals 6, 1/2 cup'],
    ['Straße', 'Strasse'],
    ['100 % & more', '100 % & more'],
  ] as const) {
    t.equal(asciiText(text), read);
  }
});

t.test('leaves out letters it cannot say', async (t) => {
  t.equal(asciiText('你好 world мир'), 'world');
  t.equal(asciiText('你好，世界。'), ', .');
});

t.test('gives nothing but printable ASCII for any text', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) =>
      /^[\x20-\x7e]*$/.test(asciiText(text)),
    ),
  );
});

t.test('says an ordinary sentence in one go', async (t) => {
  const text = 'The quick brown fox jumps over the lazy dog, and then (in 2024) it runs through the forest. '
    .repeat(3)
    .trim();
  t.same(portions(text), [text]);
  t.same(portions(''), []);
});

t.test('cuts what is said slowly more often, as it takes longer', async (t) => {
  const text = '77777 '.repeat(40).trim();
  const [usual, slow, quick] = [1, 4, 0.25].map((stretch) => portions(text, stretch));
  t.equal(usual!.length, 3);
  t.equal(slow!.length, 14);
  t.same(quick, usual);
  t.equal(slow!.join(' '), text);
});

t.test('cuts what is spelled letter by letter into portions, and loses no sign of it', async (t) => {
  for (const text of ['1'.repeat(300), 'x'.repeat(300), '$'.repeat(300), '3.14 '.repeat(60).trim()]) {
    const parts = portions(text);
    t.ok(parts.length > 2 && parts.every((part) => part.length <= 150), text.slice(0, 5));
    t.equal(parts.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
  }
});
