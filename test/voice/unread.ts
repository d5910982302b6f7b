import t from 'tap';
import { Unread } from '../../src/voice/unread.js';

const latinOnly = (sign: string) => !/[a-z0-9]/i.test(sign);

function unread(...texts: string[]): Unread {
  const found = new Unread();
  for (const text of texts) found.add(text, latinOnly);
  return found;
}

t.test('a text that was read whole is nothing to speak of', async (t) => {
  const all = unread('One, ', '2!');
  t.equal(all.failure('v/n', 'English'), undefined);
  t.equal(all.warning('v/n', 'English'), undefined);
  const whole = new Unread();
  whole.addWhole();
  t.equal(whole.failure('v/n', undefined), undefined);
});

t.test('letters left out are counted and named by their scripts, over all sentences', async (t) => {
  const some = unread('Hi שלום', 'мир 7', 'ᚠ');
  t.equal(some.failure('v/n', 'English'), undefined);
  t.match(some.warning('v/n', 'English'), {
    code: 'stream/wrong-type',
    message:
      'The voice v/n left out 8 of 11 letters and digits: it reads English, and these are Cyrillic, Hebrew and other. ' +
      '"talkgraph voices" lists who else can speak.',
    details: { voice: 'v/n', left: 8, scripts: 'Cyrillic Hebrew other' },
  });
});

t.test('a text without anything that has a sound is told apart from one in other letters', async (t) => {
  for (const text of ['', '😀', '?!']) {
    t.match(
      unread(text).failure('v/n', 'English'),
      { message: /no letter and no digit .* for v\/n to say/ },
      text,
    );
  }
  const none = unread('ไทย');
  t.match(none.failure('v/n', undefined), {
    message: /v\/n can say nothing .*: it reads other letters, .* are Thai\./,
  });
  t.equal(none.warning('v/n', undefined), undefined, 'one of both is enough');
});
