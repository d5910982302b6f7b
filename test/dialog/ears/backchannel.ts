import t from 'tap';
import { isBackchannel, isEcho, weightyWords, wordsOf } from '../../../src/dialog/ears/backchannel.js';

t.test('words of many scripts', async (t) => {
  t.same(wordsOf("It's 3 o'clock – now!"), ['its', '3', 'oclock', 'now']);
  t.same(wordsOf('今天 3 号, OK?'), ['今', '天', '3', '号', 'ok']);
  t.same(wordsOf('👍 …'), []);
});

t.test('who only says that they are listening, and who says more', async (t) => {
  for (const text of ['Mm-hm.', 'Uh-huh', 'yeah, right', 'OK!', '嗯嗯', '对对对。', 'ja, genau'])
    t.ok(isBackchannel(text), text);
  for (const text of ['', '…', 'yeah but no', 'stop', 'ok go on please', '不对', 'yes yes yes yes'])
    t.notOk(isBackchannel(text), text);
  t.equal(weightyWords('mhm'), 0);
  t.equal(weightyWords('stop it'), 2);
});

t.test('an echo is what we said, in its order, give or take a word', async (t) => {
  const said = 'The weather in Oslo is fine today, with some clouds in the evening.';
  t.ok(isEcho('weather in also is fine', said));
  t.ok(isEcho('clouds in the evening', said));
  t.notOk(isEcho('evening clouds today fine', said));
  t.notOk(isEcho('what about tomorrow', said));
  t.notOk(isEcho('today', said), 'one word is an answer');
  t.ok(isEcho('天气很好', '今天天气很好。'));
});
