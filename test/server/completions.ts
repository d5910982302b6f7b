/** OpenAI's own client has a session answer by `/v1/chat/completions`: it reads along, and the face says it. */
import OpenAI from 'openai';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import { usualGraph } from '../../src/session/graphs.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat, says } from '../fakes/fake-openai-chat.js';
import { nextEvent } from './support/events.js';
import { serverOf } from './support/server.js';

const fake = await FakeChat.open();
const settings = usualGraph({ url: fake.url, model: 'fake-1', prompt: 'Be brief.' });
const server = await serverOf(2, { token: 'sesame' }, settings);
t.teardown(async () => {
  await server.close();
  await fake.close();
  await closeVoices();
  await closeSharedPool();
});
const { sessions } = server;
const baseURL = new URL('/v1', server.url).href;
const client = new OpenAI({ baseURL, apiKey: 'sesame', maxRetries: 0 });
const told = () => fake.last.asked.messages.map(({ role, content }) => `${role[0]}: ${content}`);
const session = await sessions.create();
/** Its own field, which the client sends on as it is. */
const own = { session: session.id } as object;
const user = (content: string) => ({ role: 'user' as const, content });
/** The answer of the session, in parts. */
const streamed = (content: string) =>
  client.chat.completions.create({ model: 'any', messages: [user(content)], stream: true, ...own });

t.test('an answer is whole when it is written, and said as it is', async (t) => {
  fake.answers(says('It is **', 'ten** o’clock.'));
  const started = nextEvent(session, 'speech.start');
  const heard = nextEvent(session, 'speech.end');
  const answer = await client.chat.completions.create({
    model: 'any',
    messages: [user('What time is it?')],
    ...own,
  });
  t.match(answer, {
    object: 'chat.completion',
    model: 'any',
    choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: 'It is **ten** o’clock.' } }],
  });
  t.match(await started, { id: answer.id.replace('chatcmpl-', ''), text: 'It is ten o’clock.' });
  t.same(told(), ['s: Be brief.', 'u: What time is it?']);
  // Only then is it part of what the session remembers.
  await heard;
});

t.test('the model is told the conversation of the client, in the place of the session’s', async (t) => {
  session.cut();
  fake.answers(async (writer) => writer.done());
  await client.chat.completions.create({
    model: 'any',
    messages: [
      { role: 'system', content: 'Talk of colours.' },
      user('Hello.'),
      { role: 'assistant', content: 'Hello!' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Which ' },
          { type: 'text', text: 'one?' },
        ],
      },
    ],
    temperature: 0.5,
    max_completion_tokens: 40,
    ...own,
  });
  t.same(told(), ['s: Talk of colours.', 'u: Hello.', 'a: Hello!', 'u: Which one?']);
  t.match(fake.last.asked, { temperature: 0.5, max_tokens: 40 });

  // What was said so is part of what the session remembers.
  const spoken = nextEvent(session, 'speech.start');
  session.cut();
  fake.answers(says('Yes.'));
  session.ask({ text: 'Really?' });
  await spoken;
  // Nothing was answered to the question before: the two are one turn.
  t.equal(told().at(-1), 'u: Which one?\nReally?');
});

t.test('an answer is streamed while it is written', async (t) => {
  session.cut();
  let more: () => void = () => undefined;
  fake.answers(async (writer) => {
    await writer.say('First, ');
    await new Promise<void>((resolve) => (more = resolve));
    await writer.say('and last.');
    await writer.done('length');
  });
  const stream = await streamed('Well?');
  const parts: string[] = [];
  let finish: string | null | undefined;
  for await (const { choices } of stream) {
    parts.push(choices[0]?.delta.content ?? '');
    finish = choices[0]?.finish_reason;
    if (parts.join('') === 'First, ') more();
  }
  t.equal(parts.join(''), 'First, and last.');
  t.equal(finish, 'length');
});

t.test('a cut ends the answer of whoever reads along', async (t) => {
  session.cut();
  fake.answers(async (writer) => writer.say('Once upon a time, '));
  const stream = await streamed('Tell me a tale.');
  let text = '';
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? '';
    if (text !== '') session.cut();
  }
  t.equal(text, 'Once upon a time, ');
  await fake.last.closed;
});

t.test('who hangs up before the end lets go of the model, and silences the session', async (t) => {
  fake.answers(async (writer) => writer.say('Once upon a time, '));
  const stream = await streamed('Tell me a tale.');
  const cut = new Promise<void>((resolve) => {
    session.events.on('command', (name) => name === 'cut' && resolve());
  });
  for await (const { choices } of stream) if (choices[0]?.delta.content) break;
  await cut;
  await fake.last.closed;
  fake.answers(says('Yes.'));
  const answer = await client.chat.completions.create({
    model: 'any',
    messages: [user('Still there?')],
    ...own,
  });
  t.equal(answer.choices[0]?.message.content, 'Yes.');
});

t.test('a session’s own token names it, and so may the model', async (t) => {
  const made = await fetch(new URL('/v1/sessions', server.url), {
    method: 'POST',
    body: '{}',
    headers: { authorization: 'Bearer sesame' },
  });
  const { id, token } = (await made.json()) as { id: string; token: string };
  fake.answers(says('Here.'));
  const narrow = new OpenAI({ baseURL, apiKey: token, maxRetries: 0 });
  const started = nextEvent(sessions.get(id)!, 'speech.start');
  await narrow.chat.completions.create({ model: 'any', messages: [user('Where?')] });
  await started;
  await client.chat.completions.create({ model: id, messages: [user('Where?')] });
  await t.rejects(
    narrow.chat.completions.create({ model: 'any', messages: [user('Where?')], ...own }),
    { status: 404 } as never,
    'and it reaches no other',
  );
  await sessions.get(id)?.close('test');
});

t.test('what cannot be answered is refused as its clients expect', async (t) => {
  const status = (fields: object) =>
    client.chat.completions.create({ model: 'any', messages: [user('Hi.')], ...own, ...fields }).then(
      () => 200,
      (error: unknown) => (error instanceof OpenAI.APIError ? error.status : undefined),
    );
  t.equal(await status({ session: 'nobody' }), 404);
  t.equal(await status({ session: undefined }), 404, 'no session is called "any"');
  t.equal(await status({ messages: [] }), 400);
  t.equal(await status({ messages: [user(' ')] }), 400);
  t.equal(await status({ messages: [{ role: 'assistant', content: 'Hi.' }] }), 400);
  t.equal(await status({ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }), 400);
  t.equal(await status({ n: 2 }), 400);
  t.equal(await status({ voice: 'file//etc/passwd' }), 422);
  const say = (client: OpenAI, fields: object) =>
    client.chat.completions.create({ model: 'any', messages: [user('a')], ...fields } as never).then(
      () => 'an answer',
      (error: unknown) => (error as Error).message,
    );
  t.equal(await say(client, { session: 'nobody' }), '404 There is no such session.', 'the client says why');
  const stranger = new OpenAI({ baseURL, apiKey: 'nobody', maxRetries: 0 });
  t.equal(await say(stranger, own), '401 Expected the token of this server.');
  fake.answers((writer) => writer.refuse(401, 'no'));
  t.equal(await status({}), 502, 'the model refuses');
  t.equal(await status({ stream: true }), 502, 'and nothing was streamed yet');
  fake.answers(async (writer) => {
    await writer.say('I think');
    await writer.event('{');
  });
  const stream = await streamed('Hi.');
  await t.rejects(
    (async () => {
      for await (const _ of stream);
    })(),
    /no part of an answer/,
    'in mid-answer it is an event',
  );
  const silent = await sessions.create({}, { settings: { graph: 'webrtc.yaml', parameters: {} } });
  t.equal(await status({ session: silent.id }), 409);
  await silent.close('test');
});
