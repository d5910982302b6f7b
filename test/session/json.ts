import t from 'tap';
import { excess, parsed } from '../../src/session/json.js';
import fc from '../support/fastcheck.js';

t.test('lets through whatever a client sends', async (t) => {
  fc.assert(fc.property(fc.json({ maxDepth: 20 }), (text) => excess(text) === undefined));
  const messages = Array.from({ length: 1000 }, (_, n) => ({
    role: 'tool',
    tool_call_id: `${n}`,
    content: [{ type: 'text', text: '{"a":[1,2,3]}'.repeat(9) }],
  }));
  t.equal(excess(JSON.stringify({ messages })), undefined);
  t.equal(
    excess(JSON.stringify({ text: '[{,'.repeat(300_000) })),
    undefined,
    'a text may hold what it likes',
  );
  t.equal(excess('{"text": "half a'), undefined, 'what is no JSON is told by who parses it');
});

t.test('counts what stands outside of strings, whatever stands in them', async (t) => {
  const deep = (n: number) => `${'[{"\\\\\\"]}":'.repeat(n / 2)}1${'}]'.repeat(n / 2)}`;
  t.equal(excess(deep(32)), undefined);
  t.match(excess(deep(34)), /^Expected at most 32 objects and lists/);
  t.match(excess(`{"a":[${'"\\\\",'.repeat(20_000)}1]}`), /^Expected at most 20000 members/);
  t.match(excess('['.repeat(400_000)), /within one another/);
});

t.test('a message that is none says nothing', async (t) => {
  t.same(parsed('{"type":"end"}'), { type: 'end' });
  for (const text of ['', '{"type":', '['.repeat(100_000) + ']'.repeat(100_000)])
    t.equal(parsed(text), undefined);
});
