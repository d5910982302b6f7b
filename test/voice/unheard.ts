import t from 'tap';
import { Heard } from '../../src/voice/heard.js';
import { Unheard } from '../../src/voice/unheard.js';
import { Written } from '../../src/voice/written.js';

const TALE = 'There was a king. He had a daughter. She sang.';
const sentences = [
  { at: 0, offset: 0, text: 'There was a king. ' },
  { at: 700, offset: 18, text: 'He had a daughter. ' },
  { at: 1500, offset: 37, text: 'She sang.' },
];

/** A tale of 2,000 samples that is being said, and who keeps what is left of it. */
function tale(id = 'tale', text: string | Written = TALE, again = false) {
  const heard = new Heard();
  const unheard = new Unheard(heard);
  unheard.add(id, text, 'flite/slt', again);
  const marks = sentences.map(({ at, offset, text }, index) => ({
    type: 'sentence' as const,
    ...{ at, offset, text, index },
  }));
  heard.made(id, 2000, marks);
  return unheard;
}
const texts = (unheard: Unheard, cut: string) => unheard.take(cut).map(({ of, text }) => `${of}: ${text}`);

t.test('what a cut left begins with the sentence that it cut', async (t) => {
  const rows: [number, string[]][] = [
    [0, [`tale: ${TALE}`]],
    [699, [`tale: ${TALE}`]],
    [700, ['tale: He had a daughter. She sang.']],
    [1600, ['tale: She sang.']],
    [2000, []],
  ];
  for (const [samples, left] of rows) {
    const unheard = tale();
    unheard.cut('c', { id: 'tale', samples });
    t.same(texts(unheard, 'c'), left, `${samples} samples`);
  }
});

t.test('what waited behind it is left whole; what was said before, and clips, are not', async (t) => {
  const unheard = tale();
  unheard.add('clip', '', '');
  unheard.add('more', 'And more.', 'flite/rms');
  unheard.cut('c', { id: 'tale', samples: 1999 });
  const left = unheard.take('c');
  t.match(left, [
    { of: 'tale', text: 'She sang.', voice: 'flite/slt' },
    { of: 'more', text: 'And more.', voice: 'flite/rms' },
  ]);
  t.not(left[0]?.id, 'tale');
  const next = tale();
  next.add('new', 'Something new.', '');
  next.cut('c', { id: 'new', samples: 3 });
  t.same(texts(next, 'c'), ['new: Something new.']);
});

t.test('it is left once, for the cut that left it, and for as long as nothing else is said', async (t) => {
  const cut = (unheard: Unheard, id: string) => unheard.cut(id, { id: 'tale', samples: 800 });
  const once = tale();
  cut(once, 'c');
  t.same(texts(once, 'another'), []);
  t.same(texts(once, 'c'), ['tale: He had a daughter. She sang.']);
  t.same(texts(once, 'c'), []);
  cut(once, 'd');
  t.same(texts(once, 'c'), [], 'a later cut is meant');
  t.same(texts(once, 'd'), [], 'and there was nothing left for it');
  const said = tale();
  cut(said, 'c');
  said.add('new', 'Something new.', '');
  t.same(texts(said, 'c'), []);
});

t.test('of what was still being written, the sentences that are whole', async (t) => {
  const written = new Written();
  written.push('There was a king. He had a daughter. She sa');
  const unheard = tale('tale', written);
  unheard.cut('c', { id: 'tale', samples: 100 });
  t.same(texts(unheard, 'c'), ['tale: There was a king. He had a daughter. ']);
  const one = new Written();
  one.push('There was a ki');
  const nothing = tale('tale', one);
  nothing.cut('c', undefined);
  t.same(texts(nothing, 'c'), []);
});

t.test('a sentence that is cut a second time is given up', async (t) => {
  const unheard = tale('tale', TALE, true);
  unheard.cut('c', { id: 'tale', samples: 300 });
  t.same(texts(unheard, 'c'), []);
  const further = tale('tale', TALE, true);
  further.cut('c', { id: 'tale', samples: 800 });
  t.same(texts(further, 'c'), ['tale: He had a daughter. She sang.']);
});
