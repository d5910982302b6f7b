// biome-ignore-all lint/suspicious/noTemplateCurlyInString: graph files have this form

import t from 'tap';
import {
  escapeTemplate,
  fillTemplate,
  isTemplate,
  isWhole,
  parseTemplate,
  printTemplate,
} from '../../src/graph/template.js';
import fc from '../support/fastcheck.js';

const fill = (text: string, values: Record<string, string>) => {
  const parsed = parseTemplate(text);
  return isTemplate(parsed) ? fillTemplate(parsed, (name) => values[name] ?? '?') : parsed;
};

t.test('knows $name, ${name} and $$', async (t) => {
  t.equal(fill('$text', { text: 'hi' }), 'hi');
  t.equal(
    fill('say ${text}s and $$5, $batch-size.', { text: 'word', 'batch-size': '8' }),
    'say words and $5, 8.',
  );
});

t.test('a dollar before anything else is a dollar', async (t) => {
  t.equal(parseTemplate('costs $5 or 3$ or $'), 'costs $5 or 3$ or $');
  t.equal(parseTemplate('no dollar'), 'no dollar');
});

t.test('tells a whole value from a text with a parameter in it', async (t) => {
  const whole = parseTemplate('${a}');
  const part = parseTemplate('$a.');
  t.ok(isTemplate(whole) && isWhole(whole));
  t.ok(isTemplate(part) && !isWhole(part));
});

t.test('says where each use stands', async (t) => {
  const parsed = parseTemplate('x $a ${bc}');
  t.same(isTemplate(parsed) && parsed.names, [
    { name: 'a', start: 2, end: 4 },
    { name: 'bc', start: 5, end: 10 },
  ]);
});

t.test('an escaped text reads back as itself', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '5', ' ', '-') }), (text) => {
      t.equal(parseTemplate(escapeTemplate(text)), text);
    }),
  );
});

t.test('a printed template reads back as itself', async (t) => {
  const piece = fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '5', ' ', '-') });
  fc.assert(
    fc.property(
      piece,
      fc.array(fc.tuple(fc.constantFrom('a', 'b-c'), piece), { minLength: 1 }),
      (head, uses) => {
        const text = printTemplate({
          texts: [head, ...uses.map(([, after]) => after)],
          names: uses.map(([name]) => ({ name, start: 0, end: 0 })),
        });
        const parsed = parseTemplate(text);
        t.ok(isTemplate(parsed));
        if (!isTemplate(parsed)) return;
        t.same(
          parsed.names.map((use) => use.name),
          uses.map(([name]) => name),
        );
        t.same(parsed.texts, [head, ...uses.map(([, after]) => after)]);
      },
    ),
  );
});
