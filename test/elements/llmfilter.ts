import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import LlmFilter from '../../elements/llmfilter.js';
import TextSrc from '../../elements/textsrc.js';
import TtsSrc from '../../elements/ttssrc.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { closeVoices } from '../../src/voice/index.js';
import { chunk, FakeChat, type Script, says } from '../fakes/fake-openai-chat.js';
import { FakeTools } from '../fakes/fake-tools.js';
import { Hangups } from '../support/hangups.js';
import { until } from '../support/script.js';

for (const element of [TextSrc, LlmFilter, TtsSrc]) register(element);
t.teardown(() => closeVoices());

type Marks = { name: string; fields: Readonly<Record<string, unknown>> }[];

async function open(t: Test, line: (llm: string) => string, script?: Script) {
  const fake = await FakeChat.open(script);
  t.teardown(() => fake.close());
  const pipeline = Pipeline.launch(line(`llmfilter name=llm url=${fake.url} model=fake-1 system-prompt=""`));
  t.teardown(() => pipeline.close());
  const marks: Marks = [];
  pipeline.on('mark', (mark) => marks.push(mark));
  return { fake, pipeline, marks };
}

const said = (marks: Marks) =>
  marks
    .filter(({ name }) => name === 'schedule')
    .flatMap(({ fields }) => JSON.parse(String(fields['entry'])).say ?? []);
const roles = (fake: FakeChat) =>
  fake.last.asked.messages.map(({ role, content }) => `${role[0]}: ${content}`);

t.test('a question goes in, what a person would say comes out, in one utterance', async (t) => {
  const { fake, pipeline, marks } = await open(
    t,
    (llm) =>
      `textsrc is-live=false text="Is it so?" ! ${llm} temperature=0.5 max-tokens=70 ! ttssrc is-live=false ! fakesink`,
    says('**Ye', 's**, it', ' is.\n\n```\ncode', '\n```\nReally [so](htt', 'p://a.b).'),
  );
  await pipeline.play();
  await pipeline.finished();
  t.match(fake.last.asked, { model: 'fake-1', stream: true, temperature: 0.5, max_tokens: 70 });
  t.same(roles(fake), ['u: Is it so?']);
  t.match(said(marks), [{ text: 'Yes, it is.\n\nReally so.', voice: 'flite/slt' }]);
});

t.test('the first sentence is heard while the rest is not written yet', async (t) => {
  let more: (() => void) | undefined;
  const { fake, pipeline, marks } = await open(
    t,
    (llm) => `textsrc name=ask ! ${llm} ! ttssrc ! appsink name=out sync=true`,
    async (writer) => {
      await writer.say('First. S');
      await new Promise<void>((resolve) => (more = resolve));
      await writer.say('econd.');
      await writer.done();
    },
  );
  const heard = new Promise<void>((resolve) => {
    pipeline
      .element('out')
      .onSamples((batch) => batch.some(({ data }) => data.some((byte) => byte !== 0)) && resolve());
  });
  await pipeline.play();
  pipeline.element('ask').emit('ask', 'Tell me.', 'answer-1', 'flite/rms');
  pipeline.element('ask').emit('ask', ' ');
  await until(() => more !== undefined);
  // The samples of the first sentence leave the voice before there is another.
  await heard;
  more?.();
  await until(() => said(marks).length > 0);
  t.match(said(marks), [{ id: 'answer-1', voice: 'flite/rms', text: 'First. Second.', parts: [8, 6] }]);
  t.equal(fake.exchanges.length, 1);
});

t.test('what the conversation was is told with the next question, roles in turn', async (t) => {
  const { fake, pipeline, marks } = await open(
    t,
    (llm) => `textsrc name=ask ! ${llm} system-prompt="Be brief." ! ttssrc ! fakesink`,
  );
  await pipeline.play();
  const ask = pipeline.element('ask');
  fake.answers(says('One.'));
  ask.emit('ask', 'First?');
  await until(() => said(marks).length === 1);
  fake.answers(says('Two.'));
  ask.emit('ask', 'Second?');
  await until(() => said(marks).length === 2);
  t.same(roles(fake), ['s: Be brief.', 'u: First?', 'a: One.', 'u: Second?']);
  pipeline.element('llm').set('system-prompt', 'Be long.');
  ask.emit('ask', 'Third?');
  await until(() => fake.exchanges.length === 3);
  t.equal(roles(fake)[0], 's: Be long.');
});

t.test('a model that fails or is late is told, and the graph goes on', async (t) => {
  const { fake, pipeline, marks } = await open(
    t,
    (llm) => `textsrc name=ask ! ${llm} apology="Sorry." ! ttssrc ! fakesink`,
  );
  const warnings: Error[] = [];
  pipeline.on('warning', (warning) => warnings.push(warning));
  await pipeline.play();
  const rows: [string, Script, string, string][] = [
    ['refused', (writer) => writer.refuse(401, 'no'), 'resource/not-authorized', 'Sorry.'],
    ['late', async (writer) => void writer.head(), 'resource/unreachable', 'Sorry.'],
    ['stalls', async (writer) => writer.say('I think'), 'resource/unreachable', 'I think Sorry.'],
    ['nonsense', async (writer) => writer.event('{'), 'stream/format', 'Sorry.'],
  ];
  for (const [id, script, code, text] of rows) {
    fake.answers(script);
    // A machine that is busy is not late with the other answers.
    pipeline.element('llm').set('first-token', id === 'late' ? 40 : 10_000);
    pipeline.element('llm').set('stall', id === 'stalls' ? 40 : 10_000);
    const before = said(marks).length;
    pipeline.element('ask').emit('ask', 'Well?', id);
    await until(() => said(marks).length > before);
    const told = marks.findLast(({ name }) => name === 'answer-failed');
    t.match(told?.fields, { id, code, message: String }, id);
    t.match(said(marks).at(-1), { id, text }, id);
  }
  t.equal(warnings.length, rows.length);
  fake.answers(async (writer) => {
    await writer.say('It is long');
    await writer.done('length');
  });
  pipeline.element('ask').emit('ask', 'And?', 'long');
  await until(() => said(marks).some(({ id }) => id === 'long'));
  t.match(marks.find(({ name }) => name === 'answer-incomplete')?.fields, { id: 'long', reason: 'length' });
});

t.test('a tool is asked while its words are heard, and the answer goes on with what it told', async (t) => {
  let tell: (() => void) | undefined;
  const tools = await FakeTools.open({
    weather: (_, response) => {
      tell = () => response.end('7 degrees');
    },
  });
  t.teardown(() => tools.close());
  const file = join(t.testdir(), 'tools.yaml');
  writeFileSync(
    file,
    `tools: [{ name: weather, description: The weather, url: "${tools.url}/weather", say: One moment. }]`,
  );
  const { fake, pipeline, marks } = await open(
    t,
    (llm) => `textsrc name=ask ! ${llm} tools="${file}" ! ttssrc ! appsink name=out sync=true`,
  );
  const scripts: Script[] = [
    async (writer) => {
      await writer.call(0, 'c1', 'weather', ['{"place":', '"Oslo"}']);
      await writer.done('tool_calls');
    },
    says('It is cold.'),
    says('Bye.'),
  ];
  fake.answers((writer, exchange) => scripts.shift()?.(writer, exchange));
  const heard = new Promise<void>((resolve) => {
    pipeline
      .element('out')
      .onSamples((batch) => batch.some(({ data }) => data.some((byte) => byte !== 0)) && resolve());
  });
  await pipeline.play();
  pipeline.element('ask').emit('ask', 'How is it in Oslo?', 'one');
  await until(() => tell !== undefined);
  t.equal(tools.requests[0]?.body, '{"place":"Oslo"}');
  // Its words sound while it has told nothing yet.
  await heard;
  tell?.();
  await until(() => said(marks).length > 0);
  t.match(said(marks), [{ id: 'one', text: 'One moment.\n\nIt is cold.' }]);
  const told = marks.filter(({ name }) => name === 'tool').map(({ fields }) => fields);
  t.match(told, [
    { id: 'one', name: 'weather', status: 'called' },
    { id: 'one', name: 'weather', status: 'done' },
  ]);
  // What a tool told is for that answer; the conversation has what was said.
  pipeline.element('ask').emit('ask', 'Thanks.', 'two');
  await until(() => said(marks).length > 1);
  t.same(roles(fake), ['u: How is it in Oslo?', 'a: One moment.\n\nIt is cold.', 'u: Thanks.']);
});

t.test('without a model it does not start, and says what to set', async (t) => {
  const kept = process.env;
  process.env = { ...kept, LLM_BASE_URL: '', DASHSCOPE_API_KEY: '', OPENAI_API_KEY: '' };
  t.teardown(() => {
    process.env = kept;
  });
  const pipeline = Pipeline.launch('textsrc ! llmfilter ! fakesink');
  t.teardown(() => pipeline.close());
  await t.rejects(pipeline.play(), { code: 'resource/settings', message: /LLM_BASE_URL/ });
});

t.test(
  'a cut closes the connection, and a turn that it interrupts with is asked with what was heard',
  async (t) => {
    const { fake, pipeline, marks } = await open(
      t,
      (llm) => `textsrc name=ask ! ${llm} ! queue ! ttssrc name=say ! fakesink sync=true`,
      async (writer) => {
        await writer.event(chunk({ content: 'Alpha bravo charlie delta echo foxtrot. ' }));
        await writer.say('Golf hotel');
      },
    );
    const hangups = new Hangups();
    t.teardown(() => hangups.end());
    await pipeline.play();
    const ask = pipeline.element('ask');
    ask.emit('ask', 'Go.', 'one');
    await until(() => fake.open === 1);
    const { closed } = fake.last;
    // Until some of it was heard.
    await until(() => Number(pipeline.runningTime() ?? 0) > 1.2e9);
    let letGo = -1;
    fake.answers((writer, exchange) => {
      letGo = hangups.at(fake.url).length;
      return says('Stopped.')(writer, exchange);
    });
    ask.emit('ask', 'Stop.', 'two', null, 'cut-1');
    await closed;
    await until(() => said(marks).some(({ id }) => id === 'two'));
    const interrupted = marks.filter(({ name }) => name === 'interrupted');
    t.equal(interrupted.length, 1);
    const heard = String(interrupted[0]?.fields['heard']);
    t.match(heard, /^Alpha\b[\w ]*$/);
    t.same(roles(fake), ['u: Go.', `a: ${heard}`, 'u: Stop.']);
    t.equal(letGo, 1, 'before the next question was asked');
  },
);

t.test('what the voice says again after a cut that was not meant is told to the model', async (t) => {
  const { fake, pipeline, marks } = await open(
    t,
    (llm) => `textsrc name=ask ! ${llm} ! ttssrc name=say ! appsink name=out sync=true`,
    says('Once there was a king. He had a daughter.'),
  );
  const heard = new Promise<void>((resolve) => {
    pipeline
      .element('out')
      .onSamples((batch) => batch.some(({ data }) => data.some((byte) => byte !== 0)) && resolve());
  });
  await pipeline.play();
  const ask = pipeline.element('ask');
  ask.emit('ask', 'Tell me a tale.', 'tale');
  await heard;
  ask.emit('cut', 'cough');
  await until(() => said(marks).some(({ id }) => id === 'tale'));
  await ask.sendEvent('talkgraph/resume', { cut: 'cough' }, { oob: true });
  await until(() => said(marks).length > 1);
  const again = said(marks)[1];
  t.match(again, { text: /^Once there was a king\./ });
  ask.emit('ask', 'And then?', 'more');
  await until(() => fake.exchanges.length === 2);
  t.ok(roles(fake).at(-2)?.trimEnd().endsWith(again.text.trimEnd()), roles(fake).join());
});

t.test('a turn with a wish has another conversation, and its answer is told as it is written', async (t) => {
  const { fake, pipeline, marks } = await open(t, (llm) => `textsrc name=ask ! ${llm} ! ttssrc ! fakesink`);
  await pipeline.play();
  pipeline.element('llm').set('system-prompt', 'Be brief.');
  const ask = (id: string, wish: object | string) =>
    pipeline
      .element('ask')
      .emit('ask', 'And?', id, null, null, typeof wish === 'string' ? wish : JSON.stringify(wish));
  const told = (id: string) =>
    marks
      .filter(({ name, fields }) => name.startsWith('written') && fields['id'] === id)
      .map(({ name, fields: { at, text, finish } }) => (name === 'written' ? [at, text] : [text, finish]));

  fake.answers(says('**One**', ' two.'));
  ask('one', { before: [{ role: 'user', content: 'A?' }], maxTokens: 7 });
  await until(() => told('one').length === 3);
  t.same(told('one'), [
    [0, '**One**'],
    [7, ' two.'],
    ['**One** two.', 'stop'],
  ]);
  t.same(roles(fake), ['s: Be brief.', 'u: A?', 'u: And?']);
  t.equal(fake.last.asked['max_tokens'], 7);

  ask('two', { before: [{ role: 'system', content: 'Be long.' }] });
  await until(() => told('two').length === 3);
  t.same(roles(fake), ['s: Be long.', 'u: And?'], 'one that has a system prompt keeps it');

  for (const wish of ['{', '[]', { before: 'x' }, { before: [], temperature: 9 }]) {
    const before = fake.exchanges.length;
    ask(JSON.stringify(wish), wish);
    await until(() => marks.some(({ fields }) => fields['id'] === JSON.stringify(wish)));
    t.match(marks.find(({ name }) => name === 'answer-failed')?.fields, { code: 'stream/format' });
    t.equal(fake.exchanges.length, before, 'nobody is asked');
  }

  fake.answers(async (writer) => writer.say('Once upon'));
  ask('cut', { before: [] });
  await until(() => told('cut').length === 1);
  pipeline.element('ask').emit('cut', 'c');
  await until(() => told('cut').length === 2);
  t.same(told('cut')[1], ['Once upon', 'cut']);
});
