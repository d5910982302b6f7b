import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../../src/graph/find.js';
import { readVisemes } from '../../../src/lipsync/visemes.js';
import { Visemes } from '../../../src/voice/microsoft/visemes.js';

t.test('a shape lasts until the next, the last one to the end of the sound', async (t) => {
  const visemes = new Visemes();
  t.same(visemes.take(0, 0), []);
  t.same(visemes.take(12, 0.05), [{ phone: 'pau', start: 0, end: 0.05 }]);
  t.same(visemes.take(4, 0.125), [{ phone: 'hh', start: 0.05, end: 0.125 }]);
  // At the same moment: the later one counts.
  t.same(visemes.take(21, 0.125), []);
  t.same(visemes.end(0.5), [{ phone: 'p', start: 0.125, end: 0.5 }]);
  t.same(visemes.end(0.6), []);
});

t.test('all 22 shapes are sounds, and nothing else is', async (t) => {
  const visemes = new Visemes();
  const phones = Array.from({ length: 23 }, (_, id) => visemes.take(id, id / 10)).flat();
  t.equal(phones.length, 22);
  t.equal(phones.at(-1)?.phone, 'p');
  t.same(visemes.end(9), [], 'there is no shape 22');
});

t.test('each of them is a mouth of the default face model', async (t) => {
  const { phones } = await readVisemes(join(PACKAGE, 'models', 'tinylip', 'visemes.json'));
  const visemes = new Visemes();
  for (let id = 0; id <= 22; id++)
    for (const { phone } of visemes.take(id, id)) t.ok(phones.has(phone), phone);
});
