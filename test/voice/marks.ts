import t from 'tap';
import { WordFinder } from '../../src/voice/marks.js';

t.test('finds words in order, equal ones too, whatever their case', async (t) => {
  const finder = new WordFinder('The dog and the other dog.', 100);
  t.same(
    ['the', 'dog', 'and', 'The', 'dog'].map((word) => finder.find(word)),
    [100, 104, 108, 112, 122],
  );
});

t.test('says nothing about a word that is not written like this', async (t) => {
  const finder = new WordFinder('It costs €5 today.', 0);
  t.equal(finder.find('euros'), undefined);
  t.equal(finder.find('today'), 12);
});

t.test('finds words that were read without their accents', async (t) => {
  const finder = new WordFinder('Café crème, für cafe\u0301.', 0);
  t.same(
    ['cafe', 'creme', 'fur', 'cafe'].map((word) => finder.find(word)),
    [0, 5, 12, 16],
  );
});

t.test('does not take a far word of the same spelling for the one that is said', async (t) => {
  const finder = new WordFinder(`fünf ${'x '.repeat(40)}five`, 0);
  t.equal(finder.find('five'), undefined);
});

t.test('keeps places right where lower case is longer than the letter', async (t) => {
  const text = 'İİİ word';
  t.equal(new WordFinder(text, 0).find('word'), text.indexOf('word'));
});
