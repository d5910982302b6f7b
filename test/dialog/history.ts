import t from 'tap';
import { History, tokens } from '../../src/dialog/history.js';

const told = (history: History) => history.messages().map(({ role, content }) => `${role[0]}: ${content}`);

t.test('turns are told as they were, the system prompt first', async (t) => {
  const history = new History({ system: 'Be brief.', limit: 1000 });
  t.same(told(history), ['s: Be brief.']);
  history.asked('Who?');
  history.said('a', 'You');
  history.said('a', ' and I.');
  history.asked('When?');
  t.same(told(history), ['s: Be brief.', 'u: Who?', 'a: You and I.', 'u: When?']);
  history.clear();
  history.set({ system: '', limit: 10 });
  t.same(told(history), []);
});

t.test('of an answer that was cut only what was heard is told, whatever is still written', async (t) => {
  const history = new History({ system: '', limit: 1000 });
  history.asked('Tell me.');
  history.said('a', 'Once upon a time there');
  history.heard('a', 'Once upon');
  history.said('a', ' was a king.');
  history.said('b', 'Another answer.');
  history.heard('b', '');
  history.said('b', ' More.');
  history.heard('nobody', 'knows');
  history.asked('Stop.');
  t.same(told(history), ['u: Tell me.', 'a: Once upon', 'u: Stop.']);
});

t.test('of a draft that was dropped late it is told what was heard, and what was asked', async (t) => {
  const history = new History({ system: '', limit: 1000 });
  for (const id of ['a', 'b', 'c']) {
    history.asked(`${id}?`, id);
    history.said(id, `${id} is what you want.`);
    history.settle(id, false);
    t.same(told(history), []);
  }
  history.heard('a', 'a is');
  history.heard('c', '');
  t.same(told(history), [], 'of others, and of nothing, nothing');
  history.heard('c', 'c is');
  history.said('c', ' more');
  history.asked('c, please?');
  t.same(told(history), ['u: c?', 'a: c is', 'u: c, please?']);
});

t.test('roles take turns, also when an answer was not heard at all', async (t) => {
  const history = new History({ system: '', limit: 1000 });
  history.asked('One?');
  history.said('a', 'Un');
  history.heard('a', '');
  history.asked('Two?');
  t.same(told(history), ['u: One?\nTwo?']);
});

t.test('the oldest turns go first, the system prompt and the last question stay', async (t) => {
  const history = new History({ system: 'x'.repeat(40), limit: 70 });
  for (let n = 0; n < 9; n++) {
    history.asked(`${n}`.repeat(40));
    history.said(`${n}`, 'y'.repeat(20));
  }
  history.asked('z'.repeat(40));
  // 14 of the prompt, 14 of the question, 9 + 14 of the turn before; one more answer would fit, but not its question.
  t.same(
    history.messages().map(({ content }) => content[0]),
    ['x', '8', 'y', 'z'],
  );
  history.asked('long '.repeat(400));
  t.equal(history.messages().length, 2);
});

t.test('an ideograph is a token, four other signs are one', async (t) => {
  t.equal(tokens('你好世界'), 8);
  t.equal(tokens('12345678'), 6);
  t.equal(tokens('한글 ok'), 7);
});

t.test(
  'a draft is told to nobody but its own answer before it is kept, and leaves nothing when it is dropped',
  async (t) => {
    const history = new History({ system: '', limit: 1000 });
    history.asked('One?');
    history.said('a', 'Un.');
    history.asked('Two', 'd1');
    history.said('d1', 'Deux.');
    t.same(told(history), ['u: One?', 'a: Un.']);
    t.same(
      history.messages('d1').map(({ content }) => content),
      ['One?', 'Un.', 'Two', 'Deux.'],
    );
    history.settle('d1', false);
    history.asked('Two and three?', 'd2');
    history.said('d2', 'Cinq.');
    history.settle('d2', true);
    history.said('d2', ' Voilà.');
    history.asked('Thanks.');
    t.same(told(history), ['u: One?', 'a: Un.', 'u: Two and three?', 'a: Cinq. Voilà.', 'u: Thanks.']);
  },
);
