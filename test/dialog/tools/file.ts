import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readTools } from '../../../src/dialog/tools/file.js';

function written(t: Test, text: string): string {
  const file = join(t.testdir(), 'tools.yaml');
  writeFileSync(file, text);
  return file;
}

t.test('a tool has a name, a description and an address; the rest has defaults', async (t) => {
  const file = written(
    t,
    'tools:\n  - { name: dice, description: A die, url: "http://127.0.0.1:9/dice?a=1" }\n',
  );
  const [dice] = await readTools(file);
  t.match(dice, { name: 'dice', timeout: 10, say: '', parameters: { type: 'object', properties: {} } });
  t.equal(dice?.url.href, 'http://127.0.0.1:9/dice?a=1');
  t.equal(dice?.key, undefined);
});

t.test('JSON is YAML, and a schema goes through as it is', async (t) => {
  const parameters = {
    type: 'object',
    properties: { place: { type: 'string', enum: ['here', 'there'] } },
    required: ['place'],
    additionalProperties: false,
  };
  process.env['TEST_TOOL_KEY'] = 'k-123456';
  t.teardown(() => delete process.env['TEST_TOOL_KEY']);
  const tool = {
    name: 'weather',
    description: 'Now',
    parameters,
    url: 'https://tools.test/weather',
    key: 'TEST_TOOL_KEY',
    timeout: 2.5,
    say: 'One moment.',
  };
  const [read] = await readTools(written(t, JSON.stringify({ tools: [tool] })));
  t.same({ ...read, url: read?.url.href }, tool);
});

t.test('what cannot be is told with its place', async (t) => {
  const one = (more: object) =>
    JSON.stringify({ tools: [{ name: 'a', description: 'b', url: 'http://127.0.0.1:9/', ...more }] });
  const rows: [string, RegExp][] = [
    ['tools: [', /not right/],
    ['weather', /file: .*object/],
    ['tools: []', /tools: /],
    ['tolls: []', /tools: .*; .*tolls/],
    [one({ name: 'two words' }), /tools\.0\.name: expected up to 64 letters/],
    [one({ url: 'file:///etc/passwd' }), /tools\.0\.url: expected an address like/],
    [one({ url: 'http://me:pw@127.0.0.1/' }), /tools\.0\.url: .*without a password/],
    [one({ parameters: { type: 'string' } }), /tools\.0\.parameters\.type/],
    [one({ timeout: 0 }), /tools\.0\.timeout/],
    [one({ timeout: 61 }), /tools\.0\.timeout/],
    [
      one({ key: 'NOBODY_HAS_SET_THIS' }),
      /the tool a wants its key in .* NOBODY_HAS_SET_THIS, which is not set/,
    ],
    [
      'tools:\n- {name: a, description: b, url: "http://h/"}\n- {name: a, description: c, url: "http://h/"}',
      /the name a stands for two/,
    ],
  ];
  for (const [text, message] of rows) {
    const file = written(t, text);
    await t.rejects(readTools(file), { code: 'resource/settings', message, details: { file } }, text);
  }
  await t.rejects(readTools(join(t.testdir(), 'none.yaml')), {
    code: 'resource/not-found',
    message: /none\.yaml/,
  });
  await t.rejects(readTools(t.testdir()), { code: 'resource/read' });
});
