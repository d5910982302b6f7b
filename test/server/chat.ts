/** `POST /human` with `type: "chat"`: a question goes in by LiveTalking's request, the answer is heard. */
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import { usualGraph } from '../../src/session/graphs.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat, says } from '../fakes/fake-openai-chat.js';
import { nextEvent } from './support/events.js';
import { serverOf } from './support/server.js';

const fake = await FakeChat.open();
const settings = usualGraph({ url: fake.url, model: 'fake-1', prompt: 'Be brief.' });
const server = await serverOf(2, {}, settings);
t.teardown(async () => {
  await server.close();
  await fake.close();
  await closeVoices();
  await closeSharedPool();
});
const { post, sessions } = server;
const ok = { code: 0, msg: 'ok' };
const roles = () => fake.last.asked.messages.map(({ role, content }) => `${role[0]}: ${content}`);

t.test(
  'a model in settings or environment makes sessions that answer, none makes those that only speak',
  async (t) => {
    t.match(settings, {
      graph: 'chat.yaml',
      parameters: { 'llm-url': fake.url, 'system-prompt': 'Be brief.' },
    });
    const kept = process.env;
    process.env = { ...kept, LLM_BASE_URL: '', DASHSCOPE_API_KEY: '', OPENAI_API_KEY: '', TALKGRAPH_ASR: '' };
    t.same(usualGraph(), { graph: 'webrtc.yaml', parameters: {} });
    t.same(usualGraph({}, { engine: 'openai' }), { graph: 'webrtc.yaml', parameters: {} });
    const model = { url: fake.url, model: 'fake-1' };
    t.match(usualGraph(model, { engine: 'funasr', url: 'ws://127.0.0.1:9' }), {
      graph: 'conversation.yaml',
      parameters: { 'llm-url': fake.url, asr: 'funasr', 'asr-url': 'ws://127.0.0.1:9' },
    });
    process.env['TALKGRAPH_ASR'] = 'openai';
    t.match(usualGraph(model), { graph: 'conversation.yaml', parameters: { asr: 'openai' } });
    t.throws(() => usualGraph({ url: fake.url }), { code: 'resource/settings' });
    t.throws(() => usualGraph({ prompt: 'Be brief.' }), {
      code: 'resource/settings',
      message: /language model for system-prompt/,
    });
    t.same(
      usualGraph({ prompt: 'Be brief.', temperature: 0, tools: 'tools.yaml' }, {}, 'mine.yaml'),
      {
        graph: 'mine.yaml',
        parameters: { 'system-prompt': 'Be brief.', temperature: 0, tools: 'tools.yaml' },
      },
      'a graph of one’s own is told what was set',
    );
    process.env = kept;
  },
);

t.test('a question is answered at once with ok, and then aloud', async (t) => {
  const session = await sessions.create();
  const sessionid = session.id;
  t.ok(session.answers);
  fake.answers(says('It is **', 'ten** o’clock. ', 'Tea?'));
  const [started, ended] = [nextEvent(session, 'speech.start'), nextEvent(session, 'speech.end')];
  t.strictSame(
    (
      await post('/human', {
        sessionid,
        type: 'chat',
        text: 'What time is it?',
        tts: { ref_file: 'flite/rms' },
      })
    ).body,
    ok,
  );
  t.match(await started, { text: /^It is ten o’clock\./ });
  await ended;
  t.same(roles(), ['s: Be brief.', 'u: What time is it?']);

  // What was cut is told as far as it was heard.
  fake.answers(
    async (writer) => void (await writer.say('Well, there are so many things to tell of that. And more')),
  );
  const begun = nextEvent(session, 'speech.start');
  t.strictSame((await post('/human', { sessionid, type: 'chat', text: 'Tell me more.' })).body, ok);
  await begun;
  t.strictSame((await post('/is_speaking', { sessionid })).body['data'], true);
  const { closed } = fake.last;
  fake.answers(says('Done.'));
  const [cut, again] = [nextEvent(session, 'interrupted'), nextEvent(session, 'speech.start')];
  t.strictSame(
    (await post('/human', { sessionid, type: 'chat', text: 'Enough!', interrupt: true })).body,
    ok,
  );
  const { heard } = (await cut) as SessionEvent & { type: 'interrupted' };
  t.match(await again, { text: 'Done.' });
  await closed;
  t.ok('Well, there are so many things to tell of that.'.startsWith(heard), heard);
  const told =
    heard === '' ? ['u: Tell me more.\nEnough!'] : ['u: Tell me more.', `a: ${heard}`, 'u: Enough!'];
  t.same(roles().slice(3), told);

  t.strictSame((await post('/human', { sessionid, type: 'chat', text: '  ', interrupt: true })).body, ok);
  t.equal(fake.exchanges.length, 3, 'nothing asked is nothing answered');
  await session.close('test');
});

t.test('a model that fails is told, and what is said as it is goes on', async (t) => {
  const session = await sessions.create();
  const sessionid = session.id;
  fake.answers((writer) => writer.refuse(401, 'no'));
  const told = nextEvent(session, 'error');
  t.strictSame((await post('/human', { sessionid, type: 'chat', text: 'Hello?' })).body, ok);
  t.match(await told, {
    code: 'resource/not-authorized',
    retryable: false,
    message: /refuses the language model \(401\)/,
  });
  const said = nextEvent(session, 'speech.end');
  t.strictSame((await post('/human', { sessionid, type: 'echo', text: 'Yes.' })).body, ok);
  await said;
  t.equal(session.state, 'running');
  await session.close('test');
});
