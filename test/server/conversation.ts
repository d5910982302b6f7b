/** One can talk with it: what a viewer says into the connection is heard, answered aloud, and may interrupt. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { closeSharedPool } from '../../src/inference/index.js';
import type { SessionEvent } from '../../src/server/contract/events.js';
import { usualGraph } from '../../src/session/graphs.js';
import { Sessions } from '../../src/session/sessions.js';
import { closeVoices } from '../../src/voice/index.js';
import { FakeChat, says } from '../fakes/fake-openai-chat.js';
import { FakeTranscriptions, hears } from '../fakes/fake-openai-transcriptions.js';
import { FakeCollector } from '../fakes/fake-otlp.js';
import { atLevel } from '../support/noises.js';
import { spoken } from '../support/spoken.js';
import { VOICE_GRAPH } from '../support/voicegraph.js';
import { Receiver } from '../webrtc/support/receiver.js';
import { opusPackets, talk } from '../webrtc/support/talker.js';
import { Heard } from './support/events.js';
import { serverOf } from './support/server.js';

const RATE = 48_000;
const [chat, ears] = [await FakeChat.open(), await FakeTranscriptions.start(hears(''))];
const collector = await FakeCollector.open();
const settings = usualGraph(
  { url: chat.url, model: 'fake-1', prompt: 'Be brief.' },
  { engine: 'openai', url: ears.url },
);
// The face has tests of its own, and costs what the times here are made of.
const graph = join(t.testdir({ 'voice.yaml': VOICE_GRAPH }), 'voice.yaml');
// Whoever talks here shares a busy machine with whoever listens.
const parameters = { ...settings.parameters, jitter: 600 };
const traces = { url: new URL('/v1/traces', collector.url), headers: {}, service: 'talkgraph' };
const server = await serverOf(2, { traces }, { graph, parameters });
t.teardown(async () => {
  await server.close();
  await Promise.all([chat.close(), ears.close(), collector.close(), closeVoices(), closeSharedPool()]);
});

const said = async (text: string) => opusPackets(atLevel(await spoken(text, 'rms', RATE), -22));
const question = await said('Can you tell me what the weather will be like?');
const objection = await said('No, I would rather hear about the sea.');

/** A viewer with a microphone and a data channel, in a session of its own. */
async function enter() {
  const receiver = new Receiver({ video: false, microphone: true, channel: 'events' });
  const { body } = await server.post('/offer', { sdp: await receiver.offer(), type: 'offer' });
  const session = server.sessions.get(String(body['sessionid']));
  if (session === undefined) throw new Error(`refused: ${JSON.stringify(body)}`);
  const heard = new Heard(session);
  await receiver.accept(String(body['sdp']));
  await receiver.connected();
  const close = async () => {
    await receiver.close();
    await session.close('test');
  };
  return { receiver, body, session, heard, close };
}

/** Says it, and again where nobody has heard it: on a busy machine most packets may come too late. */
async function sayUntil<T>(receiver: Receiver, words: Buffer[], told: Promise<T>): Promise<T> {
  for (;;) {
    await talk(receiver, words);
    const done = await Promise.race([
      told.then((value) => ({ value })),
      sleep(4000, undefined, { ref: false }),
    ]);
    if (done !== undefined) return done.value;
  }
}

const roles = () => chat.last.asked.messages.map(({ role, content }) => `${role[0]}: ${content}`).slice(1);

t.test('what is asked aloud is answered aloud, and spoken over it falls silent', async (t) => {
  const { receiver, body, heard, close } = await enter();
  t.match(body, { chat: true, listens: true });
  ears.scripts = [hears('What will the weather be like?'), hears('I would rather hear about the sea.')];
  // Two sentences at once; then it goes on for as long as somebody listens.
  chat.answers(async (writer, exchange) => {
    await writer.say('It will be sunny in the morning and in the afternoon. There may be some rain. ');
    while (exchange.open) {
      await writer.say('And so on. ');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  const final = await sayUntil(receiver, question, heard.next('transcript.final'));
  t.match(final, { text: 'What will the weather be like?' });
  t.match(await heard.next('speech.start'), { id: final.id, text: /^It will be sunny/ });
  t.same(roles(), ['u: What will the weather be like?']);
  const { closed } = chat.last;

  chat.answers(says('The sea is calm.'));
  const cut = await sayUntil(receiver, objection, heard.next('interrupted'));
  t.match(cut, { type: 'interrupted', id: final.id });
  await closed;
  t.match(await heard.next('transcript.final'), { text: 'I would rather hear about the sea.' });
  const answer = await heard.next('speech.start');
  t.match(answer, { text: 'The sea is calm.' });
  const { heard: words } = cut as SessionEvent & { type: 'interrupted' };
  t.ok(
    'It will be sunny in the morning and in the afternoon. There may be some rain.'.startsWith(words),
    words,
  );
  const told = ['u: What will the weather be like?', `a: ${words}`, 'u: I would rather hear about the sea.'];
  // Two turns in a row, where nothing was heard between them, are one.
  t.same(roles(), words === '' ? [`${told[0]}\n${told[2]?.slice(3)}`] : told);
  await heard.next('speech.end');
  const all = heard.all.map(({ type, id }) => (type === 'sentence' || type === 'word' ? id : type));
  t.notOk(
    all.slice(all.indexOf('interrupted')).includes(final.id),
    'nothing of the old answer is told after its cut',
  );
  await close();
});

t.test('what was no turn costs nothing: the sentence that it cut is said again', async (t) => {
  const { receiver, session, heard, close } = await enter();
  const before = chat.exchanges.length;
  ears.scripts = [hears('Mm-hm.'), hears('And then?')];
  session.say({
    text: 'Once there was a king, who lived in a castle by the sea. He had a daughter.',
    id: 'tale',
  });
  await heard.next('speech.start');
  const cut = await sayUntil(receiver, objection, heard.next('interrupted'));
  t.match(cut, { id: 'tale' });
  t.match(await heard.next('turn'), { state: 'end' });
  t.match(await heard.next('turn'), { state: 'nothing', why: 'backchannel' });
  const again = await heard.next('speech.start');
  t.match(again, { text: /^(Once there was a king.*)?He had a daughter\.$/ });
  t.not(again.id, 'tale');
  await heard.next('speech.end');
  t.equal(chat.exchanges.length, before, 'nobody was asked');
  await close();
});

t.test('a viewer commands by its data channel, and is told there what happens', async (t) => {
  const { receiver, heard, close } = await enter();
  const send = (command: unknown) =>
    receiver.channel?.send(typeof command === 'string' ? command : JSON.stringify(command));
  if (receiver.channel?.readyState !== 'open')
    await receiver.channel?.stateChanged.watch((state) => state === 'open');
  send({ type: 'say', text: 'Good day to everybody who is here.', id: 'greeting' });
  t.match(await heard.next('speech.start'), { id: 'greeting' });
  send({ type: 'cut' });
  t.match(await heard.next('interrupted'), { id: 'greeting' });
  const wrong = [
    '{',
    '{"type":"fly"}',
    { type: 'say', text: 'x', voice: 'file//etc/passwd' },
    { type: 'button' },
  ];
  for (const command of wrong) {
    send(command);
    t.match(await heard.next('error'), { code: 'stream/format', message: /^Expected a command/ });
  }
  send({ type: 'ask', text: 'What time is it?' });
  chat.answers(says('It is ten.'));
  const { id } = await heard.next('speech.start');
  await heard.next('speech.end');
  const told = () => receiver.messages.map((line) => JSON.parse(line) as SessionEvent);
  while (!told().some((event) => event.type === 'speech.end' && event.id === id))
    await receiver.channel?.onMessage.asPromise();
  const types = told().map(({ type }) => type);
  t.same(
    types.filter((type) => /speech|inter/.test(type)),
    ['speech.start', 'interrupted', 'speech.start', 'speech.end'],
  );
  await close();
});

t.test('the graph with the face plays and speaks before anybody has spoken to it', async (t) => {
  const sessions = new Sessions(1, settings);
  t.match(settings, { graph: 'conversation.yaml' });
  const session = await sessions.create();
  t.ok(session.listens && session.answers);
  const heard = new Heard(session);
  chat.answers(says('Good day.'));
  const id = session.ask({ text: 'Hello?' });
  t.match(await heard.next('speech.start'), { id, text: 'Good day.' });
  await heard.next('speech.end');
  await sessions.close();
});

t.test('what it needs and has not is told before anything plays', async (t) => {
  const kept = process.env;
  t.teardown(() => {
    process.env = kept;
  });
  process.env = Object.fromEntries(
    Object.entries(kept).filter(([name]) => !/^(LLM|ASR|DASHSCOPE|OPENAI|TALKGRAPH_ASR)/.test(name)),
  );
  const opened = (parameters: Record<string, string>) =>
    new Sessions(1, { graph: 'conversation.yaml', parameters }).create();
  const model = { 'llm-url': chat.url, 'llm-model': 'fake-1' };
  await t.rejects(opened({ 'asr-url': ears.url }), { code: 'resource/settings', message: /LLM_BASE_URL/ });
  await t.rejects(opened(model), { code: 'resource/settings', message: /ASR_BASE_URL/ });
  await t.rejects(opened({ ...model, asr: 'siri' }), { code: 'resource/not-found', message: /siri/ });
});

t.test('who may interrupt is set by the data channel, and by HTTP', async (t) => {
  const { receiver, session, close } = await enter();
  const path = `/v1/sessions/${session.id}/ears`;
  t.strictSame(await server.post(path, {}), { status: 200, body: { bargeIn: 'voice', turns: 'auto' } });
  t.strictSame(await server.post(path, { bargeIn: 'words', turns: 'push-to-talk', button: false }), {
    status: 200,
    body: { bargeIn: 'words', turns: 'push-to-talk' },
  });
  if (receiver.channel?.readyState !== 'open')
    await receiver.channel?.stateChanged.watch((state) => state === 'open');
  const set = new Promise<void>((resolve) => {
    session.pipeline?.element('ears').on('notify::barge-in', () => resolve());
  });
  receiver.channel?.send('{"type":"barge-in","mode":"off"}');
  await set;
  t.match((await server.post(path, {})).body, { bargeIn: 'off' });
  t.match(await server.post(path, { bargeIn: 'maybe' }), {
    status: 400,
    body: { status: 400, title: 'Bad Request' },
  });
  t.match(await server.post(path, '{'), { status: 400, body: { detail: /JSON/ } });
  t.match(await server.post('/v1/sessions/nobody/ears', {}), {
    status: 404,
    body: { detail: 'There is no such session.' },
  });
  await close();
});

t.test(
  'a question that was heard is a trace from its first word to the answer, without a word of either',
  async (t) => {
    const { spans: all } = collector;
    const whole = () =>
      all.find(
        (one) => one.name === 'listen' && all.some((o) => o.trace === one.trace && o.name === 'speech'),
      );
    await collector.until(() => whole() !== undefined);
    const { trace, parent } = whole() ?? {};
    const spans = all.filter((span) => span.trace === trace);
    const root = spans.find(({ name }) => name === 'turn');
    t.match(root, { id: parent, parent: undefined, attributes: { 'talkgraph.from': 'voice' } });
    const named = Object.fromEntries(spans.map((span) => [span.name, span]));
    for (const part of ['listen', 'decide', 'asr', 'llm', 'tts', 'speech']) t.ok(named[part], part);
    const { listen, decide, asr, speech } = named;
    // A draft may be heard before it counts, on a busy machine.
    const inOrder = [root?.begin, listen?.end, decide?.end, asr?.end, speech?.end];
    t.same(
      inOrder,
      inOrder.toSorted((a = 0, b = 0) => a - b),
      'one after the other',
    );
    t.notMatch(collector.bodies.join(), /weather|sunny|sea is calm/);
  },
);
