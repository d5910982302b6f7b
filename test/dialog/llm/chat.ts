import t, { type Test } from 'tap';
import { type ChatRequest, chat, type Ended } from '../../../src/dialog/llm/chat.js';
import { patientChat } from '../../../src/dialog/llm/patient.js';
import type { ChatServer } from '../../../src/dialog/llm/server.js';
import type { TalkError } from '../../../src/element/error.js';
import { HttpClient } from '../../../src/service/http.js';
import { chunk, FakeChat, type Script, says } from '../../fakes/fake-openai-chat.js';
import { Hangups } from '../../support/hangups.js';

const KEY = 'sk-secret-71';
const http = new HttpClient();
t.teardown(() => http.close());

async function open(t: Test, script?: Script): Promise<{ fake: FakeChat; server: ChatServer }> {
  const fake = await FakeChat.open(script);
  t.teardown(() => fake.close());
  return {
    fake,
    server: {
      url: fake.url,
      model: 'fake-1',
      key: KEY,
      keyNames: ['LLM_API_KEY'],
      lengthField: 'max_tokens',
    },
  };
}

const request = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  http,
  messages: [{ role: 'user', content: 'Is it so?' }],
  signal: new AbortController().signal,
  firstMs: 5_000,
  stallMs: 5_000,
  ...more,
});

async function all(
  parts: AsyncGenerator<string, Ended | undefined>,
): Promise<{ text: string[]; end: unknown }> {
  const text: string[] = [];
  for (;;) {
    const { value, done } = await parts.next();
    if (done) return { text, end: value?.finish };
    text.push(value);
  }
}

async function failure(parts: AsyncGenerator<string, Ended | undefined>): Promise<TalkError> {
  try {
    await all(parts);
  } catch (error) {
    return error as TalkError;
  }
  throw new Error('It did not fail.');
}

t.test('the question is asked as the server expects it, and its answer comes in its parts', async (t) => {
  const { fake, server } = await open(t, says('Yes', ', it ', 'is.'));
  const told = await all(chat(server, request({ temperature: 0.3, maxTokens: 70 })));
  t.same(told, { text: ['Yes', ', it ', 'is.'], end: 'stop' });
  t.same(fake.last.asked, {
    model: 'fake-1',
    messages: [{ role: 'user', content: 'Is it so?' }],
    stream: true,
    temperature: 0.3,
    max_tokens: 70,
  });
  t.equal(fake.last.headers.authorization, `Bearer ${KEY}`);
});

t.test('bytes may be cut anywhere, also in a character and in a line end', async (t) => {
  const bytes = Buffer.from(
    `: keep-alive\r\n\r\ndata: ${JSON.stringify(chunk({ content: 'Grüße, 你好 🙂!' }))}\r\n\r\ndata: ${JSON.stringify(chunk({}, 'stop'))}\n\ndata: [DONE]\n\n`,
  );
  const { server } = await open(t, async (writer) => {
    for (const byte of bytes) await writer.raw(Uint8Array.of(byte));
    writer.end();
  });
  t.same(await all(chat(server, request())), { text: ['Grüße, 你好 🙂!'], end: 'stop' });
});

t.test('what a model thinks is not said, and a server that does not stream is understood', async (t) => {
  const { fake, server } = await open(t, async (writer) => {
    await writer.think('The user wants');
    await writer.say('No.');
    await writer.done('length');
  });
  t.same(await all(chat(server, request())), { text: ['No.'], end: 'length' });
  fake.answers(async (writer) => {
    writer.head(200, { 'content-type': 'application/json' });
    await writer.raw(JSON.stringify({ choices: [{ message: { content: 'All.' }, finish_reason: 'stop' }] }));
    writer.end();
  });
  t.same(await all(chat(server, request())), { text: ['All.'], end: 'stop' });
  fake.answers(async (writer) => {
    await writer.say('I ');
    await writer.done('content_filter');
  });
  t.same(await all(chat(server, request())), { text: ['I '], end: 'content_filter' });
});

t.test('an abort closes the connection before anything else happens, and is no error', async (t) => {
  const { fake, server } = await open(t, async (writer) => void (await writer.say('One ')));
  const hangups = new Hangups();
  t.teardown(() => hangups.end());
  for (let n = 0; n < 20; n++) {
    const abort = new AbortController();
    const parts = chat(server, request({ signal: abort.signal }));
    if (n % 2 === 0) t.equal((await parts.next()).value, 'One ');
    const waiting = parts.next();
    // Also before there is an answer.
    if (n % 2 === 1) while (fake.exchanges.length <= n) await new Promise((resolve) => setImmediate(resolve));
    t.equal(hangups.open(fake.url), 1);
    abort.abort();
    t.equal(hangups.open(fake.url), 0, 'in the same turn of the event loop');
    await fake.last.closed;
    const { done } = n % 2 === 0 ? await waiting : await parts.next();
    t.equal(done, true);
  }
  t.equal(fake.open, 0);
});

t.test('who stops listening closes the connection, too', async (t) => {
  const { fake, server } = await open(t, async (writer) => void (await writer.say('One ')));
  for await (const part of chat(server, request())) {
    t.equal(part, 'One ');
    break;
  }
  await fake.last.closed;
});

t.test('each refusal is told with what it means, without the key', async (t) => {
  const { fake, server } = await open(t);
  const rows: [number, string | undefined, string, boolean][] = [
    [301, undefined, 'resource/settings', false],
    [400, 'invalid', 'resource/settings', false],
    [400, 'context_length_exceeded', 'resource/quota', false],
    [401, 'invalid_api_key', 'resource/not-authorized', false],
    [403, undefined, 'resource/not-authorized', false],
    [404, 'model_not_found', 'resource/not-found', false],
    [429, 'rate_limit_exceeded', 'resource/rate', true],
    [429, 'insufficient_quota', 'resource/quota', false],
    [500, undefined, 'resource/unreachable', true],
    [503, undefined, 'resource/unreachable', true],
  ];
  for (const [status, code, expected, retryable] of rows) {
    const message = `Incorrect API key provided: ${KEY}. ${'x'.repeat(900)}`;
    fake.answers((writer) => writer.refuse(status, { message, type: 'error', code }, { 'retry-after': '7' }));
    const error = await failure(chat(server, request()));
    t.match(
      error,
      { code: expected, retryable, details: { status, ...(retryable && { retryAfterMs: 7000 }) } },
      `${status} ${code}`,
    );
    t.notMatch(JSON.stringify([error.message, error.debug, error.details]), KEY);
    t.match(error.debug, /^HTTP \d+ Incorrect API key provided: …/);
    t.ok(error.debug.length < 600);
  }
});

t.test('faults in mid-answer are told, and what came before is delivered', async (t) => {
  const { fake, server } = await open(t);
  const rows: [string, Script, string, boolean][] = [
    ['the server ends too early', async (writer) => writer.end(), 'resource/read', true],
    ['the connection breaks', async (writer) => writer.destroy(), 'resource/unreachable', true],
    ['no JSON', async (writer) => writer.raw('data: {"choices": [\n\n'), 'stream/format', false],
    ['another JSON', async (writer) => writer.event({ choices: 'none' }), 'stream/format', false],
    [
      'half a character at the end',
      async (writer) => {
        await writer.raw(Buffer.from('data: {"choices":[{"delta":{"content":"你').subarray(0, -1));
        writer.end();
      },
      'resource/read',
      true,
    ],
    [
      'an error as an event',
      async (writer) => writer.event({ error: { message: 'overloaded', code: 503 } }),
      'resource/unreachable',
      true,
    ],
  ];
  for (const [name, script, code, retryable] of rows) {
    fake.answers(async (writer, exchange) => {
      await writer.say('So far ');
      await script(writer, exchange);
    });
    const parts = chat(server, request());
    t.equal((await parts.next()).value, 'So far ', name);
    t.match(await failure(parts), { code, retryable }, name);
  }
  fake.answers(async (writer) => {
    writer.head(200, { 'content-type': 'text/html' });
    await writer.raw('<html>');
  });
  t.match(await failure(chat(server, request())), { code: 'stream/wrong-type', message: /text\/html/ });
  await fake.close();
  t.match(await failure(chat(server, request())), {
    code: 'resource/unreachable',
    retryable: true,
    message: /cannot be reached for the language model: nobody listens there/,
  });
});

t.test(
  'a server that does not begin, or says no more, is waited for no longer than its deadline',
  async (t) => {
    const { fake, server } = await open(t, async (writer) => void writer.head());
    const late = await failure(chat(server, request({ firstMs: 30 })));
    t.match(late, {
      code: 'resource/unreachable',
      message: /did not begin to answer for 0.03 s/,
      retryable: true,
    });
    fake.answers(async (writer) => {
      await writer.say('I was');
      await writer.raw(': still here\n\n');
    });
    const parts = chat(server, request({ stallMs: 30 }));
    t.equal((await parts.next()).value, 'I was');
    t.match(await failure(parts), { message: /said no more for 0.03 s/ });
    await Promise.all(fake.exchanges.map(({ closed }) => closed));
  },
);

t.test('there is one second try, before a word was said and when it may help', async (t) => {
  const { fake, server } = await open(t);
  const busy: Script = (writer) => writer.refuse(503, 'busy');
  const scripts = (list: Script[]) => fake.answers((writer, exchange) => list.shift()?.(writer, exchange));
  scripts([busy, says('Now.')]);
  t.same(await all(patientChat(server, request())), { text: ['Now.'], end: 'stop' });
  scripts([(writer) => writer.refuse(429, 'slow', { 'retry-after': '0.01' }), says('Then.')]);
  t.same(await all(patientChat(server, request())), { text: ['Then.'], end: 'stop' });
  const before = fake.exchanges.length;
  scripts([busy, busy]);
  t.match(await failure(patientChat(server, request())), { code: 'resource/unreachable' });
  scripts([(writer) => writer.refuse(429, 'slow', { 'retry-after': '60' })]);
  t.match(await failure(patientChat(server, request())), { code: 'resource/rate' });
  scripts([(writer) => writer.refuse(401, 'no')]);
  t.match(await failure(patientChat(server, request())), { code: 'resource/not-authorized' });
  t.equal(fake.exchanges.length - before, 4, 'two, one, one');
});
