import t, { type Test } from 'tap';
import type { Tool } from '../../../src/dialog/tools/file.js';
import { useTool } from '../../../src/dialog/tools/use.js';
import { HttpClient } from '../../../src/service/http.js';
import { FakeTools, type ToolScript } from '../../fakes/fake-tools.js';

const http = new HttpClient();
t.teardown(() => http.close());
const never = new AbortController().signal;

async function open(t: Test, script: ToolScript, more: Partial<Tool> = {}) {
  const fake = await FakeTools.open({ it: script });
  t.teardown(() => fake.close());
  const tool: Tool = {
    name: 'it',
    description: 'It',
    url: new URL(`${fake.url}/it`),
    parameters: { type: 'object' },
    timeout: 5,
    say: '',
    ...more,
  };
  const use = (args: string, signal = never, name = 'it') =>
    useTool(http, [tool], { id: 'call_1', name, args }, signal);
  return { fake, use };
}

t.test('arguments are posted as JSON, with the key, and what comes back is the result', async (t) => {
  process.env['TEST_TOOL_KEY'] = 'k-123456';
  t.teardown(() => delete process.env['TEST_TOOL_KEY']);
  const { fake, use } = await open(t, (_, response) => response.end('{"degrees": 7}'), {
    key: 'TEST_TOOL_KEY',
  });
  t.same(await use('{ "place": "Tromsø" }'), { content: '{"degrees": 7}' });
  t.match(fake.requests, [
    {
      path: '/it',
      headers: { 'content-type': 'application/json', authorization: 'Bearer k-123456' },
      body: '{"place":"Tromsø"}',
    },
  ]);
  t.same(await use(''), { content: '{"degrees": 7}' });
  t.equal(fake.requests[1]?.body, '{}', 'no arguments are none');
});

t.test('what cannot be called is not, and the model is told', async (t) => {
  const { fake, use } = await open(t, (_, response) => response.end('yes'));
  for (const args of ['{"place": "Tro', '[1]', '"x"', 'null', '7'])
    t.match(await use(args), { content: /one JSON object/, error: { code: 'stream/format' } }, args);
  t.match(await use('{}', never, 'that'), {
    content: /no tool that/,
    error: { code: 'resource/not-found' },
  });
  t.same(fake.requests, []);
});

t.test('a tool that fails is told in a sentence, with its own words and without its key', async (t) => {
  process.env['TEST_TOOL_KEY'] = 'k-123456';
  t.teardown(() => delete process.env['TEST_TOOL_KEY']);
  const rows: [ToolScript, string, RegExp][] = [
    [
      (_, response) => response.writeHead(422).end('{"detail": "place is missing k-123456"}'),
      'resource/settings',
      /does not accept .* the tool it \(422\). It says: .*place is missing …/,
    ],
    [(_, response) => response.writeHead(503).end(), 'resource/unreachable', /cannot serve the tool it now/],
    [
      (_, response) => response.writeHead(307, { location: 'http://127.0.0.2:1/' }).end(),
      'resource/settings',
      /elsewhere/,
    ],
    [(_, response) => response.socket?.resetAndDestroy(), 'resource/unreachable', /cannot be reached/],
    [(_, response) => response.end('x'.repeat((64 << 10) + 1)), 'resource/quota', /sent more than 64 KiB/],
  ];
  for (const [script, code, content] of rows) {
    const { use } = await open(t, script, { key: 'TEST_TOOL_KEY' });
    const used = await use('{}');
    t.match(used, { content, error: { code } });
    t.match(JSON.parse(used.content), { error: String });
    t.notMatch(used.content, 'k-123456');
  }
});

t.test('a tool that is too slow is let go, before its answer and in the middle of it', async (t) => {
  for (const begins of [false, true]) {
    const script: ToolScript = (_, response) => void (begins && response.write('so'));
    const { fake, use } = await open(t, script, { timeout: 0.05 });
    t.match(await use('{}'), { content: /longer than 0.05 s/, error: { code: 'resource/unreachable' } });
    await fake.requests[0]?.closed;
  }
});

t.test('an abort closes the connection', async (t) => {
  const abort = new AbortController();
  const { fake, use } = await open(t, () => abort.abort());
  await use('{}', abort.signal);
  await fake.requests[0]?.closed;
  t.equal(fake.requests.length, 1);
});
