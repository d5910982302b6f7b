import t from 'tap';
import { Interruptions } from '../../src/dialog/interruptions.js';

t.test('a turn is old when whoever wrote it has cut since', async (t) => {
  const heard = new Interruptions();
  t.equal(heard.isOld('', 'typist'), false, 'nobody has cut');
  t.equal(heard.take('one', 'typist'), true);
  t.equal(heard.isOld('', 'typist'), true, 'written before it');
  t.equal(heard.isOld('one', 'typist'), false);
  t.equal(heard.isOld('', 'microphone'), false, 'others have not cut');
});

t.test('a cut of which the voice told first is no less a cut of the one who made it', async (t) => {
  const heard = new Interruptions();
  heard.take('one', 'typist');
  t.equal(heard.take('two'), true, 'the voice tells');
  t.equal(heard.take('two', 'typist'), false, 'no news');
  t.equal(heard.isOld('two', 'typist'), false, 'what comes with it is answered');
  t.equal(heard.isOld('one', 'typist'), true);
  heard.take('one', 'typist');
  t.equal(heard.isOld('two', 'typist'), false, 'a late message of an older one changes nothing');
  t.same(heard.tell(), ['one', 'two'], 'each is told once');
});
