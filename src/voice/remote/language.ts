/** The language of a sentence as far as its letters tell. */

/** First match counts: Japanese writes Chinese characters too, Chinese and Korean texts have Latin words in them. */
const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Han}/u, 'zh'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Thai}/u, 'th'],
  [/\p{Script=Greek}/u, 'el'],
  [/\p{Script=Hebrew}/u, 'he'],
];

/** BCP 47 of a text by its script; Latin letters say nothing, so they are taken for `latin`. */
export function languageOf(text: string, latin = 'en'): string {
  return SCRIPTS.find(([script]) => script.test(text))?.[1] ?? latin;
}
