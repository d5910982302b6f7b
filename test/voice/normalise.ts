import t from 'tap';
import { isSpeakable, soundless } from '../../src/voice/normalise.js';

t.test('removes emoji, control and direction characters and folds spaces', async (t) => {
  t.equal(soundless('Hi 👋🏽\u0000\u202e  there\t🇩🇪!\n❤️'), 'Hi there !');
  t.equal(soundless('👨‍👩‍👧 1️⃣'), '1');
  t.equal(soundless('half a pair \ud83d here'), 'half a pair here');
});

t.test('keeps letters, digits, marks and punctuation of every script', async (t) => {
  for (const text of [
    'Ünïcödé, «quotes» — 100 %',
    '你好，世界。',
    'مرحبا بك؟',
    'नमस्ते।',
    'می‌خواهم',
    '3.14 € = $4',
  ]) {
    t.equal(soundless(text), text);
  }
});

t.test('knows what has a sound', async (t) => {
  for (const text of ['a', '7', '中', 'é', 'ا']) t.ok(isSpeakable(text), text);
  for (const text of ['', ' \n', '...', '😀', '— “”', '\u200b'])
    t.notOk(isSpeakable(text), JSON.stringify(text));
});
