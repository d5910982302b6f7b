import t from 'tap';
import { languageOf } from '../../../src/voice/remote/language.js';

t.test('the letters tell the language, as far as they can', async (t) => {
  for (const [text, language] of [
    ['Hello.', 'en'],
    ['你好 hello', 'zh'],
    ['漢字とかな', 'ja'],
    ['안녕 中', 'ko'],
    ['Привет', 'ru'],
    ['مرحبا', 'ar'],
    ['123', 'en'],
  ] as const) {
    t.equal(languageOf(text), language, text);
  }
  t.equal(languageOf('Grüße', 'de'), 'de');
});
