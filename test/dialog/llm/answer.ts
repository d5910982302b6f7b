import t, { type Test } from 'tap';
import { answer, type Step } from '../../../src/dialog/llm/answer.js';
import { Calls } from '../../../src/dialog/llm/calls.js';
import type { Tool } from '../../../src/dialog/tools/file.js';
import { HttpClient } from '../../../src/service/http.js';
import { chunk, FakeChat, type Script, says } from '../../fakes/fake-openai-chat.js';
import { FakeTools, type ToolScript } from '../../fakes/fake-tools.js';

const http = new HttpClient();
t.teardown(() => http.close());

const TOOLS: Record<string, ToolScript> = {
  weather: ({ body }, response) => void response.end(`7 degrees in ${JSON.parse(body).place}`),
  clock: (_, response) => void response.end('noon'),
  broken: (_, response) => void response.writeHead(500).end(),
  slow: () => undefined,
};

async function open(t: Test, scripts: Script[]) {
  const [fake, served] = [await FakeChat.open(), await FakeTools.open(TOOLS)];
  t.teardown(async () => {
    await fake.close();
    await served.close();
  });
  fake.answers((writer, exchange) => scripts.shift()?.(writer, exchange));
  const tools: Tool[] = Object.keys(TOOLS).map((name) => ({
    name,
    description: `The ${name}`,
    url: new URL(`${served.url}/${name}`),
    parameters: { type: 'object', properties: {} },
    timeout: 5,
    say: name === 'clock' ? '' : `Asking the ${name}.`,
  }));
  const abort = new AbortController();
  const steps = answer(
    { url: fake.url, model: 'fake-1', keyNames: [], lengthField: 'max_tokens' },
    {
      http,
      messages: [{ role: 'user', content: 'Well?' }],
      signal: abort.signal,
      firstMs: 5000,
      stallMs: 5000,
    },
    tools,
  );
  return { fake, served, steps, abort };
}

/** What a person hears, and what happened. */
async function all(steps: AsyncGenerator<Step, unknown>) {
  const [said, happened]: [string[], string[]] = [[], []];
  for (;;) {
    const { value, done } = await steps.next();
    if (done) return { said: said.join(''), happened, end: value };
    if ('say' in value) said.push(value.say);
    else if ('used' in value)
      happened.push(`${value.call.name}: ${value.used.error?.code ?? value.used.content}`);
    else {
      if (value.meanwhile !== '') said.push(`(${value.meanwhile})`);
      happened.push(`called ${value.calls.map(({ name }) => name).join(' ')}`);
    }
  }
}

const calls =
  (...list: [string, ...string[]][]): Script =>
  async (writer) => {
    for (const [n, [name, ...args]] of list.entries()) await writer.call(n, `call_${name}_${n}`, name, args);
    await writer.done('tool_calls');
  };

t.test('tools are offered, called together, and told in their order', async (t) => {
  const { fake, served, steps } = await open(t, [
    calls(['weather', '{"pla', 'ce": "Oslo"}'], ['clock'], ['weather', '{"place":"Rome"}']),
    says('It is ', 'cold.'),
  ]);
  t.same(await all(steps), {
    said: '(Asking the weather.)It is cold.',
    happened: [
      'called weather clock weather',
      'weather: 7 degrees in Oslo',
      'clock: noon',
      'weather: 7 degrees in Rome',
    ],
    end: 'stop',
  });
  t.equal(served.requests.length, 3);
  const [first, second] = fake.exchanges.map(({ asked }) => asked);
  t.match(first?.['tools'], [
    {
      type: 'function',
      function: {
        name: 'weather',
        description: 'The weather',
        parameters: { type: 'object', properties: {} },
      },
    },
    { function: { name: 'clock' } },
    {},
    {},
  ]);
  t.notOk('tool_choice' in (first ?? {}));
  const call = (n: number, name: string, args: string) => ({
    id: `call_${name}_${n}`,
    type: 'function',
    function: { name, arguments: args },
  });
  t.same(second?.messages, [
    { role: 'user', content: 'Well?' },
    {
      role: 'assistant',
      content: '',
      tool_calls: [
        call(0, 'weather', '{"place": "Oslo"}'),
        call(1, 'clock', ''),
        call(2, 'weather', '{"place":"Rome"}'),
      ],
    },
    { role: 'tool', tool_call_id: 'call_weather_0', content: '7 degrees in Oslo' },
    { role: 'tool', tool_call_id: 'call_clock_1', content: 'noon' },
    { role: 'tool', tool_call_id: 'call_weather_2', content: '7 degrees in Rome' },
  ]);
});

t.test('who says something itself needs no words of ours', async (t) => {
  const { steps } = await open(t, [
    async (writer) => {
      await writer.say('I will look. ');
      await writer.call(0, 'c1', 'weather', ['{"place":"Oslo"}']);
      // Ollama and others end so although they call.
      await writer.done('stop');
    },
    calls(['weather', '{"place":"Rome"}']),
    says('Cold.'),
  ]);
  t.match(await all(steps), { said: 'I will look. Cold.', end: 'stop' });
});

t.test('what goes wrong is told to the model, which says what it makes of it', async (t) => {
  const { fake, steps } = await open(t, [
    calls(['weather', '{"place": '], ['broken', '{}'], ['nothing', '{}']),
    says('I cannot say.'),
  ]);
  t.match(await all(steps), {
    said: '(Asking the weather.)I cannot say.',
    happened: [
      'called weather broken nothing',
      'weather: stream/format',
      'broken: resource/unreachable',
      'nothing: resource/not-found',
    ],
  });
  const told = fake.last.asked.messages.filter(({ role }) => role === 'tool');
  t.match(told, [{ content: /JSON object/ }, { content: /\(500\)/ }, { content: /no tool nothing/ }]);
});

t.test('who calls for ever must answer after four rounds', async (t) => {
  const again = calls(['clock']);
  const { fake, steps } = await open(t, [again, again, again, again, says('Noon, as often as you ask.')]);
  const { happened, said, end } = await all(steps);
  t.equal(happened.filter((one) => one === 'clock: noon').length, 4);
  t.same([said, end], ['Noon, as often as you ask.', 'stop']);
  t.same(
    fake.exchanges.map(({ asked }) => asked['tool_choice']),
    [undefined, undefined, undefined, undefined, 'none'],
  );
  const stubborn = await open(
    t,
    Array.from({ length: 9 }, () => again),
  );
  t.match(await all(stubborn.steps), { said: '', end: 'stop' });
  t.equal(stubborn.fake.exchanges.length, 5, 'and is not heard when it calls again');
});

t.test('a cut lets go of the tool, too', async (t) => {
  const { fake, served, steps, abort } = await open(t, [calls(['slow', '{}'])]);
  await steps.next();
  const waiting = steps.next();
  while (served.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  await served.requests[0]?.closed;
  t.equal((await waiting).done, true);
  t.equal(fake.exchanges.length, 1, 'and nobody is asked further');
});

t.test('pieces of calls are put together whatever a server numbers and names', async (t) => {
  const whole = (name: string, args: string) => ({ function: { name, arguments: args } });
  const put = (...deltas: Parameters<Calls['take']>[0][]) => {
    const calls = new Calls();
    for (const delta of deltas) calls.take(delta);
    return calls.list.map(({ id, name, args }) => `${id} ${name} ${args}`);
  };
  t.same(put([{ index: 0, id: 'a', ...whole('x', '') }], [{ index: 0, ...whole('', '{}') }]), ['a x {}']);
  // DashScope repeats an empty id.
  t.same(
    put([{ index: 0, id: 'a', ...whole('x', '{') }], [{ index: 0, id: '', function: { arguments: '}' } }]),
    ['a x {}'],
  );
  // Ollama numbers all of them 0.
  t.same(put([{ index: 0, id: 'a', ...whole('x', '1') }], [{ index: 0, id: 'b', ...whole('y', '2') }]), [
    'a x 1',
    'b y 2',
  ]);
  t.same(put([whole('x', '1')], [{ function: { arguments: '2' } }], [whole('y', '3')]), [
    'call_1 x 12',
    'call_2 y 3',
  ]);
  t.same(
    put([
      { index: 0, ...whole('x', '1') },
      { index: 1, ...whole('y', '2') },
    ]),
    ['call_1 x 1', 'call_2 y 2'],
  );
  const many = Array.from({ length: 17 }, (_, index) => ({ index, ...whole('x', '') }));
  t.throws(() => put(many), { code: 'resource/quota', message: /more than 16/ });
  t.throws(() => put([{ index: 0, ...whole('x', 'y'.repeat(70_000)) }]), { message: /64 KB/ });
});

t.test('a server that does not stream calls as well', async (t) => {
  const { steps } = await open(t, [
    async (writer) => {
      writer.head(200, { 'content-type': 'application/json' });
      const tool_calls = [{ id: 'c', type: 'function', function: { name: 'clock', arguments: '{}' } }];
      const message = { role: 'assistant', content: null, tool_calls };
      await writer.raw(JSON.stringify({ choices: [{ message, finish_reason: 'tool_calls' }] }));
      writer.end();
    },
    async (writer) => {
      await writer.event(chunk({ content: 'Noon.' }, 'stop'));
      await writer.event('[DONE]');
    },
  ]);
  t.match(await all(steps), { said: 'Noon.', happened: ['called clock', 'clock: noon'] });
});
